"""define.html: everything is reachable, both editions are shown, a browser unfolds values."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sdtmflow.dataset import Document
from sdtmflow.formats.define import with_pages, write_page
from sdtmflow.package import write_package

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
INPUTS = Path(__file__).parents[3].parent / "shared/reference/inputs/submission"
PUBLISHED = [
    "define/defineV21-SDTM.xml",
    "define/defineV21-ADaM.xml",
    "datasetjson/define.xml",
]
CRF = Document("acrf", "acrf.pdf", "Annotated CRF", annotated_crf=True)
FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"


@pytest.fixture
def folder(assembled: Any, out: Path) -> Path:
    datasets = with_pages(assembled.datasets, CRF, {("DM", "SEX", ""): [2, 7]})
    write_package(assembled.study, datasets, assembled.data, out, (CRF,))
    return next(out.rglob("define.xml")).parent


def page_of(define: Path, page: Path) -> etree._Element:
    write_page(define, page)
    return etree.HTML(page.read_bytes())


def loose_links(page: etree._Element) -> set[str]:
    """Links inside the page that lead nowhere."""
    anchors = [str(one) for one in page.xpath("//@id")]
    assert len(anchors) == len(set(anchors))
    return {str(one)[1:] for one in page.xpath("//a/@href[starts-with(., '#')]")} - set(anchors)


def words(page: etree._Element, path: str) -> str:
    return " ".join(" ".join(page.xpath(f"{path}//text()")).split())


def test_pages_of_the_crf_are_links_into_the_document(folder: Path) -> None:
    page = page_of(folder / "define.xml", folder / "page.html")
    assert page.xpath("//tr[@id='IG.DM.IT.DM.SEX']//a/@href") == [
        "#CL.SEX",
        "acrf.pdf",
        "acrf.pdf#page=2",
        "acrf.pdf#page=7",
    ]
    assert page.xpath("//nav//a[@href='acrf.pdf']")


def test_value_level_is_folded_below_its_variable(folder: Path) -> None:
    page = page_of(folder / "define.xml", folder / "page.html")
    (level,) = page.xpath("//details[@id='VLM.IG.VS.IT.VS.VSORRES']")
    assert level.get("open") is None
    assert words(level, "./summary") == "VSORRES: value level, 2 definitions"
    assert words(level, ".//tbody/tr[2]/td[1]") == "VSTESTCD = TEMP"
    assert page.xpath("//nav//a[@href='#VLM.IG.VS.IT.VS.VSORRES']")


def test_methods_and_comments_lead_to_what_they_are_of(folder: Path) -> None:
    page = page_of(folder / "define.xml", folder / "page.html")
    assert page.xpath("//tr[@id='MT.DM.USUBJID']//a/@href") == ["#IG.DM.IT.DM.USUBJID"]
    assert page.xpath("//tr[@id='COM.DM.RFSTDTC']//a/@href") == ["#IG.DM.IT.DM.RFSTDTC"]


def test_define_xml_2_0_is_shown_as_well(folder: Path) -> None:
    text = (folder / "define.xml").read_text(encoding="utf-8")
    text = text.replace("/def/v2.1", "/def/v2.0")
    text = re.sub(r"<def:Standards>.*</def:Standards>", "", text, flags=re.DOTALL)
    text = text.replace(
        " def:DefineVersion=",
        ' def:StandardName="SDTM-IG" def:StandardVersion="3.2" def:DefineVersion=',
    )
    text = re.sub(r"<def:Class Name=[^>]*/>", "", text)
    text = text.replace("<ItemGroupDef ", '<ItemGroupDef def:Class="EVENTS" ')
    (folder / "old.xml").write_text(text, encoding="utf-8")
    page = page_of(folder / "old.xml", folder / "old.html")
    assert words(page, "//section[@id='standards']//tbody").startswith("SDTM-IG")
    assert words(page, "//section[@id='datasets']//tbody/tr[1]/td[2]") == "EVENTS"
    assert words(page, "//tr[@id='IG.DM.IT.DM.SEX']/td[7]").startswith("Collected")
    assert not loose_links(page)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_files_are_shown_whole_and_every_link_leads_somewhere(
    name: str, tmp_path: Path
) -> None:
    if not (INPUTS / name).is_file():
        pytest.skip(f"NOT SHOWN: the published define.xml is absent ({INPUTS / name})")
    page = page_of(INPUTS / name, tmp_path / "page.html")
    define = etree.parse(INPUTS / name)
    groups = define.findall(".//{*}ItemGroupDef")
    assert len(page.xpath("//table[@class='variables']")) == len(groups)
    assert len(page.xpath("//table[@class='variables']/tbody/tr[not(@class='level')]")) == sum(
        len(group.findall("{*}ItemRef")) for group in groups
    )
    assert len(page.xpath("//section[@id='methods']//tbody/tr")) == len(
        define.findall(".//{*}MethodDef")
    )
    assert not loose_links(page)


@pytest.mark.skipif(
    not CHROMIUM, reason="NO BROWSER: the page is not opened (apt-get install chromium)"
)
def test_a_browser_unfolds_the_value_level_that_a_link_names(folder: Path, tmp_path: Path) -> None:
    page = page_of(folder / "define.xml", folder / "page.html")
    assert page is not None
    address = f"{(folder / 'page.html').as_uri()}#VLM.IG.VS.IT.VS.VSORRES"
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS.split(), f"--user-data-dir={tmp_path / 'profile'}",
         "--virtual-time-budget=2000", "--dump-dom", address],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    shown = etree.HTML(done.stdout)
    opened = shown.xpath("//tr[@class='level']//details[@open]/@id")
    assert opened == ["VLM.IG.VS.IT.VS.VSORRES"]
    assert shown.xpath("//p[@class='tools']/@hidden") == [], "the buttons are offered"
