"""Dates as days: which ISO texts are complete to the day, and the extremes of several dates."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sdtmflow.mapping.dates import COMPLETE_DATE


def days(dates: pl.Series) -> pl.Series:
    """Calendar days of ISO texts that are complete to the day, null for the others."""
    distinct = dates.drop_nulls().unique()
    table = pl.DataFrame({"text": distinct}).with_columns(
        day=pl.when(pl.col("text").str.contains(COMPLETE_DATE)).then(
            pl.col("text").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        )
    )
    texts = pl.DataFrame({"text": dates.cast(pl.String)})
    return texts.join(table, on="text", how="left", maintain_order="left")["day"]


def extremes(frame: pl.DataFrame, by: Sequence[str], date: str) -> pl.DataFrame:
    """Earliest and latest ISO text of ``date`` per group: ``by``, ``first``, ``last``, unordered.

    Dates complete to the day decide; partial ones count only where a group has no other, since
    they cannot be ordered.
    """
    found = frame.filter(pl.col(date).is_not_null()).with_columns(
        complete=pl.col(date).str.contains(COMPLETE_DATE)
    )
    ranked = found.filter(pl.col("complete") | ~pl.col("complete").any().over(by))
    return ranked.group_by(by).agg(first=pl.col(date).min(), last=pl.col(date).max())
