"""Records of ODM item groups, gathered into batches of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from sdtmflow.sources.odm_metadata import KEYS, Metadata
from sdtmflow.sources.odm_records import Record
from sdtmflow.sources.raw import (
    FILE,
    MISSING,
    PLACE,
    ROW,
    RawBatch,
    RawColumn,
    TableFacts,
)

BATCH = 20_000
"""Rows of one table that are held before they are given on."""
AUXILIARY = ("SubjectData", "Annotations", "AuditRecords")

Cells = dict[str, str | int | None]


@dataclass
class _Table:
    """The rows of one table that wait, and the columns that it has had so far, in order."""

    name: str
    facts: TableFacts
    items: dict[str, RawColumn]
    columns: dict[str, None]
    rows: list[Cells] = field(default_factory=list)
    number: int = 0

    def batch(self) -> RawBatch:
        """The waiting rows as a batch; none wait afterwards."""
        data = {name: [row.get(name) for row in self.rows] for name in self.columns}
        schema = {name: pl.Int64() if name == ROW else pl.String() for name in self.columns}
        self.rows = []
        frame = pl.DataFrame(data, schema=schema)
        return RawBatch(self.name, frame, tuple(self.items.values()), self.facts)


class Rows:
    """Every table of a delivery while it is read."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata
        self._tables: dict[str, _Table] = {}
        self._repeated: Counter[str] = Counter()
        self._undefined: set[tuple[str, str]] = set()

    def add(self, record: Record, file: str, number: int) -> None:
        """Add a record; ``number`` 0 numbers the rows of an auxiliary table by themselves."""
        table = self._tables.get(record.table) or self._begin(record)
        table.number += 1
        row: Cells = dict(record.keys)
        form = record.keys.get("FormOID")
        if form is not None:
            table.facts.forms.setdefault(form, "")
        missing = self._fill(row, record, table) if record.items else []
        row[FILE] = file
        row[ROW] = number or table.number
        row[PLACE] = record.place
        row[MISSING] = ";".join(missing) or None
        if len(row) > len(table.columns) or not row.keys() <= table.columns.keys():
            table.columns.update(dict.fromkeys(row))
        table.rows.append(row)

    def _begin(self, record: Record) -> _Table:
        auxiliary = record.table in AUXILIARY and not record.items
        facts = TableFacts(auxiliary=True) if auxiliary else self._metadata.facts(record.table)
        items = {} if auxiliary else self._metadata.columns(record.table)
        keys = (*record.keys, *(column.name for column in items.values()))
        columns = dict.fromkeys((*(KEYS if not auxiliary else ()), *keys))
        table = _Table(record.table, facts, dict(items), columns)
        self._tables[record.table] = table
        return table

    def _fill(self, row: Cells, record: Record, table: _Table) -> list[str]:
        """Put the items into ``row``; an item that comes twice gets a second column."""
        missing = []
        for oid, value, kind, _ in record.items:
            column = table.items.get(oid)
            if column is None:
                column = self._undefined_item(oid, table)
            name = column.name
            if name in row:
                self._repeated[f"{record.table}.{name}"] += 1
                name = next(f"{name}__{n}" for n in range(2, 10_000) if f"{name}__{n}" not in row)
            row[name] = value
            if kind:
                missing.append(f"{name}={kind}")
        return missing

    def _undefined_item(self, oid: str, table: _Table) -> RawColumn:
        """An item that the metadata, if there is any, does not put here: named by its OID."""
        base, _, part = oid.rpartition(".MeasurementUnitOID")
        unit_of = table.items.get(base) if base and not part else None
        if unit_of is not None:
            column = RawColumn(
                f"{unit_of.name}.MeasurementUnitOID", codes=self._metadata.units, oid=oid
            )
        else:
            column = self._metadata.item(oid)
            if self._metadata.items:
                self._undefined.add((f"item {oid}", table.name))
        table.items[oid] = column
        return column

    def full(self) -> Iterator[RawBatch]:
        """Batches of the tables that hold enough rows."""
        for table in self._tables.values():
            if len(table.rows) >= BATCH:
                yield table.batch()

    def rest(self) -> Iterator[RawBatch]:
        """Batches of whatever waits."""
        for table in self._tables.values():
            if table.rows:
                yield table.batch()

    def notes(self) -> Iterator[str]:
        """What was unusual, in words."""
        for name, count in sorted(self._repeated.items()):
            yield f"{name} comes more than once in one item group ({count}×); all are kept"
        for item, group in sorted(self._undefined):
            yield f"{item} is not among the defined items of {group}"
