"""A site's query list as a workbook, in which only the answers can be written, and as CSV."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from sdtmflow.formats.workbook import HEAD, OPTIONS, TEXT, height, lay_out
from sdtmflow.queries.asking import Query
from sdtmflow.queries.columns import ANSWER, COLUMNS

_ANSWER = TEXT | {"bg_color": "#FFF8DC", "border": 1, "border_color": "#C9B458", "locked": False}
_BELOW = {
    "select_locked_cells": True,
    "sort": True,
    "autofilter": True,
    "format_columns": True,
    "format_rows": True,
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_GUIDE = (
    "Each row of the sheet Queries is one question about one record.",
    "Please write what you found, or what you have corrected, into the yellow column Answer.",
    "Correct the data in your system as well: the next delivery closes what it settles by itself.",
    "Leave the columns Query and Finding as they are: they say what the answer belongs to.",
    "Send this file back, or the CSV file that came with it. Rows without an answer stay open.",
)


def write_list(
    study: str, site: str, queries: Sequence[Query], folder: Path, today: dt.date
) -> tuple[Path, Path]:
    """Write ``<study>-<site>-queries-<date>.xlsx`` and ``.csv`` below ``folder``; return both.

    Files that are there stay: the site may have answered in them.
    """
    stem = _free(folder, f"{study}-{site}-queries-{today.isoformat()}")
    workbook, text = folder / f"{stem}.xlsx", folder / f"{stem}.csv"
    _write_workbook(study, site, queries, workbook, today)
    _write_csv(queries, text)
    return workbook, text


def _free(folder: Path, stem: str) -> str:
    name, number = stem, 1
    while any((folder / f"{name}{end}").exists() for end in (".xlsx", ".csv")):
        number += 1
        name = f"{stem}-{number}"
    return name


def _write_workbook(
    study: str, site: str, queries: Sequence[Query], path: Path, today: dt.date
) -> None:
    widths = [width for _, width, _ in COLUMNS]
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        created = dt.datetime.combine(today, dt.time())
        book.set_properties({"title": f"{study}, site {site}: queries", "created": created})
        page = book.add_worksheet("Queries")
        lay_out(page, widths, frozen=1)
        looks = _looks(book)
        for column, (head, _, _) in enumerate(COLUMNS):
            page.write_string(0, column, head, looks["head"])
        for number, query in enumerate(queries, start=1):
            cells = [value(query) for _, _, value in COLUMNS]
            page.set_row(number, height(cells, widths))
            _write_row(page, number, cells, looks)
        page.autofilter(0, 0, len(queries), len(COLUMNS) - 1)
        page.protect("", _BELOW)
        guide = book.add_worksheet("How to answer")
        lay_out(guide, [100])
        guide.write_string(0, 0, f"{study}, site {site}", looks["head"])
        for number, line in enumerate(_GUIDE, start=1):
            guide.write_string(number, 0, line, looks["text"])


def _looks(book: Any) -> dict[str, Any]:
    return {
        "head": book.add_format(HEAD),
        "text": book.add_format(TEXT),
        "answer": book.add_format(_ANSWER),
    }


def _write_row(page: Any, number: int, cells: Sequence[str | int], looks: dict[str, Any]) -> None:
    for column, ((head, _, _), value) in enumerate(zip(COLUMNS, cells, strict=True)):
        look = looks["answer" if head == ANSWER else "text"]
        if isinstance(value, int):
            page.write_number(number, column, value, look)
        elif value:
            page.write_string(number, column, value, look)
        else:
            page.write_blank(number, column, None, look)


def _write_csv(queries: Sequence[Query], path: Path) -> None:
    """UTF-8 with its mark, so that Excel reads it as such."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([head for head, _, _ in COLUMNS])
        writer.writerows([_harmless(value(query)) for _, _, value in COLUMNS] for query in queries)


def _harmless(value: str | int) -> str:
    """A text that a spreadsheet would run as a formula begins with an apostrophe."""
    text = str(value)
    if text.startswith(_FORMULA) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdecimal()
