"""Rows of a sheet made by column: another library reads exactly what was written."""

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from sdtmflow.formats.sheet_rows import MAX_TEXT, fitting
from sdtmflow.formats.workbook import OPTIONS, long_sheet

TEXTS = [
    "",
    " kept  as it is ",
    '=cmd|"/c calc"!A1',
    "a<b>&amp;\"'",
    "</t></is></c>",
    "line\nline",
    "tab\tµ – 漢 😀",
    "_x0041_ stays",
    "bell\x07 and \x0b",
    "x" * MAX_TEXT,
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "rows.xlsx"
    columns = [(f"C{n}", 10) for n in range(28)]
    rows = pl.DataFrame({"C0": "major", "C1": TEXTS, "C2": range(len(TEXTS))})
    rows = rows.with_columns(pl.lit(f"v{n}").alias(f"C{n}") for n in range(3, 28))
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        long_sheet(book, "Rows", columns, rows.lazy())
    return openpyxl.load_workbook(path)["Rows"]


def test_every_text_is_read_back(page):
    read = [row[1].value or "" for row in page.iter_rows(min_row=2)]
    expected = [text.replace("_x0041_", "_x005F_x0041_") for text in TEXTS]
    expected[8] = "bell_x0007_ and _x000B_"  # as the file has it: openpyxl does not undo it
    assert read == expected
    assert {row[1].data_type for row in page.iter_rows(min_row=3)} == {"s"}


def test_numbers_stay_numbers_and_columns_have_their_letters(page):
    assert [row[2].value for row in page.iter_rows(min_row=2)] == list(range(len(TEXTS)))
    assert page["Z2"].value == "v25"
    assert page["AB11"].value == "v27"
    assert page.auto_filter.ref == "A1:AB11"
    assert page.dimensions == "A1:AB11"


def test_a_word_that_has_a_colour_is_tinted_in_the_first_columns(page):
    assert page["A2"].fill.fgColor.rgb == "FFFDEFC8"
    assert page["C2"].fill.fill_type is None


def test_rows_are_as_high_as_their_texts(page):
    assert page.row_dimensions[7].height == 30
    assert page.row_dimensions[2].height == 15


@pytest.mark.parametrize(("text", "units"), [("é" * 40_000, MAX_TEXT), ("😀" * 20_000, MAX_TEXT)])
def test_a_text_is_cut_where_excel_counts(text, units):
    cut = fitting(text)
    assert cut.endswith("…")
    assert units - 1 <= len(cut.encode("utf-16-le")) // 2 <= units
