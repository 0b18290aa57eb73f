"""The report on a package: sorted by what becomes of it, complete, and silent on values."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from lxml import etree

from sdtmflow.appraisal import AGREEMENTS, Appraisal, appraise, as_json_text, write_html
from sdtmflow.gate import Weight
from tests.unit.gate.box import SDTM, Box
from tests.unit.gate.conftest import box, box_of, clean_packages

__all__ = ["box", "clean_packages"]  # fixtures of the gate's tests

EVERYTHING = dict.fromkeys(AGREEMENTS, 0)


def rules(appraisal: Appraisal, weight: Weight) -> list[str]:
    return [issue.rule for issue in appraisal.of(weight)]


def test_the_clean_package_is_rejected_by_nobody_and_agrees_with_itself(box: Box) -> None:
    appraisal = appraise(box.root)
    assert appraisal.verdict.passed
    assert rules(appraisal, Weight.REJECTS) == []
    assert len(appraisal.shelves) == 15
    differing = {one.name for one in appraisal.shelves if one.agreement != EVERYTHING}
    assert differing == set()
    shelf = next(one for one in appraisal.shelves if one.name == "VS")
    assert (shelf.records, shelf.keys, shelf.label) == (
        40, ("STUDYID", "USUBJID", "VSSEQ"), "Dataset VS",
    )  # fmt: skip


def test_what_differs_is_counted_where_it_differs(box: Box) -> None:
    box.patch("te", b"The Testrl", b"The Tester")
    box.table("lb", lambda table: table.drop("LBORRES"))
    box.table("dm", lambda table: table.rows.append(table.rows[0]))
    found = {one.name: one.agreement for one in appraise(box.root).shelves}
    assert found["TE"] == EVERYTHING | {"labels": 1}
    assert found["LB"] == EVERYTHING | {"variables": 1}
    assert found["DM"] == EVERYTHING | {"keys": 1}


def test_a_dataset_that_cannot_be_compared_says_why(box: Box) -> None:
    (box.sdtm / "ae.xpt").unlink()
    box.bytes("te", lambda data: data[:500])
    box.undescribe("VS")
    trouble = {one.name: one.trouble for one in appraise(box.root).shelves if one.trouble}
    assert trouble == {
        "AE": "not in the package",
        "TE": "no NAMESTR header in record 8",
        "VS": "not described in define.xml",
    }


def test_what_the_gate_tells_is_not_told_again_by_the_linter(box: Box) -> None:
    (box.sdtm / "define.xsl").unlink()
    (box.sdtm / "acrf.pdf").unlink()
    (box.sdtm / "lb.xpt").unlink()
    box.seal()
    appraisal = appraise(box.root)
    assert rules(appraisal, Weight.REJECTS) == ["DF03", "DF04", "DF07"]
    assert not {"DD1802", "DD1804", "DD1901"} & {issue.rule for issue in appraisal.issues}


def test_the_gravest_stands_first(box: Box) -> None:
    box.table("lb", lambda table: table.put("STUDYID", [b"GATE_01", b""]))
    (box.root / "notes").mkdir()
    weights = [issue.weight for issue in appraise(box.root).issues]
    assert weights == sorted(weights, key=list(Weight).index)
    assert weights[0] is Weight.REJECTS
    assert weights[-1] is Weight.NOTED


@pytest.fixture
def secret(clean_packages: dict[str, Path], tmp_path: Path) -> Path:
    """A package whose codelists and data differ in a value that nobody may read."""
    box = box_of(clean_packages, "FDA", tmp_path)
    codelist = (
        '<CodeList OID="CL.SEX" Name="Sex" DataType="text" def:IsNonStandard="Yes">'
        '<EnumeratedItem CodedValue="U"/></CodeList>'
    )
    box.edit(box.define, '(?=<def:leaf ID="LF.acrf")', codelist)
    item = r'(?<=<ItemDef OID="IT.DM.SEX")(.*?)(?=</ItemDef>)'
    found = re.search(item, box.define.read_text(), re.DOTALL)
    assert found
    box.edit(box.define, item, f'{found[1]}<CodeListRef CodeListOID="CL.SEX"/>')
    box.table("dm", lambda table: table.put("SEX", [b"X-SECRET", b"M"]))
    return box.root


def test_no_value_of_the_data_is_told(secret: Path, tmp_path: Path) -> None:
    appraisal = appraise(secret)
    assert "DD1916" in {issue.rule for issue in appraisal.issues}
    write_html(appraisal, tmp_path / "check.html")
    assert "SECRET" not in as_json_text(appraisal)
    assert "SECRET" not in (tmp_path / "check.html").read_text()


def test_the_page_holds_every_rule_and_dataset_and_nothing_from_outside(
    box: Box, tmp_path: Path
) -> None:
    box.table("lb", lambda table: table.put("STUDYID", [b"GATE_01", b""]))
    appraisal = appraise(box.root)
    write_html(appraisal, tmp_path / "check.html")
    text = (tmp_path / "check.html").read_text()
    page = etree.HTML(text.encode())
    told = {one.text for one in page.iterfind(".//table[@class='plain issues']//th/span")}
    assert told == {issue.rule for issue in appraisal.issues}
    shown = {one.text for one in page.iterfind(".//table[@class='plain shelves']/tbody/tr/th")}
    assert shown == {one.name for one in appraisal.shelves}
    assert "http" not in text.replace("http://www.w3.org", "")


def test_json_has_the_gate_the_datasets_and_the_issues(box: Box) -> None:
    told = json.loads(as_json_text(appraise(box.root)))
    assert (told["passed"], told["define"], len(told["shelves"])) == (True, "2.1", 15)
    assert [one["id"] for one in told["criteria"]] == ["1789", "1734", "1735", "1736"]


def test_a_folder_without_a_define_is_appraised_by_what_is_there(box: Box, tmp_path: Path) -> None:
    folder = shutil.copytree(box.root / SDTM, tmp_path / "flat")
    (folder / "define.xml").unlink()
    appraisal = appraise(folder)
    assert appraisal.edition == ""
    assert {one.trouble for one in appraisal.shelves} == {"not described in define.xml"}
    assert rules(appraisal, Weight.REJECTS) == ["1736"]
