"""Delimited text: one table a file, named by the file's stem."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.layout import Layout, layout_of
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

BLOCK = 8 << 20
"""Bytes of text in one batch."""


def read_delimited(files: tuple[DeliveredFile, ...], source: Source) -> Iterator[Item]:
    """Each file as one table of text columns; ragged rows are quarantined with the reason."""
    for file in files:
        yield from read_text_table(file, source, PurePosixPath(file.name).stem)


def read_text_table(file: DeliveredFile, source: Source, table: str) -> Iterator[Item]:
    """The rows of one delimited file as batches of ``table``."""
    layout = layout_of(file, source)
    yield from (Noted(file, "", note) for note in layout.notes)
    columns = tuple(RawColumn(name) for name in layout.names)
    reading = _Reading(file, layout)
    schema = dict.fromkeys((*layout.names, FILE, PLACE, MISSING), pl.String()) | {ROW: pl.Int64()}
    yield RawBatch(table, pl.DataFrame(schema=schema), columns)  # known even without a record
    for rows in reading.batches():
        yield RawBatch(table, rows, columns)
    if (mended := reading.mended()).height:
        yield RawBatch(table, mended, columns)
    yield from reading.quarantined()
    yield reading.summary()


@dataclass
class _Reading:
    """One pass over a file; ``number`` counts records from 1, ragged and blank ones included."""

    file: DeliveredFile
    layout: Layout
    ragged: list[tuple[int, str, int]] = field(default_factory=list)
    """Record number, its text, its fields."""
    line_breaks: list[tuple[int, int]] = field(default_factory=list)
    """Record number, line breaks inside its cells."""
    good: int = 0
    blank: int = 0
    """Good rows without a single value."""
    surplus: set[int] = field(default_factory=set)
    """Record numbers of the ragged rows that could be mended."""
    last: tuple[int, bool] = (0, False)
    """The last good record's number, and whether it spans several lines."""

    def batches(self) -> Iterator[pl.DataFrame]:
        """Rows in file order with provenance; rows without a single value are left out."""
        stream = self._open()
        while (batch := self._next(stream)) is not None:
            rows = pl.DataFrame(pl.from_arrow(batch))
            placed = self._with_provenance(rows)
            kept = placed.filter(pl.any_horizontal(pl.col(rows.columns).is_not_null()))
            self.blank += placed.height - kept.height
            yield kept
        self._require_closed_quotes()
        self._require_whole_last_row()

    def _open(self) -> Any:
        names = list(self.layout.names)
        encoding = "utf8" if self.layout.encoding == "utf-8-sig" else self.layout.encoding
        try:
            return pc.open_csv(
                self.file.path,
                read_options=pc.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK,
                    column_names=names,
                    skip_rows=self.layout.header_end,
                    encoding=encoding,
                ),
                parse_options=pc.ParseOptions(
                    delimiter=self.layout.separator,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=self._ragged,
                ),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.large_string()),
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                    null_values=[""],
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error) or "Could not skip initial" in str(error):
                return iter(())
            raise self._unreadable() from None

    def _next(self, stream: Any) -> pa.RecordBatch | None:
        try:
            return next(stream, None)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            # Arrow's own message may quote the row, and with it a subject's data.
            raise self._unreadable() from None

    def _unreadable(self) -> DeliveryError:
        return DeliveryError(
            f"the text cannot be split into records after record {self.last[0]}",
            place=self.file.name,
            remedy="check separator, quotes and encoding, or ask for a new export",
        )

    def _ragged(self, row: Any) -> str:
        self.ragged.append((row.number - self.layout.header_end, row.text, row.actual_columns))
        return "skip"

    def _with_provenance(self, rows: pl.DataFrame) -> pl.DataFrame:
        numbers = self._numbers(rows.height)
        breaks = rows.select(
            pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0))
        ).to_series()
        self._remember(numbers, breaks)
        return self._placed(rows, numbers)

    def _placed(self, rows: pl.DataFrame, numbers: np.ndarray[Any, Any]) -> pl.DataFrame:
        lines = pl.Series(PLACE, self._lines(numbers)).cast(pl.String)
        return rows.with_columns(
            pl.lit(self.file.sha256).alias(FILE),
            pl.Series(ROW, numbers, dtype=pl.Int64),
            ("line " + lines).alias(PLACE),
            pl.lit(None, pl.String).alias(MISSING),
        )

    def _numbers(self, height: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Record numbers of the next good rows: those that ragged rows took are passed over."""
        ordinals = np.arange(self.good + 1, self.good + height + 1, dtype=np.int64)
        taken = np.array([number for number, _, _ in self.ragged], dtype=np.int64)
        before = np.searchsorted(taken - np.arange(len(taken)), ordinals, side="right")
        self.good += height
        return ordinals + before

    def _remember(self, numbers: np.ndarray[Any, Any], breaks: pl.Series) -> None:
        for index in breaks.gt(0).arg_true().to_list():
            self.line_breaks.append((int(numbers[index]), int(breaks[index])))
        if len(numbers):
            self.last = (int(numbers[-1]), bool(breaks[-1]))

    def _lines(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The physical line on which each record begins."""
        extra = sorted(
            self.line_breaks
            + [(number, text.count("\n")) for number, text, _ in self.ragged if "\n" in text]
        )
        at = np.array([number for number, _ in extra], dtype=np.int64)
        total = np.concatenate([[0], np.cumsum([count for _, count in extra])]).astype(np.int64)
        return numbers + self.layout.header_end + total[np.searchsorted(at, numbers, side="left")]

    def _require_closed_quotes(self) -> None:
        """A quote that is never closed swallows the rest of the file into the last record."""
        number, spans = self.last
        if self.ragged and self.ragged[-1][0] > number:
            number, spans = self.ragged[-1][0], "\n" in self.ragged[-1][1].rstrip("\n")
        if not spans:
            return
        line = int(self._lines(np.array([number], dtype=np.int64))[0])
        if not self._ends_outside_quotes(line):
            raise DeliveryError(
                "a quote is opened and never closed; the file may be cut off",
                place=f"{self.file.name}, line {line}",
                remedy="ask for a new export",
            )

    def _ends_outside_quotes(self, line: int) -> bool:
        """Whether the record that begins on ``line`` ends before the file does."""
        with self.file.path.open(encoding=self.layout.encoding, newline="") as stream:
            rest = islice(stream, line - 1, None)
            try:
                list(csv.reader(rest, delimiter=self.layout.separator, strict=True))
            except csv.Error as error:
                return "unexpected end of data" not in str(error)
        return True

    def _require_whole_last_row(self) -> None:
        """A last row with too few fields and no line end: the rest of the file is missing."""
        number, text, width = self.ragged[-1] if self.ragged else (0, "", 0)
        too_short = text.strip() and width < len(self.layout.names)
        if too_short and number > self.last[0] and not _ends_with_line_end(self.file):
            line = int(self._lines(np.array([number], dtype=np.int64))[0])
            raise DeliveryError(
                f"the file ends in the middle of a row: {width} fields, but the header has "
                f"{len(self.layout.names)}",
                place=f"{self.file.name}, line {line}",
                remedy="the file is cut off; ask for it again",
            )

    def mended(self) -> pl.DataFrame:
        """Ragged rows that lose nothing: what they have too much is empty separators at the end."""
        width = len(self.layout.names)
        kept, rows = [], []
        for record in self.ragged:
            cells = next(csv.reader([record[1]], delimiter=self.layout.separator), [])
            if len(cells) > width and any(cells[:width]) and not any(cells[width:]):
                kept.append(record)
                rows.append([cell or None for cell in cells[:width]])
        self.surplus = {number for number, _, _ in kept}
        schema = dict.fromkeys(self.layout.names, pl.String())
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return self._placed(frame, np.array(sorted(self.surplus), dtype=np.int64))

    def quarantined(self) -> Iterator[Quarantined]:
        """The other ragged rows."""
        fields = len(self.layout.names)
        ragged = [
            (number, text, width)
            for number, text, width in self.ragged
            if text.strip() and number not in self.surplus
        ]
        lines = self._lines(np.array([number for number, _, _ in ragged], dtype=np.int64))
        for (number, text, width), line in zip(ragged, lines, strict=True):
            reason = f"{width} fields, but the header has {fields}"
            yield Quarantined(self.file, number, f"line {line}", reason, text)

    def summary(self) -> FileRead:
        """The counts of the whole file; to be asked for last."""
        blank = self.blank + sum(1 for _, text, _ in self.ragged if not text.strip())
        return FileRead(
            file=self.file,
            nature="delimited text",
            records=self.good + len(self.ragged),
            placed=self.good - self.blank + len(self.surplus),
            left_out={"blank": blank} if blank else {},
            encoding=self.layout.encoding,
            separator=self.layout.separator,
        )


def _ends_with_line_end(file: DeliveredFile) -> bool:
    with file.path.open("rb") as stream:
        stream.seek(max(0, file.size - 4))
        # UTF-16 and UTF-32 surround the line end with zero bytes.
        return stream.read().replace(b"\0", b"").endswith((b"\n", b"\r"))
