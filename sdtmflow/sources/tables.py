"""Raw tables written as they come: Parquet row groups, whatever columns later batches bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sdtmflow.sources.raw import FILE, PROVENANCE, ROW, RawBatch, RawColumn, TableFacts
from sdtmflow.sources.report import ColumnReport, TableReport

_TYPES = {ROW: pl.Int64()}


class TableWriter:
    """Writes every table of a delivery into ``folder``; memory holds one batch at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._tables: dict[str, _Table] = {}

    def write(self, batch: RawBatch) -> None:
        """Append the batch's rows to its table; without rows it still makes the table known."""
        if batch.table not in self._tables:
            self._tables[batch.table] = _Table(self.folder, batch.table)
        self._tables[batch.table].append(batch)

    def close(self) -> list[TableReport]:
        """Finish every file; the reports are sorted by table name."""
        return [self._tables[name].close() for name in sorted(self._tables)]

    def abandon(self) -> None:
        """Let go of the open files."""
        for table in self._tables.values():
            table.finish_part()


class _Table:
    """One table; a batch with a column that the open part lacks begins a new part."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.path = folder / f"{quote(name, safe=' -_.()')}.parquet"
        self.parts: list[Path] = []
        self.columns: dict[str, RawColumn] = {}
        self.facts = TableFacts()
        self.rows = 0
        self.files: dict[str, None] = {}
        self._writer: Any = None
        self._schema: pa.Schema | None = None

    def append(self, batch: RawBatch) -> None:
        self.facts = batch.facts
        described = {column.name: column for column in batch.columns}
        for name in batch.rows.columns:
            if name not in PROVENANCE:
                self.columns[name] = described.get(name, self.columns.get(name, RawColumn(name)))
        self.rows += batch.rows.height
        self.files |= dict.fromkeys(batch.rows[FILE].unique(maintain_order=True))
        self._append_rows(batch.rows)

    def _append_rows(self, rows: pl.DataFrame) -> None:
        wanted = [*self.columns, *PROVENANCE]
        missing = [
            pl.lit(None, _TYPES.get(name, pl.String())).alias(name)
            for name in wanted
            if name not in rows.columns
        ]
        table = (
            rows.with_columns(missing).select(wanted).to_arrow(compat_level=pl.CompatLevel.oldest())
        )
        if self._schema is None or table.schema.names != self._schema.names:
            self._begin_part(table.schema)
        self._writer.write_table(table.cast(self._schema))

    def _begin_part(self, schema: pa.Schema) -> None:
        self.finish_part()
        self.parts.append(self.path.with_suffix(f".part{len(self.parts)}"))
        self._schema = schema
        self._writer = pq.ParquetWriter(self.parts[-1], schema, compression="zstd")

    def finish_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def close(self) -> TableReport:
        self.finish_part()
        self._join_parts()
        return TableReport(
            name=self.name,
            path=f"{self.path.parent.name}/{self.path.name}",
            rows=self.rows,
            columns=[_reported(column) for column in self.columns.values()],
            label=self.facts.label,
            forms=self.facts.forms,
            repeating=self.facts.repeating,
            auxiliary=self.facts.auxiliary,
            files=list(self.files),
        )

    def _join_parts(self) -> None:
        if len(self.parts) == 1:
            self.parts[0].rename(self.path)
            return
        frames = [pl.scan_parquet(part) for part in self.parts]
        joined = pl.concat(frames, how="diagonal").select(*self.columns, *PROVENANCE)
        joined.sink_parquet(self.path, compression="zstd")
        for part in self.parts:
            part.unlink()


def _reported(column: RawColumn) -> ColumnReport:
    return ColumnReport(
        name=column.name,
        label=column.label,
        type=column.type,
        codes=column.codes,
        identifier=column.identifier,
        oid=column.oid,
        aliases=list(column.aliases),
    )
