"""Completed years, months, weeks or days from birth to a day; partial births where they agree."""

from __future__ import annotations

from typing import Literal

import polars as pl

from sdtmflow.mapping.dates import COMPLETE_DATE

Unit = Literal["YEARS", "MONTHS", "WEEKS", "DAYS"]


def completed(born: pl.Series, at: pl.Series, unit: Unit) -> pl.Series:
    """Completed units as Float64 between ISO birth texts and calendar days, row by row.

    ``1969`` and ``1969-05`` stand for every day of that year or month: where the first and the last
    of them give different numbers, and where birth comes after ``at``, the answer is missing.
    """
    frame = pl.DataFrame({"born": born.cast(pl.String), "at": at}).with_columns(
        first=_first(), last=_last()
    )
    low, high = _between("last", unit), _between("first", unit)
    return frame.select(pl.when((low == high) & (low >= 0)).then(low).cast(pl.Float64)).to_series()


_YEAR, _MONTH = r"^\d{4}$", r"^\d{4}-\d{2}$"


def _first() -> pl.Expr:
    return _day(pl.col("born") + "-01-01", _as_day(pl.col("born") + "-01"))


def _last() -> pl.Expr:
    return _day(pl.col("born") + "-12-31", _as_day(pl.col("born") + "-01").dt.month_end())


def _day(of_year: pl.Expr, of_month: pl.Expr) -> pl.Expr:
    """The day of a complete date; else the one that a year or month is taken for."""
    born = pl.col("born")
    return (
        pl.when(born.str.contains(COMPLETE_DATE))
        .then(_as_day(born.str.slice(0, 10)))
        .when(born.str.contains(_YEAR))
        .then(_as_day(of_year))
        .when(born.str.contains(_MONTH))
        .then(of_month)
    )


def _as_day(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=False)


def _between(born: str, unit: Unit) -> pl.Expr:
    begin, end = pl.col(born), pl.col("at")
    if unit in {"DAYS", "WEEKS"}:
        return (end - begin).dt.total_days() // (7 if unit == "WEEKS" else 1)
    years = (end.dt.year() - begin.dt.year()).cast(pl.Int64)
    months = 12 * years + (end.dt.month().cast(pl.Int64) - begin.dt.month().cast(pl.Int64))
    whole = months - (end.dt.day() < begin.dt.day()).cast(pl.Int64)
    return whole // (12 if unit == "YEARS" else 1)
