"""Workbooks: a header that stays, filters, all text to be seen, a print one page wide."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from sdtmflow.formats.workbook import MAX_TEXT, OPTIONS, height, sheet

ROWS = [("critical", "short", 1), ("minor", "=1+1 " + "long " * 20, 2), ("x", "y" * 40_000, 3)]


@pytest.fixture
def page(tmp_path: Path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        sheet(book, "Rows", ("Severity", "Text", "Number"), (10, 20, 8), ROWS)
    return openpyxl.load_workbook(path)["Rows"]


def test_header_stays_and_filters(page):
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:C4"
    assert page.print_title_rows == "$1:$1"
    assert page.page_setup.orientation == "landscape"
    assert page.sheet_properties.pageSetUpPr.fitToPage


def test_every_text_is_the_text(page):
    assert page["B3"].value == ROWS[1][1]
    assert page["B3"].data_type == "s"
    assert page["C3"].value == 2
    assert len(page["B4"].value) == MAX_TEXT
    assert page["B4"].value.endswith("…")


def test_rows_are_as_high_as_their_text(page):
    assert page.row_dimensions[3].height == 15 * 6
    assert page.row_dimensions[4].height == pytest.approx(409, abs=1)


@pytest.mark.parametrize(
    ("row", "points"),
    [((), 15), (("", ""), 15), (("one\ntwo", ""), 30), (("x" * 21, "y"), 45), ((12, 345), 15)],
)
def test_height(row, points):
    assert height(row, (10, 20)) == points


def test_severities_are_tinted(page):
    assert page["A2"].fill.fgColor.rgb == "FFFDE2DF"
    assert page["C2"].fill.fill_type is None
