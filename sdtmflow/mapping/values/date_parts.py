"""The parts of a date, as text: which are known, whether they can be, how ISO 8601 says them."""

from __future__ import annotations

from functools import cache

import polars as pl

from sdtmflow.mapping.values.date_formats import MONTHS

PARTS = ("year", "month", "day", "hour", "minute", "second", "zone")
FOUND = (*PARTS, "half", "short_year")
"""What a format or the columns of a table may give: the parts, AM or PM, a year of two digits."""
_MONTH_NUMBERS = {name[:3]: f"{number:02d}" for number, name in enumerate(MONTHS, start=1)}
_FEBRUARY = 2


def known_parts(found: pl.DataFrame, year_cutoff: int | None = None) -> pl.DataFrame:
    """Parts as found (``FOUND``, in capitals) → ``PARTS`` as ISO writes them, null where unknown.

    ``year_cutoff`` is the first of the hundred years that two digits may mean. Other columns stay.
    """
    clean = found.with_columns(
        _year(year_cutoff),
        _month(),
        _zone(),
        *(_digits(part) for part in ("day", "hour", "minute")),
    )
    digits = pl.col("second").str.replace(r"^(\d)(\.|$)", "0$1$2")
    seconds = clean.with_columns(pl.when(digits.str.contains(r"^\d")).then(digits).alias("second"))
    return seconds.with_columns(_hour_of_day()).drop("half", "short_year")


@cache
def _year(cutoff: int | None) -> pl.Expr:
    """Four digits as they are; two digits in the hundred years from the cut-off on."""
    digits, first = pl.col("short_year").cast(pl.Int32, strict=False), cutoff or 0
    spelled = first + (digits - first) % 100
    return pl.coalesce(_digits("year"), spelled.cast(pl.String).str.zfill(4)).alias("year")


@cache
def _zone() -> pl.Expr:
    """``Z``, ``+01:00``."""
    zone = pl.col("zone").str.replace("^(UTC|GMT)$", "Z")
    return zone.str.replace(r"^([+-]\d{2}):?(\d{2})?$", "$1:$2").str.replace(":$", ":00")


@cache
def _digits(part: str) -> pl.Expr:
    width = 4 if part == "year" else 2
    return pl.when(pl.col(part).str.contains(r"^\d+$")).then(pl.col(part).str.zfill(width))


@cache
def _month() -> pl.Expr:
    month = pl.col("month")
    named = month.str.slice(0, 3).replace_strict(
        _MONTH_NUMBERS, default=None, return_dtype=pl.String
    )
    return pl.coalesce(named, _digits("month")).alias("month")


@cache
def _hour_of_day() -> pl.Expr:
    """``02`` PM is 14, ``12`` AM is 00; 13 AM or PM becomes the impossible 99."""
    hour, half = pl.col("hour").cast(pl.Int32), pl.col("half")
    of_day = pl.when(hour.is_between(1, 12)).then(
        hour % 12 + pl.when(half == "PM").then(12).otherwise(0)
    )
    return (
        pl.when(half.is_null() | hour.is_null())
        .then("hour")
        .otherwise(of_day.fill_null(99).cast(pl.String).str.zfill(2))
    )


@cache
def exists() -> pl.Expr:
    """Whether the known parts can belong to a real date and time."""
    year, month, day, hour, minute, second = (
        pl.col(part).cast(pl.Float64).cast(pl.Int32) for part in PARTS[:6]
    )
    leap = year.is_null() | ((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)))
    days = (
        pl.when(month == _FEBRUARY)
        .then(pl.when(leap).then(29).otherwise(28))
        .when(month.is_in([4, 6, 9, 11]))
        .then(30)
        .otherwise(31)
    )
    return (
        month.is_between(1, 12).fill_null(value=True)
        & day.is_between(1, days).fill_null(value=True)
        & (year > 0).fill_null(value=True)
        & hour.is_between(0, 23).fill_null(value=True)
        & minute.is_between(0, 59).fill_null(value=True)
        & second.is_between(0, 59).fill_null(value=True)
    )


@cache
def iso_texts() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """``date``, ``stem`` and ``time`` of ``PARTS``, where the column ``exists`` is true."""
    year, month, day = (pl.col(part).fill_null("-") for part in ("year", "month", "day"))
    stem = pl.concat_str(year, month, day, separator="-")
    date = (
        pl.when(pl.col("day").is_not_null())
        .then(stem)
        .when(pl.col("month").is_not_null())
        .then(pl.concat_str(year, month, separator="-"))
        .otherwise("year")
    )
    there = pl.col("exists").fill_null(value=False)
    return (
        pl.when(there).then(date).alias("date"),
        pl.when(there).then(stem).alias("stem"),
        pl.when(there).then(_time()).alias("time"),
    )


def _time() -> pl.Expr:
    """``10:30``, ``10``, ``-:30``; null where neither hour nor minute is known."""
    hour, minute = pl.col("hour").fill_null("-"), pl.col("minute").fill_null("-")
    zone = pl.col("zone").fill_null("")
    return (
        pl.when(pl.col("second").is_not_null())
        .then(pl.concat_str(hour, pl.lit(":"), minute, pl.lit(":"), "second", zone))
        .when(pl.col("minute").is_not_null())
        .then(pl.concat_str(hour, pl.lit(":"), minute, zone))
        .when(pl.col("hour").is_not_null())
        .then(pl.concat_str("hour", zone))
    )
