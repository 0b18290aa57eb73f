"""The distinct records of some columns of a table, and which of them each row holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Codes = np.ndarray[Any, np.dtype[np.int64]]

_WORTH = 0.5
"""Share of the rows up to which asking the distinct records is less work than asking the rows."""


@dataclass(frozen=True, slots=True)
class Distinct:
    """``records``: each once, numbered from 0; ``codes``: row for row the number of its record."""

    records: pd.DataFrame
    codes: Codes

    def rows(self, chosen: pd.Index) -> Codes:
        """The positions of the rows that hold one of the chosen records."""
        flags = np.zeros(len(self.records), bool)
        flags[chosen.to_numpy()] = True
        return np.flatnonzero(flags[self.codes])

    def count(self, chosen: pd.Index) -> int:
        """How many rows hold one of the chosen records."""
        sizes = np.bincount(self.codes, minlength=len(self.records))
        return int(sizes[chosen.to_numpy()].sum())


class DistinctRecords:
    """A table's values as numbers, each column counted once however often it is asked for."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        self._columns: dict[str, tuple[Codes, int]] = {}
        self._found: dict[tuple[str, ...], Distinct | None] = {}

    def of(self, columns: tuple[str, ...]) -> Distinct | None:
        """The distinct records; None where there are so many that they are no help."""
        if columns not in self._found:
            self._found[columns] = self._of(columns)
        return self._found[columns]

    def numbered(self, columns: Iterable[str]) -> pd.DataFrame:
        """The columns with a number for each value, equal where the values are; missing is NaN."""
        numbers = {}
        for name in columns:
            codes, _ = self._coded(name)
            missing = self._table[name].isna().to_numpy()
            numbers[name] = np.where(missing, np.nan, codes)
        return pd.DataFrame(numbers, index=self._table.index)

    def _of(self, columns: tuple[str, ...]) -> Distinct | None:
        coded = [self._coded(name) for name in columns]
        limit = _WORTH * len(self._table)
        if any(count > limit for _, count in coded):
            return None
        codes, count = coded[0]
        for further, size in coded[1:]:
            codes, found = pd.factorize(codes * size + further)
            count = len(found)
        if count > limit:
            return None
        first = np.empty(count, np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        records = self._table[list(columns)].iloc[first].reset_index(drop=True)
        return Distinct(records, codes)

    def _coded(self, name: str) -> tuple[Codes, int]:
        """Row for row a number from 0 for its value, missing as well; how many there are."""
        if name not in self._columns:
            codes, found = pd.factorize(self._table[name], use_na_sentinel=False)
            self._columns[name] = codes, len(found)
        return self._columns[name]
