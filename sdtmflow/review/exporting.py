"""The study's specs → a workbook; beside what reviewers see it holds what was exported."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import xlsxwriter

from sdtmflow.formats.workbook import HEAD, OPTIONS, TEXT, height, lay_out
from sdtmflow.mapping import load_plan
from sdtmflow.review.rows import rows_of
from sdtmflow.review.sheets import SHEETS, STATUS, STATUSES, VARIABLES, Row, Sheet
from sdtmflow.study import StudyFolder

EXPORTED = "Exported"
"""The hidden sheet: sheet and row as exported, by which an import knows what was changed."""
_EDITED_HEAD = HEAD | {"bg_color": "#2E7D32"}
_STUDY = TEXT | {"bg_color": "#EAF3FB"}
_EDITED = TEXT | {"bg_color": "#F3FAF3"}
_DATE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 — the file's date is no fact: same specs, same bytes


def export_specs(folder: StudyFolder, path: Path) -> dict[str, int]:
    """Write the workbook; gives sheet → rows. Raises StudyErrors where the specs have mistakes."""
    rows = rows_of(load_plan(folder))
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties({"title": f"{folder.study.study}: mapping specs", "created": _DATE})
        formats = {
            name: book.add_format(said)
            for name, said in (
                ("head", HEAD), ("edited head", _EDITED_HEAD), ("text", TEXT),
                ("study", _STUDY), ("edited", _EDITED),
            )
        }  # fmt: skip
        for sheet in SHEETS:
            _write(book.add_worksheet(sheet.name), sheet, rows[sheet.name], formats)
        _remember(book.add_worksheet(EXPORTED), rows)
    return {name: len(found) for name, found in rows.items()}


def _write(page: Any, sheet: Sheet, rows: list[Row], formats: dict[str, Any]) -> None:
    """A sheet with frozen names and header, filters, and the columns to edit in green."""
    columns = list(sheet.columns)
    frozen = columns.index("Variable") + 1 if "Variable" in columns else 1
    widths = list(sheet.columns.values())
    lay_out(page, widths, frozen)
    for at, name in enumerate(columns):
        head = "edited head" if name in sheet.edited or name.startswith("Review") else "head"
        page.write_string(0, at, name, formats[head])
    for number, row in enumerate(rows, start=1):
        page.set_row(number, height((row.get(name, "") for name in columns), widths))
        for at, name in enumerate(columns):
            plain = "study" if row.get("From") == "study" else "text"
            look = "edited" if name in sheet.edited and plain == "text" else plain
            page.write_string(number, at, row.get(name, ""), formats[look])
    page.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    if sheet.reviewed:
        at = columns.index(STATUS)
        page.data_validation(
            1, at, len(rows) + 1000, at, {"validate": "list", "source": list(STATUSES)}
        )
    if sheet is VARIABLES:
        page.activate()


def _remember(page: Any, rows: dict[str, list[Row]]) -> None:
    page.very_hidden()
    number = 0
    for name, found in rows.items():
        for row in found:
            page.write_string(number, 0, name)
            page.write_string(number, 1, json.dumps(row, ensure_ascii=False))
            number += 1
