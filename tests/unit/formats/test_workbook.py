"""Workbooks: a header that stays, filters, all text to be seen, a print one page wide."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from sdtmflow.formats.sheet_rows import MAX_TEXT
from sdtmflow.formats.workbook import OPTIONS, height, long_sheet, sheet

ROWS = [("critical", "short", 1), ("minor", "=1+1 " + "long " * 20, 2), ("x", "y" * 40_000, 3)]


@pytest.fixture
def page(tmp_path: Path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        sheet(book, "Rows", (("Severity", 10), ("Text", 20), ("Number", 8)), ROWS)
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


@pytest.mark.parametrize(
    ("rows", "sheets"), [(0, ["All"]), (3, ["All"]), (7, ["All", "All 2", "All 3"])]
)
def test_more_rows_than_a_sheet_takes_go_on_the_next(tmp_path, rows, sheets):
    path = tmp_path / "long.xlsx"
    table = pl.LazyFrame({"name": [f"n{row}" for row in range(rows)]}, schema={"name": pl.String})
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        long_sheet(book, "All", (("Name", 10),), table, most=3)
    pages = openpyxl.load_workbook(path)
    assert pages.sheetnames == sheets
    found = [row[0] for page in pages for row in page.iter_rows(min_row=2, values_only=True)]
    assert [name for name in found if name] == table.collect()["name"].to_list()
    assert {page["A1"].value for page in pages} == {"Name"}
