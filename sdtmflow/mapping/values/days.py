"""Dates as days: the days that an ISO text may mean, and the extremes of several dates."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sdtmflow.mapping.values.dates import COMPLETE_DATE

_DAY = 10
"""Length of an ISO date that is complete to the day."""


def days(dates: pl.Series) -> pl.Series:
    """Calendar days of ISO texts that are complete to the day, null for the others."""
    text = pl.col("text")
    day = text.str.head(_DAY).str.to_date("%Y-%m-%d", strict=False)
    known = dates.cast(pl.String).to_frame("text")
    return known.select(day=pl.when(text.str.contains(COMPLETE_DATE)).then(day)).to_series()


def extremes(frame: pl.DataFrame, by: Sequence[str], date: str) -> pl.DataFrame:
    """Earliest and latest ISO text of ``date`` per group: ``by``, ``first``, ``last``, unordered.

    Dates complete to the day decide. A partial one counts where a group has no other, and where
    every day that it may mean is before (or after) them all: ``2024-03`` is later than
    ``2024-02-20``, and what ``2024-02`` is to it cannot be known.
    """
    there, complete = (
        frame.select(*by, date).drop_nulls(date),
        pl.col(date).str.contains(COMPLETE_DATE),
    )
    known = (
        there.filter(complete).group_by(by).agg(first=pl.col(date).min(), last=pl.col(date).max())
    )
    partial = there.filter(~complete).unique()
    if partial.is_empty():
        return known
    ends = pl.concat(known.select(*by, pl.col(end).alias(date)) for end in ("first", "last"))
    doubtful = pl.concat([ends.join(partial, on=by, how="semi", nulls_equal=True), partial])
    found = pl.concat([known, _deciding(doubtful, by, date)]).group_by(by)
    return found.agg(pl.col("first").min(), pl.col("last").max())


def _deciding(frame: pl.DataFrame, by: Sequence[str], date: str) -> pl.DataFrame:
    """``first`` and ``last`` of groups with partial dates: the texts that may be an extreme."""
    first, last = may_be_extreme(by, date)
    return frame.select(*by, first=pl.when(first).then(date), last=pl.when(last).then(date))


def may_be_extreme(by: Sequence[str], date: str) -> tuple[pl.Expr, pl.Expr]:
    """Whether a date may be the earliest, and the latest, of its group (see ``extremes``)."""
    text = pl.col(date)
    complete = text.str.contains(COMPLETE_DATE)
    alone = ~complete.any().over(by)
    earliest = first_day(text).filter(complete).min().over(by)
    latest = last_day(text).filter(complete).max().over(by)
    return (
        complete | alone | (last_day(text) < earliest),
        complete | alone | (first_day(text) > latest),
    )


def first_day(text: pl.Expr) -> pl.Expr:
    """The first calendar day that an ISO text may mean: of ``2024-02`` the 1st of February.

    What stands behind an unknown part does not count: ``2019---20`` may mean any day of 2019.
    """
    return _day_of(text, _as_day(_year(text) + "-01-01"), _as_day(_month(text) + "-01"))


def last_day(text: pl.Expr) -> pl.Expr:
    """The last calendar day that an ISO text may mean."""
    whole_month = _as_day(_month(text) + "-01").dt.month_end()
    return _day_of(text, _as_day(_year(text) + "-12-31"), whole_month)


def before(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Whether one ISO date is before another; null where either is missing or partial parts decide.

    By day; by time where both carry one on the same day.
    """
    timed = left.str.contains("T") & right.str.contains("T") & (_left10(left) == _left10(right))
    return (
        pl.when(timed & left.str.contains(COMPLETE_DATE))
        .then(_earlier_time(left, right))
        .when(last_day(left) < first_day(right))
        .then(statement=True)
        .when(first_day(left) >= last_day(right))
        .then(statement=False)
    )


def _earlier_time(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Of two times on one day; ``08`` against ``08:30`` is unknown."""
    shared = pl.min_horizontal(left.str.len_bytes(), right.str.len_bytes())
    here, there = left.str.head(shared), right.str.head(shared)
    same_precision = left.str.len_bytes() == right.str.len_bytes()
    return pl.when((here != there) | same_precision).then(here < there)


def _left10(text: pl.Expr) -> pl.Expr:
    return text.str.head(10)


def _year(text: pl.Expr) -> pl.Expr:
    return text.str.extract(r"^(\d{4})")


def _month(text: pl.Expr) -> pl.Expr:
    return text.str.extract(r"^(\d{4}-\d{2})")


def _day_of(text: pl.Expr, of_year: pl.Expr, of_month: pl.Expr) -> pl.Expr:
    complete = pl.when(text.str.contains(COMPLETE_DATE)).then(_as_day(text.str.head(10)))
    return pl.coalesce(complete, of_month, of_year)


def _as_day(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=False)


def study_days(day: pl.Series, reference: pl.Series) -> pl.Series:
    """Days from the reference, which is day 1; the day before it is -1, there is no 0."""
    difference = (pl.col("day") - pl.col("reference")).dt.total_days()
    number = difference + (difference >= 0).cast(pl.Int64)
    both = pl.DataFrame({"day": day, "reference": reference})
    return both.select(number.cast(pl.Float64)).to_series()
