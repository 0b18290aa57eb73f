"""index.xml, its checksum and the study tagging file, as the specifications have them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sdtmflow.package import write_backbone
from sdtmflow.package.sections import SECTIONS
from sdtmflow.study import Study
from tests.unit.package.conftest import STUDY

SDTM = "m5/datasets/demo-01/tabulations/sdtm"
XLINK = "{http://www.w3c.org/1999/xlink}href"
"""As ich-ectd-3-2.dtd has the namespace."""
SAID = {"INDIC": "Type 2 Diabetes (Adults)", "TCNTRL": "ACTIVE"}


def of(**changes: Any) -> Study:
    return Study.model_validate({**STUDY.model_dump(by_alias=True), **changes})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("dm.xpt", "split/lb1.xpt", "define.xml", "define.xsl", "acrf.pdf", "csdrg.pdf"):
        path = tmp_path / SDTM / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def index(root: Path) -> Any:
    return etree.parse(root / "index.xml").getroot()


def tagging(root: Path) -> Any:
    (path,) = root.rglob("stf-*.xml")
    return etree.parse(path).getroot()


def test_every_file_is_a_leaf_with_its_checksum_documents_first(root: Path) -> None:
    write_backbone(root, STUDY, {"DM": "Demographics", "LB": "Laboratory"}, SAID)
    leaves = list(index(root).iter("leaf"))
    assert [leaf.findtext("title") for leaf in leaves] == [
        "Data Definition (define.xml)",
        "Stylesheet of define.xml",
        "Clinical Study Data Reviewer's Guide",
        "Annotated Case Report Form",
        "DM, Demographics",
        "LB1, Laboratory",
        "A Study of Something & Nothing",
    ]
    for leaf in leaves:
        data = (root / leaf.get(XLINK)).read_bytes()
        assert leaf.get("checksum") == hashlib.md5(data).hexdigest()
        assert (leaf.get("checksum-type"), leaf.get("operation")) == ("md5", "new")
    assert len({leaf.get("ID") for leaf in leaves}) == len(leaves)
    data = (root / "index.xml").read_bytes()
    assert (root / "index-md5.txt").read_text() == hashlib.md5(data).hexdigest()


def test_the_tagging_file_names_each_document_with_its_tag(root: Path) -> None:
    write_backbone(root, STUDY, {}, SAID)
    document = tagging(root)
    assert [child.tag for child in document] == ["study-identifier", "study-document"]
    identifier = document[0]
    assert [child.tag for child in identifier] == ["title", "study-id", "category"]
    assert identifier.findtext("study-id") == "DEMO_01"
    tags = {
        content.get("{http://www.w3.org/1999/xlink}href").rpartition("#")[2]: (
            content[0].get("name"), content[0].get("info-type"),
        )
        for content in document.iter("doc-content")
    }  # fmt: skip
    definition = ("data-tabulation-data-definition", "us")
    assert tags == {
        "sdtm-define-xml": definition,
        "sdtm-define-xsl": definition,
        "sdtm-csdrg-pdf": ("study-data-reviewers-guide", "ich"),
        "sdtm-acrf-pdf": ("annotated-crf", "us"),
        "sdtm-dm-xpt": ("data-tabulation-dataset-sdtm", "us"),
        "sdtm-split-lb1-xpt": ("data-tabulation-dataset-sdtm", "us"),
    }


def test_references_of_the_tagging_file_lead_to_the_index(root: Path) -> None:
    write_backbone(root, STUDY, {}, SAID)
    (path,) = root.rglob("stf-*.xml")
    href = next(tagging(root).iter("doc-content")).get("{http://www.w3.org/1999/xlink}href")
    assert (path.parent / href.partition("#")[0]).resolve() == (root / "index.xml").resolve()
    assert path.relative_to(root).as_posix() == (
        "m5/53-clin-stud-rep/535-rep-effic-safety-stud/type-2-diabetes-adults/"
        "5351-stud-rep-contr/demo-01/stf-demo-01.xml"
    )


def test_the_summary_says_indication_and_control_where_the_study_does_not(root: Path) -> None:
    write_backbone(root, STUDY, {}, SAID)
    heading = index(root).find(".//m5-3-5-reports-of-efficacy-and-safety-studies")
    assert heading.get("indication") == "Type 2 Diabetes (Adults)"
    assert tagging(root).findtext(".//category") == "active-control-without-placebo"


def test_the_study_s_own_words_come_first(root: Path) -> None:
    submission = {"indication": "Hypertension", "control": "placebo"}
    write_backbone(root, of(submission=submission), {}, SAID)
    heading = index(root).find(".//m5-3-5-reports-of-efficacy-and-safety-studies")
    assert heading.get("indication") == "Hypertension"
    assert tagging(root).findtext(".//category") == "placebo"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_has_its_headings_and_folder(root: Path, section: str) -> None:
    write_backbone(root, of(submission={"section": section}), {}, SAID)
    leaf = next(index(root).iter("leaf"))
    numbers = section.replace(".", "-")
    assert leaf.getparent().tag.startswith(f"m{numbers}-")
    (path,) = root.rglob("stf-*.xml")
    assert path.parent.parent.name.startswith(section.replace(".", ""))
    assert len(path.relative_to(root).as_posix()) <= 180
    assert (tagging(root).find(".//category") is not None) == (section == "5.3.5.1")


def test_a_long_indication_keeps_paths_within_the_limit(root: Path) -> None:
    write_backbone(root, STUDY, {}, {"INDIC": "Very long indication " * 20})
    (path,) = root.rglob("stf-*.xml")
    assert len(path.relative_to(root).as_posix()) <= 180


def test_each_agency_gets_what_it_takes(root: Path) -> None:
    write_backbone(root, of(agency="NMPA"), {}, SAID)
    tags = [tag.get("name") for tag in tagging(root).iter("file-tag")]
    assert "study-data-reviewers-guide" not in tags
    for path in root.rglob("stf-*.xml"):
        path.unlink()
    write_backbone(root, of(agency="PMDA"), {}, SAID)
    assert not list(root.rglob("stf-*.xml"))
    assert len(list(index(root).iter("leaf"))) == 6


def test_the_same_files_give_the_same_bytes(root: Path) -> None:
    write_backbone(root, STUDY, {}, SAID)
    first = {path: path.read_bytes() for path in root.rglob("*.xml")}
    for path in root.rglob("stf-*.xml"):
        path.unlink()
    write_backbone(root, STUDY, {}, SAID)
    assert {path: path.read_bytes() for path in root.rglob("*.xml")} == first
