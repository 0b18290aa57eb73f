"""Documents in define.xml: leaves, the lists that name them, pages in origins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sdtmflow.dataset import Document
from sdtmflow.formats.define import with_pages
from sdtmflow.package import write_package

SPACES = {
    "o": "http://www.cdisc.org/ns/odm/v1.3",
    "d": "http://www.cdisc.org/ns/def/v2.1",
    "x": "http://www.w3.org/1999/xlink",
}
CRF = Document("acrf", "acrf.pdf", "Annotated Case Report Form", annotated_crf=True)
GUIDE = Document("csdrg", "csdrg.pdf", "Clinical Study Data Reviewer's Guide")
PAGES = {
    ("DM", "SEX", ""): (3, 2, 3),
    ("DM", "ARMCD", ""): (9,),
    ("VS", "VSORRES", "SYSBP"): (5, 7),
}


@pytest.fixture
def define(assembled: Any, out: Path) -> etree._Element:
    datasets = with_pages(assembled.datasets, CRF, PAGES)
    write_package(assembled.study, datasets, assembled.data, out, (CRF, GUIDE))
    return etree.parse(next(out.rglob("define.xml"))).getroot()


def found(define: etree._Element, path: str) -> list[str]:
    return [str(one) for one in define.xpath(path, namespaces=SPACES)]


def pages(define: etree._Element, item: str) -> list[str]:
    return found(define, f"//o:ItemDef[@OID='{item}']//d:PDFPageRef/@PageRefs")


def test_the_crf_and_the_guide_are_named_and_lead_to_their_files(define: etree._Element) -> None:
    assert found(define, "//d:AnnotatedCRF/d:DocumentRef/@leafID") == ["LF.acrf"]
    assert found(define, "//d:SupplementalDoc/d:DocumentRef/@leafID") == ["LF.csdrg"]
    assert found(define, "//o:MetaDataVersion/d:leaf/@x:href") == ["acrf.pdf", "csdrg.pdf"]


def test_a_collected_value_names_its_pages_each_once_in_order(define: etree._Element) -> None:
    assert pages(define, "IT.DM.SEX") == ["2 3"]
    assert pages(define, "IT.VS.VSORRES.VSTESTCD.SYSBP") == ["5 7"]


def test_a_variable_has_the_pages_of_its_values(define: etree._Element) -> None:
    assert pages(define, "IT.VS.VSORRES") == ["5 7"]


def test_what_was_not_collected_has_no_page(define: etree._Element) -> None:
    assert pages(define, "IT.DM.ARMCD") == []
