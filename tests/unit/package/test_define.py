"""define.xml: valid, complete, without loose ends, in the order that Define-XML asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sdtmflow.dataset import Codelist, Origin, Term
from sdtmflow.package import write_package

SCHEMA = (
    Path(__file__).parents[3].parent
    / "shared/reference/schemas/define-2.1/cdisc-define-2.1/define2-1-0.xsd"
)
ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
DEF = "{http://www.cdisc.org/ns/def/v2.1}"
HREF = "{http://www.w3.org/1999/xlink}href"

DEFINITIONS = {
    "ItemOID": f"{ODM}ItemDef",
    f"{DEF}ItemOID": f"{ODM}ItemDef",
    "CodeListOID": f"{ODM}CodeList",
    "MethodOID": f"{ODM}MethodDef",
    "ValueListOID": f"{DEF}ValueListDef",
    "WhereClauseOID": f"{DEF}WhereClauseDef",
    f"{DEF}CommentOID": f"{DEF}CommentDef",
    f"{DEF}StandardOID": f"{DEF}Standard",
}
"""Each referring attribute, and the element that must have that OID."""


@pytest.fixture
def folder(assembled: Any, out: Path) -> Path:
    write_package(assembled.study, assembled.datasets, assembled.data, out)
    return next(out.rglob("define.xml")).parent


@pytest.fixture
def define(folder: Path) -> etree._Element:
    return etree.parse(folder / "define.xml").getroot()


def attributes(define: etree._Element, tag: str, oid: str) -> dict[str, str]:
    (node,) = (node for node in define.iter(tag) if node.get("OID") == oid)
    return dict(node.attrib)


@pytest.mark.skipif(
    not SCHEMA.is_file(), reason="the Define-XML schema beside the project is absent"
)
def test_it_is_valid_against_the_schema(define: etree._Element) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    assert schema.validate(define), schema.error_log


def test_every_reference_resolves_and_nothing_is_an_orphan(define: etree._Element) -> None:
    for attribute, tag in DEFINITIONS.items():
        referred = {node.get(attribute) for node in define.iter() if node.get(attribute)}
        defined = [node.get("OID") for node in define.iter(tag)]
        assert len(defined) == len(set(defined)), tag
        assert referred <= set(defined), attribute
    for tag in set(DEFINITIONS.values()):
        referring = [attribute for attribute, target in DEFINITIONS.items() if target == tag]
        referred = {node.get(a) for a in referring for node in define.iter() if node.get(a)}
        assert {node.get("OID") for node in define.iter(tag)} == referred, tag


def test_every_leaf_exists_and_every_file_has_a_leaf(define: etree._Element, folder: Path) -> None:
    hrefs = sorted(str(leaf.get(HREF)) for leaf in define.iter(f"{DEF}leaf"))
    assert hrefs == sorted(path.name for path in folder.glob("*.xpt"))


def test_datasets_stand_by_class_and_items_in_order(define: etree._Element) -> None:
    groups = list(define.iter(f"{ODM}ItemGroupDef"))
    assert [group.get("Name") for group in groups] == ["TA", "DM", "VS", "SUPPDM"]
    for group in groups:
        numbers = [int(item.get("OrderNumber", 0)) for item in group.iterfind(f"{ODM}ItemRef")]
        assert numbers == list(range(1, len(numbers) + 1))
    keys = {
        item.get("ItemOID"): item.get("KeySequence")
        for item in groups[2].iterfind(f"{ODM}ItemRef")
        if item.get("KeySequence")
    }
    assert keys == {"IT.VS.STUDYID": "1", "IT.VS.USUBJID": "2", "IT.VS.VSTESTCD": "3"}


def test_a_dataset_without_records_says_so_and_why(define: etree._Element) -> None:
    group = attributes(define, f"{ODM}ItemGroupDef", "IG.SUPPDM")
    assert group[f"{DEF}HasNoData"] == "Yes"
    assert f"{DEF}ArchiveLocationID" not in group
    (comment,) = (c for c in define.iter(f"{DEF}CommentDef") if c.get("OID") == "COM.SUPPDM")
    assert "No records at the data cut-off" in "".join(comment.itertext())


def test_a_variable_without_values_says_so(define: etree._Element) -> None:
    empty = [
        ref.get("ItemOID") for ref in define.iter(f"{ODM}ItemRef") if ref.get(f"{DEF}HasNoData")
    ]
    assert empty == ["IT.DM.DTHFL", "IT.VS.VSREASND"]


@pytest.mark.parametrize(
    ("oid", "expected"),
    [
        ("IT.DM.SEX", {"DataType": "text", "Length": "1"}),
        ("IT.DM.AGE", {"DataType": "integer", "Length": "2"}),
        ("IT.VS.VSSTRESN", {"DataType": "float", "Length": "5", "SignificantDigits": "2"}),
        ("IT.VS.VISITNUM", {"DataType": "float", "Length": "3", "SignificantDigits": "1"}),
        ("IT.VS.VSDTC", {"DataType": "date"}),
        ("IT.DM.RFSTDTC", {"DataType": "partialDatetime"}),
        ("IT.VS.VSORRES.VSTESTCD.SYSBP", {"DataType": "integer", "Length": "3"}),
        (
            "IT.VS.VSORRES.VSTESTCD.TEMP",
            {"DataType": "float", "Length": "5", "SignificantDigits": "2"},
        ),
    ],
)
def test_types_and_lengths_are_what_the_data_need(
    define: etree._Element, oid: str, expected: dict[str, str]
) -> None:
    found = attributes(define, f"{ODM}ItemDef", oid)
    kept = {"DataType", "Length", "SignificantDigits"}
    assert {key: value for key, value in found.items() if key in kept} == expected


def test_codelists_carry_nci_codes_and_extensions(define: etree._Element) -> None:
    text = etree.tostring(define).decode()
    assert 'OID="CL.SEX" Name="Sex" DataType="text" def:StandardOID="STD.CT"' in text
    assert 'CodedValue="hands" OrderNumber="2" def:ExtendedValue="Yes"' in text
    assert 'OID="CL.ARMCD" Name="Arm Code" DataType="text" def:IsNonStandard="Yes"' in text
    assert '<ExternalCodeList Dictionary="ISO 3166" Version="2020"/>' in text
    assert 'Alias Context="nci:ExtCodeID" Name="C16576"' in text


def test_one_codelist_with_two_restrictions_becomes_two(define: etree._Element) -> None:
    units = [c for c in define.iter(f"{ODM}CodeList") if "VSRESU" in str(c.get("OID"))]
    assert [c.get("OID") for c in units] == ["CL.VSRESU", "CL.VSRESU.VS.VSORRESU.VSTESTCD.TEMP"]
    assert len({c.get("Name") for c in units}) == 2


def test_terms_are_written_as_the_data_are(assembled: Any, out: Path) -> None:
    dm, *others = assembled.datasets
    arms = Codelist("CL.ARMCD", "Arm Code", terms=(Term("5 µg"),))
    changed = tuple(replace(v, codelist=arms) if v.name == "ARMCD" else v for v in dm.variables)
    datasets = (replace(dm, variables=changed), *others)
    write_package(assembled.study, datasets, assembled.data, out)
    assert 'CodedValue="5 ug"' in next(out.rglob("define.xml")).read_text()


def test_derived_variables_have_methods_and_only_they(define: etree._Element) -> None:
    methods = {method.get("OID") for method in define.iter(f"{ODM}MethodDef")}
    assert {"MT.DM.USUBJID", "MT.DM.RFSTDTC", "MT.VS.VSSTRESN"} <= methods
    assert "MT.VS.VSDTC" not in methods
    formal = [node.text for node in define.iter(f"{ODM}FormalExpression")]
    assert "number: VSSTRESC" in formal


def test_the_page_shows_everything_and_every_link_has_its_anchor(folder: Path) -> None:
    page = etree.HTML((folder / "define.html").read_bytes())
    text = " ".join(page.itertext())
    for shown in (
        "A Study of Something & Nothing",
        "SDTMIG",
        "CDISC/NCI SDTM",
        "2025-03-28",
        "One record per test per visit per subject",
        "value level, 2 definitions",
        "Screen failures have none.",
        "First EX.EXSTDTC",
        "Placebo",
        "C16576",
        "extended",
    ):
        assert shown in text
    anchors = {str(node.get("id")) for node in page.iter() if node.get("id")}
    targets = [str(link.get("href")) for link in page.iter("a")]
    assert {target[1:] for target in targets if target.startswith("#")} <= anchors
    assert {target for target in targets if not target.startswith("#")} == {
        "dm.xpt",
        "ta.xpt",
        "vs.xpt",
    }


def test_a_variable_without_values_says_why(define: etree._Element) -> None:
    empty = attributes(define, f"{ODM}ItemDef", "IT.DM.DTHFL")
    assert empty[f"{DEF}CommentOID"] == "COM.NO_VALUES"
    assert define.xpath("string(//*[@OID='COM.NO_VALUES'])").strip() == (
        "No values at the data cut-off."
    )


def test_a_derived_value_has_a_method_of_its_own_or_its_variable_s(
    assembled: Any, out: Path
) -> None:
    dm, vs, supp, ta = assembled.datasets
    derived = Origin("Derived", "Sponsor")
    *ids, qval = supp.variables
    (level,) = qval.value_level
    own = replace(level, origin=derived, method="After the first dose.", expression="flag: AESTDTC")
    supp = replace(supp, variables=(*ids, replace(qval, value_level=(own,))))
    write_package(assembled.study, (dm, vs, supp, ta), assembled.data, out)
    define = etree.parse(next(out.rglob("define.xml"))).getroot()
    (ref,) = define.xpath("//*[@ItemOID='IT.SUPPDM.QVAL.QNAM.RACE1']")
    method = attributes(define, f"{ODM}MethodDef", ref.get("MethodOID"))
    assert method["Name"] == "Algorithm to derive SUPPDM.QVAL where QNAM is RACE1"
