"""Order by several keys at once, fast: each key becomes a number, all numbers become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from sdtmflow.mapping.values.distinct import encoded

Codes = np.ndarray
"""One whole number a row."""
_ROOM = 2**62
"""Combined codes stay within Int64."""
_TABLE = 2**22
"""Codes up to here are counted in a table; others are sorted."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A column as numbers: ``values`` sorted and each once, the missing one first."""

    ranks: Codes
    """UInt32, row for row: the position in ``values``."""
    values: pl.Series

    @property
    def size(self) -> int:
        """How many different values there may be, the missing one included."""
        return len(self.values)


def ranked(column: pl.Series) -> Ranked:
    """The rank of each value among the distinct ones."""
    if isinstance(column.dtype, pl.Enum):
        distinct = pl.Series(column.dtype.categories, dtype=column.dtype)
        ranks = column.to_physical().cast(pl.Int64).fill_null(-1).to_numpy() + 1
        return Ranked(ranks.astype(np.uint32), _missing_first(distinct))
    return ranked_of(encoded(column), column.dtype)


def ranked_of(column: pa.DictionaryArray, dtype: pl.DataType) -> Ranked:
    """The same of a column whose distinct values are known."""
    distinct = pl.Series(column.dictionary, dtype=dtype)
    order = distinct.arg_sort()
    places = np.zeros(len(distinct) + 1, dtype=np.uint32)
    places[order.to_numpy()] = np.arange(1, len(distinct) + 1, dtype=np.uint32)
    at = column.indices.fill_null(len(distinct)).to_numpy()
    return Ranked(places[at], _missing_first(distinct[order]))


def _missing_first(values: pl.Series) -> pl.Series:
    return pl.concat([pl.Series([None], dtype=values.dtype), values])


Coded = tuple[Codes, int]
"""A rank a row, and how many ranks there may be."""


def combined(coded: Iterable[Coded], height: int) -> Coded:
    """One number a row that sorts as the columns do; missing values come first, as in SAS."""
    total, size = np.zeros(height, dtype=np.int64), 1
    for ranks, count in coded:
        if count == 1:
            continue
        if size * count >= _ROOM:
            total, size = _dense(total)
        total, size = total * count + ranks, size * count
    return total, size


def _dense(codes: Codes) -> Coded:
    """The codes without gaps."""
    found, at = np.unique(codes, return_inverse=True)
    return at, max(len(found), 1)


def combinations(coded: Sequence[Coded]) -> tuple[Codes, list[Codes]]:
    """The combinations of ranks that there are: each row's own, and each combination's ranks."""
    numbers, size = combined(coded, len(coded[0][0]))
    if size <= _TABLE:
        there = np.zeros(size, dtype=bool)
        there[numbers] = True
        at = (np.cumsum(there, dtype=np.uint32) - 1)[numbers]
        return at, _taken_apart(np.flatnonzero(there), [count for _, count in coded])
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    return inverse.astype(np.uint32), [ranks[first] for ranks, _ in coded]


def _taken_apart(numbers: Codes, counts: Sequence[int]) -> list[Codes]:
    """The ranks that ``combined`` made the numbers of."""
    ranks = []
    for count in reversed(counts):
        numbers, rank = np.divmod(numbers, count)
        ranks.append(rank)
    return ranks[::-1]


def order_of(coded: Coded) -> pl.Series:
    """Row positions sorted by the codes; equal rows stay as they stand.

    Each row's position stands in the low bits of its code: numbers alone are sorted fastest.
    """
    codes, size = coded
    bits = len(codes).bit_length()
    if size >= _ROOM >> bits:
        codes, _ = _dense(codes)
    keys = (codes << bits) | np.arange(len(codes))
    keys.sort()
    return pl.Series((keys & ((1 << bits) - 1)).astype(np.uint32))


def order(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Row positions sorted by the columns; equal rows stay as they stand."""
    found = (ranked(frame[column]) for column in columns)
    return order_of(combined(((each.ranks, each.size) for each in found), frame.height))


def numbered(subjects: pl.Series, positions: pl.Series) -> pl.Series:
    """1, 2, 3 … within each subject, in the order of ``positions``; row for row of ``subjects``.

    ``positions`` put each subject's rows together.
    """
    codes = ranked(subjects).ranks[positions.to_numpy()]
    starts = np.flatnonzero(np.diff(codes, prepend=codes[:1] + 1))
    lengths = np.diff(starts, append=len(codes))
    counted = np.arange(1, len(codes) + 1) - np.repeat(starts, lengths)
    return row_for_row(counted, positions)


def row_for_row(numbers: Codes, positions: pl.Series) -> pl.Series:
    """Numbers that stand in the order of ``positions``, put where those point to."""
    placed = np.empty(len(positions))
    placed[positions.to_numpy()] = numbers
    return pl.Series(placed)
