"""Both states of a table some subjects at a time, so that memory is bounded."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

BATCH = 200_000
"""Records of either side at a time; a subject with more comes alone."""


def batches(
    before: pl.LazyFrame, after: pl.LazyFrame, subject: str, *, size: int = BATCH
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Both sides' records of some subjects at a time; then those of none.

    Where a side lacks the column ``subject``, everything comes at once.
    """
    sides = before.collect_schema().names(), after.collect_schema().names()
    if not all(subject in names for names in sides):
        yield before.collect(), after.collect()
        return
    for first, last in _ranges(before, after, subject, size):
        some = pl.col(subject).is_between(pl.lit(first), pl.lit(last))
        yield before.filter(some).collect(), after.filter(some).collect()
    nobody = pl.col(subject).is_null()
    yield before.filter(nobody).collect(), after.filter(nobody).collect()


def _ranges(
    before: pl.LazyFrame, after: pl.LazyFrame, subject: str, size: int
) -> list[tuple[str, str]]:
    """First and last subject of each batch."""
    subjects = (
        pl.concat([before.select(subject), after.select(subject)])
        .drop_nulls()
        .group_by(subject)
        .len()
        .sort(subject)
        .with_columns((pl.col("len").cum_sum() // (2 * size)).alias("batch"))
        .group_by("batch")
        .agg(pl.col(subject).min().alias("first"), pl.col(subject).max().alias("last"))
        .sort("batch")
        .collect(engine="streaming")
    )
    return list(subjects.select("first", "last").iter_rows())
