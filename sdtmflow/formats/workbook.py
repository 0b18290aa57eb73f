"""Workbooks that people read, filter and print: what every sheet of ours has in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

import polars as pl

from sdtmflow.formats.sheet_rows import HIGHEST, LINE, RowsSheet, fitting

OPTIONS = {
    "constant_memory": True,
    # A subject's value such as "=HYPERLINK(…)" stays the text that it is.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
HEAD = {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "valign": "top"}
TEXT = {"text_wrap": True, "valign": "top"}
MAX_ROWS = 1_000_000
"""Rows on one sheet; Excel's own limit is 1,048,576."""
_TINTS = {
    "critical": "#FDE2DF",
    "major": "#FDEFC8",
    "minor": "#EEF1F5",
    "breaks": "#FDE2DF",
    "changes": "#FDEFC8",
    "heals": "#E4F3EA",
    "note": "#EEF1F5",
    "added": "#E4F3EA",
    "removed": "#FDE2DF",
}

Row = Sequence[str | int]
Columns = Sequence[tuple[str, int]]
"""The columns of a sheet: their heads, and their widths in characters."""


def long_sheet(
    book: Any,
    name: str,
    columns: Columns,
    rows: pl.LazyFrame,
    *,
    frozen: int = 0,
    most: int = MAX_ROWS,
) -> None:
    """Add one sheet, or as many of ``most`` rows as are needed: ``Findings``, ``Findings 2``.

    ``rows`` has one column for each of ``columns``, without nulls; a sheet's rows are in memory at
    a time.
    """
    heads, widths = zip(*columns, strict=True)
    count = rows.select(pl.len()).collect().item()
    for number, start in enumerate(range(0, max(count, 1), most), start=1):
        page = book.add_worksheet(name if number == 1 else f"{name} {number}", RowsSheet)
        text, tints = _begin(book, page, heads, widths, frozen)
        part = rows.slice(start, most).collect()
        page.append(part, widths, text, tints)
        page.autofilter(0, 0, part.height, len(heads) - 1)


def sheet(book: Any, name: str, columns: Columns, rows: Iterable[Row], *, frozen: int = 0) -> None:
    """Add a sheet of texts and whole numbers; a severity or change that begins a row is tinted."""
    page = book.add_worksheet(name)
    heads, widths = zip(*columns, strict=True)
    text, tints = _begin(book, page, heads, widths, frozen)
    last = 0
    for last, row in enumerate(rows, start=1):
        page.set_row(last, height(row, widths))
        for column, value in enumerate(row):
            _write(page, last, column, value, tints.get(str(value), text) if column < 2 else text)  # noqa: PLR2004
    page.autofilter(0, 0, last, len(heads) - 1)


def _begin(
    book: Any, page: Any, heads: Sequence[str], widths: Sequence[int], frozen: int
) -> tuple[Any, dict[str, Any]]:
    """The layout and the heads; the look of a text, and those of the words that are tinted."""
    lay_out(page, widths, frozen)
    head, text = book.add_format(HEAD), book.add_format(TEXT)
    for column, said in enumerate(heads):
        page.write_string(0, column, said, head)
    return text, {key: book.add_format(TEXT | {"bg_color": said}) for key, said in _TINTS.items()}


def lay_out(page: Any, widths: Sequence[int], frozen: int = 0) -> None:
    """Widths in characters; header and ``frozen`` columns stay; a print is one page wide."""
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.freeze_panes(1, frozen)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&L&A&R&P / &N")


def height(row: Iterable[str | int], widths: Sequence[int]) -> int:
    """Points that show all of the row's text: not every reader of .xlsx finds them by itself."""
    lines = max(map(_lines, row, widths), default=1)
    return min(lines * LINE, HIGHEST)


def _lines(value: str | int, width: int) -> int:
    return sum(max(1, ceil(len(part) / width)) for part in str(value).split("\n"))


def _write(page: Any, row: int, column: int, value: str | int, look: Any) -> None:
    if isinstance(value, int):
        page.write_number(row, column, value, look)
    else:
        page.write_string(row, column, fitting(value), look)
