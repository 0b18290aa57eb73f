"""A reviewed workbook → what reviewers changed in it, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from sdtmflow.damage import refused_if_damaged
from sdtmflow.errors import StudyError
from sdtmflow.review.exporting import EXPORTED
from sdtmflow.review.sheets import NOTE, SHEETS, STATUS, Row, Sheet, key_of


@dataclass(frozen=True, slots=True)
class Change:
    """A row that differs from what was exported: ``after`` is None where it was deleted."""

    sheet: Sheet
    number: int
    """The row's number in Excel; 0 for a deleted one."""
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """The row, as far as it is there."""
        return self.after or self.before or {}

    def changed(self) -> list[str]:
        """The columns whose text is another one."""
        before, after = self.before or {}, self.after or {}
        return [name for name in self.sheet.columns if before.get(name, "") != after.get(name, "")]

    def place(self, column: str = "") -> str:
        """``Variables, row 7, column Line``."""
        where = f"row {self.number}" if self.number else f"the row {' '.join(self._key())}"
        return f"{self.sheet.name}, {where}" + (f", column {column}" if column else "")

    def _key(self) -> list[str]:
        return [part for part in key_of(self.sheet, self.row) if part]


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reviewer says of a row."""

    row: Row
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class Review:
    """A workbook as it came back."""

    changes: tuple[Change, ...]
    remarks: tuple[Remark, ...]


def read_review(path: Path) -> Review:
    """Raises StudyError for a file that is no workbook of `sdtmflow spec export`."""
    alien = StudyError(
        "this is no workbook that sdtmflow exported",
        place=path.name,
        remedy="give the reviewed file of `sdtmflow spec export`, as .xlsx",
    )
    if not path.is_file():
        raise StudyError("the file is missing", place=str(path), remedy="correct the name")
    with refused_if_damaged(alien):
        book = openpyxl.load_workbook(path, data_only=True)
    if EXPORTED not in book.sheetnames:
        raise alien
    exported = _exported(book[EXPORTED])
    changes: list[Change] = []
    remarks: list[Remark] = []
    for sheet in SHEETS:
        if sheet.name not in book.sheetnames:
            raise StudyError(
                f"the sheet {sheet.name} is gone", place=path.name, remedy="export again"
            )
        rows = list(_rows(book[sheet.name], sheet, path))
        changes += _changes(sheet, rows, exported.get(sheet.name, []))
        remarks += [Remark(row, row.get(STATUS, ""), row.get(NOTE, "")) for _, row in rows]
    said = [each for each in remarks if each.note or each.status not in {"", "open"}]
    return Review(tuple(changes), tuple(said))


def _exported(page: Any) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for name, text in page.iter_rows(max_col=2, values_only=True):
        found.setdefault(str(name), []).append(json.loads(text))
    return found


def _rows(page: Any, sheet: Sheet, path: Path) -> Iterator[tuple[int, Row]]:
    """Number and cells of each row that is not blank, whatever the order of the columns."""
    lines = page.iter_rows(values_only=True)
    heads = [_text(head) for head in next(lines, ())]
    missing = [name for name in sheet.columns if name not in heads]
    if missing:
        raise StudyError(
            f"the sheet {sheet.name} has no column '{missing[0]}'",
            place=path.name,
            remedy="export again, and leave the headers as they are",
        )
    for number, cells in enumerate(lines, start=2):
        row = {head: _text(cell) for head, cell in zip(heads, cells, strict=False) if head}
        if any(row.values()):
            yield number, row


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\r\n", "\n").replace("_x000D_", "").strip()


def _changes(sheet: Sheet, rows: list[tuple[int, Row]], exported: list[Row]) -> Iterator[Change]:
    before = {key_of(sheet, row): row for row in exported}
    for number, row in rows:
        old = before.pop(key_of(sheet, row), None)
        change = Change(sheet, number, _plain(old), row)
        if old is None or set(change.changed()) - {STATUS, NOTE}:
            yield change
    for row in before.values():
        yield Change(sheet, 0, row, None)


def _plain(row: Mapping[str, str] | None) -> Row | None:
    return None if row is None else {name: text.strip() for name, text in row.items()}
