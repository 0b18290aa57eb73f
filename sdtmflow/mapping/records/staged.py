"""The staged tables of a partition, read as the mapping asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import polars as pl

from sdtmflow.mapping.provenance.identity import LINEAGE
from sdtmflow.mapping.values.distinct import repeated
from sdtmflow.sources.raw import ROW, SITE, SUBJECT


class Staged:
    """The tables of a folder. Several lines read the same columns: each is cleaned once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, dict[str, pl.Series]] = {}
        self.sent = cache(self._sent)

    def _sent(self, table: str) -> dict[str, str]:
        """The names of a table's columns by themselves in capitals; none if it does not exist."""
        path = self._path(table)
        if not path.is_file():
            return {}
        return {column.upper(): column for column in pl.read_parquet_schema(path)}

    def delivered(self, table: str, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of the columns that a table has, in any letter case."""
        return tuple(column for column in columns if column.upper() in self.sent(table))

    def table(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Columns of a table, cleaned: no surrounding blanks, blank is missing.

        Names are found in any letter case. A column or table that was not delivered is missing
        (null), respectively has no rows.
        """
        names = (SITE, SUBJECT, *LINEAGE, *columns)
        known = self._read.setdefault(name, {})
        asked = [column for column in self.delivered(name, names) if column not in known]
        if asked:
            scan = pl.scan_parquet(self._path(name))
            known |= _cleaned(scan.select(self._column(name, column) for column in asked))
        height = next((len(column) for column in known.values()), 0)
        return pl.DataFrame(
            [
                known[column]
                if column in known
                else repeated(None, height, _type_of(column)).alias(column)
                for column in names
            ]
        )

    def subjects(self, tables: Iterable[str]) -> pl.Series:
        """The subjects of these tables, each once."""
        found = [
            pl.scan_parquet(self._path(table)).select(pl.col(SUBJECT).cast(pl.String)).unique()
            for table in tables
            if self.sent(table)
        ]
        empty = pl.LazyFrame(schema={SUBJECT: pl.String})
        return pl.concat([empty, *found]).drop_nulls().unique().collect().to_series()

    def forget(self) -> None:
        """Let go of what was read."""
        self._read.clear()

    def _column(self, table: str, name: str) -> pl.Expr:
        column = pl.col(self.sent(table)[name.upper()]).cast(_type_of(name))
        return (column if name in _KEPT else column.str.strip_chars()).alias(name)

    def _path(self, table: str) -> Path:
        return self._folder / f"{table}.parquet"


_KEPT = (SITE, SUBJECT, *LINEAGE)
"""Columns that staging adds, and that are as they should be."""


def _cleaned(columns: pl.LazyFrame) -> dict[str, pl.Series]:
    """The columns by name, blank texts taken out."""
    return {
        column.name: _without_blank(column) if column.name not in _KEPT else column
        for column in columns.collect()
    }


def _without_blank(texts: pl.Series) -> pl.Series:
    return texts.replace("", None) if texts.str.len_bytes().min() == 0 else texts


def _type_of(column: str) -> pl.DataType:
    return pl.Int64() if column == ROW else pl.String()
