"""What changed since the last delivery, as the page and the workbook show it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from sdtmflow.finding import findings_frame
from sdtmflow.report import ChangeFacts, RunFacts, write_report

CHANGED = ChangeFacts(
    "01", "edc, central_lab", subjects_before=13, subjects_gone=1, forms_gone=("<pk>",),
    records_before=1890, records_changed=7, values_changed=9,
)  # fmt: skip
NOT_COMPARED = ChangeFacts("", "central_lab", reason="its last delivery cannot be read")


def written(out: Path, *changes: ChangeFacts) -> str:
    facts = RunFacts("T1", "A trial", "run-1", "2024-06-30", (), (), "passed", changes=changes)
    write_report(facts, findings_frame([]), out)
    return (out / "report.html").read_text(encoding="utf-8")


def test_the_page_says_it_by_site(tmp_path):
    page = written(tmp_path, CHANGED, NOT_COMPARED)
    assert "What changed since the last delivery" in page
    assert "&lt;pk&gt;" in page
    assert "Not compared: its last delivery cannot be read" in page


def test_the_workbook_has_a_sheet_of_it(tmp_path):
    written(tmp_path, CHANGED, NOT_COMPARED)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    head, first, second = book["Changes"].iter_rows(values_only=True)
    row = dict(zip(head, first, strict=True))
    assert (row["Site"], row["Subjects gone"], row["Forms gone"]) == ("01", 1, "<pk>")
    assert (row["Records before"], row["Values changed"]) == (1890, 9)
    assert second[1:3] == ("central_lab", "its last delivery cannot be read")


@pytest.mark.parametrize("words", ["What changed since", 'id="changes"'])
def test_a_first_run_has_no_such_section(tmp_path, words):
    assert words not in written(tmp_path)
    assert "Changes" not in openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames
