"""Order by several keys at once, fast: each key becomes a number, all numbers become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

_ROOM = 2**62
"""Combined codes stay within Int64."""
_TABLE = 2**22
"""Codes up to here are counted in a table; others are sorted."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A column as numbers: ``values`` sorted and each once, the missing one first."""

    ranks: pl.Series
    """Int64, row for row: the position in ``values``."""
    values: pl.Series

    @property
    def size(self) -> int:
        """How many different values there may be, the missing one included."""
        return len(self.values)


def ranked(column: pl.Series) -> Ranked:
    """The rank of each value among the distinct ones."""
    if isinstance(column.dtype, pl.Enum):
        distinct = pl.Series(column.dtype.categories, dtype=column.dtype)
        ranks = column.to_physical()
    else:
        distinct = column.drop_nulls().unique().sort()
        ranks = _ranks(column, distinct)
    missing = pl.Series([None], dtype=column.dtype)
    return Ranked(ranks.cast(pl.Int64).fill_null(-1) + 1, pl.concat([missing, distinct]))


def _ranks(column: pl.Series, distinct: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column.cast(pl.Enum(distinct)).to_physical()
    if distinct.is_empty():
        return pl.repeat(None, len(column), dtype=pl.UInt32, eager=True)
    found = distinct.search_sorted(column.fill_null(distinct[0]))
    return pl.Series(found).set(column.is_null(), None)


Coded = tuple[pl.Series, int]
"""A rank a row, and how many ranks there may be."""


def combined(coded: Iterable[Coded], height: int) -> pl.Series:
    """One Int64 a row that sorts as the columns do; missing values come first, as in SAS."""
    total, size = pl.repeat(0, height, dtype=pl.Int64, eager=True), 1
    for ranks, count in coded:
        if count == 1:
            continue
        if size * count >= _ROOM:
            dense = ranked(total)
            total, size = dense.ranks, dense.size
        total, size = total * count + ranks, size * count
    return total


def combinations(coded: Sequence[Coded]) -> tuple[pl.Series, list[pl.Series]]:
    """The combinations of ranks that there are: each row's own, and each combination's ranks."""
    numbers = combined(coded, len(coded[0][0])).to_numpy()
    room = 1 + int(numbers.max(initial=0))
    if room <= _TABLE:
        there = np.zeros(room, dtype=bool)
        there[numbers] = True
        found, at = np.flatnonzero(there), (np.cumsum(there, dtype=np.uint32) - 1)[numbers]
    else:
        found, at = np.unique(numbers, return_inverse=True)
    first = np.empty(len(found), dtype=np.int64)
    first[at[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    return pl.Series(at.astype(np.uint32)), [ranks.gather(first) for ranks, _ in coded]


def order_of(coded: Iterable[Coded], height: int) -> pl.Series:
    """Row positions sorted by the ranks; equal rows stay as they stand."""
    key = combined(coded, height).alias("key")
    return pl.DataFrame(key).with_row_index("at").sort("key", maintain_order=True)["at"]


def order(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Row positions sorted by the columns; equal rows stay as they stand."""
    found = (ranked(frame[column]) for column in columns)
    return order_of(((each.ranks, each.size) for each in found), frame.height)


def numbered(subjects: pl.Series, positions: pl.Series) -> pl.Series:
    """1, 2, 3 … within each subject, in the order of ``positions``; row for row of ``subjects``.

    ``positions`` put each subject's rows together.
    """
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    changes = pl.col("subject").ne_missing(pl.col("subject").shift())
    counted = pl.DataFrame({"subject": subjects.gather(positions)}).select(
        at - pl.when(changes | (at == 0)).then(at).forward_fill() + 1
    )
    return row_for_row(counted.to_series(), positions)


def row_for_row(numbers: pl.Series, positions: pl.Series) -> pl.Series:
    """Numbers that stand in the order of ``positions``, put where those point to."""
    placed = np.empty(len(positions))
    placed[positions.to_numpy()] = numbers.to_numpy()
    return pl.Series(placed)
