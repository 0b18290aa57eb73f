"""Completed years, months, weeks or days from birth to a day; partial births where they agree."""

from __future__ import annotations

from typing import Literal

import polars as pl

from sdtmflow.mapping.values.days import first_day, last_day

Unit = Literal["YEARS", "MONTHS", "WEEKS", "DAYS"]


def completed(born: pl.Series, at: pl.Series, unit: Unit) -> pl.Series:
    """Completed units as Float64 between ISO birth texts and calendar days, row by row.

    ``1969`` and ``1969-05`` stand for every day of that year or month: where the first and the last
    of them give different numbers, and where birth comes after ``at``, the answer is missing.
    """
    frame = pl.DataFrame({"born": born.cast(pl.String), "at": at}).with_columns(
        first=first_day(pl.col("born")), last=last_day(pl.col("born"))
    )
    low, high = _between("last", unit), _between("first", unit)
    return frame.select(pl.when((low == high) & (low >= 0)).then(low).cast(pl.Float64)).to_series()


def _between(born: str, unit: Unit) -> pl.Expr:
    begin, end = pl.col(born), pl.col("at")
    if unit in {"DAYS", "WEEKS"}:
        return (end - begin).dt.total_days() // (7 if unit == "WEEKS" else 1)
    years = (end.dt.year() - begin.dt.year()).cast(pl.Int64)
    months = 12 * years + (end.dt.month().cast(pl.Int64) - begin.dt.month().cast(pl.Int64))
    whole = months - (end.dt.day() < begin.dt.day()).cast(pl.Int64)
    return whole // (12 if unit == "YEARS" else 1)
