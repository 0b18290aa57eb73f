"""Excel workbooks (.xlsx): each sheet a table, every cell as text with respect for its type.

Dates are ISO 8601, whole numbers have no ``.0``, booleans are TRUE and FALSE as Excel shows them.
Dates that someone typed as text stay the text that was typed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

import openpyxl
import polars as pl

from sdtmflow.damage import refused_if_damaged
from sdtmflow.errors import DeliveryError
from sdtmflow.sources.excel_cells import cell_text
from sdtmflow.sources.header import unique_names
from sdtmflow.sources.raw import (
    FILE,
    MISSING,
    PLACE,
    ROW,
    DeliveredFile,
    FileRead,
    Item,
    Noted,
    Quarantined,
    RawBatch,
    RawColumn,
)
from sdtmflow.study import Source

BATCH = 10_000
"""Rows of one sheet that are held before they are given on."""
_LOOK_AHEAD = 20
"""Rows among which the header is looked for when none is declared."""
_TITLE_CELLS = 2
_CHUNK = 1 << 20
_TAG = 16
"""Bytes that no tag looked for is longer than."""


def read_excel(files: tuple[DeliveredFile, ...], source: Source) -> Iterator[Item]:
    """Every worksheet with data, hidden ones too. Raises DeliveryError."""
    for file in files:
        yield from _read_workbook(file, source)


def _read_workbook(file: DeliveredFile, source: Source) -> Iterator[Item]:
    counts = _Counts()
    with refused_if_damaged(_damaged(file)):
        marks = _marks(file)
        with ExitStack() as stack:
            values = _opened(file, stack, values=True)
            # A second look tells a formula that was never calculated from a blank cell.
            formulas = _opened(file, stack, values=False) if marks.formulas else None
            if marks.merged:
                note = "merged cells: only the first cell of each holds the value"
                yield Noted(file, "", note)
            for sheet in values.worksheets:
                if sheet.sheet_state != "visible":
                    yield Noted(file, sheet.title, "the sheet is hidden; it was read all the same")
                twin = formulas[sheet.title] if formulas is not None else None
                yield from _Sheet(file, sheet, twin, counts).items(source)
    yield FileRead(file, "Excel workbook", counts.records, counts.placed)


@dataclass(frozen=True, slots=True)
class _Marks:
    formulas: bool
    merged: bool


def _marks(file: DeliveredFile) -> _Marks:
    """What the sheets' XML mentions anywhere; openpyxl's streaming reader tells neither."""
    formulas = merged = False
    with zipfile.ZipFile(file.path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as stream:
                    for chunk in _overlapping(stream):
                        formulas = formulas or b"<f>" in chunk or b"<f " in chunk
                        merged = merged or b"<mergeCell " in chunk
    return _Marks(formulas, merged)


def _overlapping(stream: IO[bytes]) -> Iterator[bytes]:
    """Chunks that each begin with the end of the one before: no tag is cut in two."""
    end = b""
    while chunk := stream.read(_CHUNK):
        yield end + chunk
        end = chunk[-_TAG:]


def _opened(file: DeliveredFile, stack: ExitStack, *, values: bool) -> Any:
    stream = stack.enter_context(file.path.open("rb"))
    workbook = openpyxl.load_workbook(stream, read_only=True, data_only=values)
    stack.callback(workbook.close)
    return workbook


def _damaged(file: DeliveredFile) -> DeliveryError:
    return DeliveryError(
        "the workbook is cut off or damaged",
        place=file.name,
        remedy="open it in Excel, save it as .xlsx and send it again",
    )


@dataclass
class _Counts:
    records: int = 0
    placed: int = 0


@dataclass
class _Rows:
    """Rows of one sheet that wait to be given on."""

    cells: list[list[str | None]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    missing: list[str | None] = field(default_factory=list)


@dataclass
class _Sheet:
    """One worksheet; ``twin`` is the same one with formulas instead of their last results."""

    file: DeliveredFile
    sheet: Any
    twin: Any
    counts: _Counts

    def items(self, source: Source) -> Iterator[Item]:
        """The sheet's rows below its header."""
        rows = self._numbered_rows()
        head = list(islice(rows, max(_LOOK_AHEAD, source.header_row)))
        header = _header_index(head, source.header_row)
        if header is None:
            yield Noted(self.file, self.sheet.title, "the sheet is empty")
            return
        line, cells, _ = head[header]
        if header and source.header_row == 1:
            yield Noted(self.file, self.sheet.title, f"the header was found in row {line}")
        width = max(index for index, cell in enumerate(cells) if cell_text(cell)) + 1
        sent = [(cell_text(cell) or "").strip() for cell in cells[:width]]
        names, notes = unique_names(sent)
        yield from (Noted(self.file, self.sheet.title, note) for note in notes)
        yield from self._data(names, iter([*head[header + 1 :]]), rows)

    def _numbered_rows(self) -> Iterator[tuple[int, tuple[Any, ...], tuple[Any, ...]]]:
        """(row number in the sheet, cells, cells of the twin); the stated size is not trusted."""
        self.sheet.reset_dimensions()
        if self.twin is None:
            for number, row in enumerate(self.sheet.iter_rows(), start=1):
                yield number, row, ()
            return
        self.twin.reset_dimensions()
        pairs = zip(self.sheet.iter_rows(), self.twin.iter_rows(), strict=True)
        for number, (row, twin) in enumerate(pairs, start=1):
            yield number, row, twin

    def _data(self, names: tuple[str, ...], *parts: Iterator[Any]) -> Iterator[Item]:
        waiting = _Rows()
        number = 0
        yield self._batch(names, waiting)
        for part in parts:
            for line, cells, twin in part:
                texts = [cell_text(cell) for cell in cells]
                if not any(texts) and not _uncalculated(cells, twin):
                    continue
                number += 1
                self.counts.records += 1
                reason = _reason(texts, cells, twin, len(names))
                if reason:
                    place = f"{self.sheet.title}!{line}"
                    record = "\t".join(text or "" for text in texts)
                    yield Quarantined(self.file, number, place, reason, record)
                    continue
                self.counts.placed += 1
                padded = texts[: len(names)] + [None] * (len(names) - len(texts))
                waiting.cells.append(padded)
                waiting.numbers.append(number)
                waiting.lines.append(line)
                waiting.missing.append(_kinds_of_missing(names, cells))
                if len(waiting.numbers) >= BATCH:
                    yield self._batch(names, waiting)
                    waiting = _Rows()
        yield self._batch(names, waiting)

    def _batch(self, names: tuple[str, ...], rows: _Rows) -> RawBatch:
        title = self.sheet.title
        columns = zip(*rows.cells, strict=True) if rows.cells else [()] * len(names)
        data = {
            name: pl.Series(name, list(column), dtype=pl.String)
            for name, column in zip(names, columns, strict=True)
        }
        frame = pl.DataFrame(data).with_columns(
            pl.lit(self.file.sha256).alias(FILE),
            pl.Series(ROW, rows.numbers, dtype=pl.Int64),
            pl.Series(PLACE, [f"{title}!{line}" for line in rows.lines], dtype=pl.String),
            pl.Series(MISSING, rows.missing, dtype=pl.String),
        )
        return RawBatch(title, frame, tuple(RawColumn(name) for name in names))


def _header_index(head: list[tuple[int, Any, Any]], declared: int) -> int | None:
    """The declared row; else the first row that names as many columns as any near the top.

    Title rows fill a cell or two; above a table of two columns they cannot be told from a header.
    """
    filled = [sum(1 for cell in cells if cell.value not in {None, ""}) for _, cells, _ in head]
    if not any(filled):
        return None
    if declared > 1:
        return declared - 1 if declared <= len(head) and filled[declared - 1] else None
    wide = max(filled)
    enough = wide // 2 if wide > _TITLE_CELLS else 0
    return next(index for index, count in enumerate(filled) if count > enough)


def _reason(
    texts: list[str | None], cells: tuple[Any, ...], twin: tuple[Any, ...], width: int
) -> str:
    if any(texts[width:]):
        return f"a value stands right of the header's {width} columns"
    if _uncalculated(cells, twin):
        return "a formula has no calculated value; open the workbook in Excel and save it"
    return ""


def _uncalculated(cells: tuple[Any, ...], twin: tuple[Any, ...]) -> bool:
    """A cell without a value whose twin holds a formula."""
    return any(
        cell.value is None and other.data_type == "f"
        for cell, other in zip(cells, twin, strict=False)
    )


def _kinds_of_missing(names: tuple[str, ...], cells: tuple[Any, ...]) -> str | None:
    """Excel's error values (``#N/A``, ``#DIV/0!``) are missing, each in its way."""
    kinds = [
        f"{name}={cell.value}"
        for name, cell in zip(names, cells, strict=False)
        if cell.data_type == "e"
    ]
    return ";".join(kinds) or None
