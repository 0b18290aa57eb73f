"""Order by several keys at once, fast: each key becomes a number, all numbers become one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

_ROOM = 2**62
"""Combined codes stay within Int64."""


def codes(values: pl.Series) -> tuple[pl.Series, int]:
    """Rank of each value among the distinct values (missing: 0, first), and how many there are."""
    if isinstance(values.dtype, pl.Enum):
        return _from_missing(values.to_physical()), len(values.dtype.categories) + 1
    distinct = values.drop_nulls().unique().sort()
    if values.dtype == pl.String:
        ranks = values.cast(pl.Enum(distinct)).to_physical()
    else:
        found = distinct.search_sorted(values.fill_null(0))
        ranks = pl.Series(found).set(values.is_null(), None)
    return _from_missing(ranks), len(distinct) + 1


def _from_missing(ranks: pl.Series) -> pl.Series:
    return ranks.cast(pl.Int64).fill_null(-1) + 1


def combined(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """One Int64 a row that sorts as the columns do; missing values come first, as in SAS."""
    total, size = pl.repeat(0, frame.height, dtype=pl.Int64, eager=True), 1
    for column in columns:
        if frame[column].null_count() == frame.height:
            continue
        ranks, count = codes(frame[column])
        if size * count >= _ROOM:
            total, size = codes(total)
        total, size = total * count + ranks, size * count
    return total


def order(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Row positions sorted by the columns; equal rows stay as they stand."""
    key = combined(frame, columns).alias("key")
    return pl.DataFrame(key).with_row_index("at").sort("key", maintain_order=True)["at"]


def numbered(subjects: pl.Series, positions: pl.Series) -> pl.Series:
    """1, 2, 3 … within each subject, in the order of ``positions``; row for row of ``subjects``.

    ``positions`` put each subject's rows together.
    """
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    changes = pl.col("subject").ne_missing(pl.col("subject").shift())
    counted = pl.DataFrame({"subject": subjects.gather(positions)}).select(
        at - pl.when(changes | (at == 0)).then(at).forward_fill() + 1
    )
    numbers = np.empty(len(subjects))
    numbers[positions.to_numpy()] = counted.to_series().to_numpy()
    return pl.Series(numbers)
