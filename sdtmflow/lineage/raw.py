"""Raw cells as they were sent: the value, the column's own name, the file, the delivery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from sdtmflow.lineage.cells import RawCell, RawRow
from sdtmflow.sources.conform import Conformed, Delivered, conformed
from sdtmflow.sources.raw import FILE, PLACE, ROW, SUBJECT


@dataclass(frozen=True, slots=True)
class RawValue:
    """What a raw cell says.

    ``value`` is the text that the mapping read, ``sent`` the text as it was sent, before codes
    were decoded and texts replaced as study.yaml says. ``column`` is empty for a constant of
    study.yaml and for a column that was not delivered.
    """

    value: str | None
    sent: str | None
    column: str
    table: str
    """The table as sent."""
    file: str
    """The delivered name."""
    constant: bool = False


class Deliveries(Protocol):
    """The deliveries that datasets were made from."""

    def delivered(self, source: str) -> Delivered | None:
        """The collected delivery of a source; None where its bytes cannot be had."""
        ...


def raw_values(cells: Iterable[RawCell], deliveries: Deliveries) -> dict[RawCell, RawValue]:
    """What each raw cell says; a cell whose delivery cannot be had is left out."""
    by_table: dict[tuple[str, str], list[RawCell]] = {}
    for cell in sorted(cells):
        by_table.setdefault((cell.row.source, cell.row.table), []).append(cell)
    found: dict[RawCell, RawValue] = {}
    for (source, table), wanted in by_table.items():
        delivered = deliveries.delivered(source)
        if delivered is not None:
            found |= _of_table(delivered, table, wanted)
    return found


def _of_table(
    delivered: Delivered, table: str, wanted: list[RawCell]
) -> Iterator[tuple[RawCell, RawValue]]:
    for sent in conformed(delivered, {table}):
        rows = _Rows(delivered, sent, {cell.row for cell in wanted})
        for cell in wanted:
            value = rows.value(cell)
            if value is not None:
                yield cell, value


class _Rows:
    """The wanted rows of one sent table, in the study's words and in the source's."""

    def __init__(self, delivered: Delivered, sent: Conformed, wanted: set[RawRow]) -> None:
        self._delivered = delivered
        self._sent = sent
        numbers = [row.row for row in wanted]
        positions = sent.rows.with_row_index("at").filter(pl.col(ROW).is_in(numbers))["at"]
        read, as_sent = sent.rows[positions].to_dicts(), sent.as_sent[positions].to_dicts()
        self._rows = {
            (row[FILE], row[ROW], row[PLACE]): (row, own)
            for row, own in zip(read, as_sent, strict=True)
        }
        spec = delivered.source.tables.get(sent.table)
        self._constants = spec.constants if spec else {}
        self._columns = {name.upper(): name for name in reversed(sent.rows.columns)}

    def value(self, cell: RawCell) -> RawValue | None:
        """What the cell says; None where the table does not have its row."""
        found = self._rows.get((cell.row.file, cell.row.row, cell.row.place))
        if found is None:
            return None
        read, as_sent = found
        name = self._columns.get(self._study_name(cell), "")
        constant = name in self._constants
        column = "" if constant else self._sent.names.get(name, "")
        return RawValue(
            value=_text(read, SUBJECT if cell.column == SUBJECT else name),
            sent=_text(as_sent, column),
            column=column,
            table=self._sent.sent,
            file=self._delivered.file_name(cell.row.file),
            constant=constant,
        )

    def _study_name(self, cell: RawCell) -> str:
        named = self._delivered.source.subject_column if cell.column == SUBJECT else cell.column
        return named.upper()


def _text(row: Mapping[str, Any], column: str) -> str | None:
    value = row.get(column)
    return None if value is None else str(value)
