"""ISO 8601 durations: between two dates, and of a number with its unit."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.values.days import days
from sdtmflow.mapping.values.numbers import text_of

NEGATIVE = "DURATION_NEGATIVE"
ISO_DURATION = r"^-?P(\d+(\.\d+)?W|(\d+Y)?(\d+M)?(\d+(\.\d+)?D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)$"
_TIME = r"T(?P<hour>\d{2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d+)?))?)?(?P<zone>.*)$"
_UNITS = {
    "Y": ("a", "y", "yr", "yrs", "year", "years"),
    "M": ("mo", "mos", "mon", "month", "months"),
    "W": ("w", "wk", "wks", "week", "weeks"),
    "D": ("d", "day", "days"),
    "TH": ("h", "hr", "hrs", "hour", "hours"),
    "TM": ("min", "mins", "minute", "minutes"),
    "TS": ("s", "sec", "secs", "second", "seconds"),
}
"""ISO designator (``T``: of the time) → the words for it; ``m`` alone may be either and is none."""
_DESIGNATORS = {word: letter for letter, words in _UNITS.items() for word in words}


def between(start: pl.Series, end: pl.Series, *, both_days: bool = False) -> pl.DataFrame:
    """ISO dates → ``text`` of the duration and whether it is ``negative`` (then without text).

    Hours, minutes and seconds count as far as both have them; else, and with ``both_days`` (first
    and last day counted), the duration is in days. Missing where a date is not complete to the day
    or only one has a time zone.
    """
    frame = pl.DataFrame(_moment(start, "a") + _moment(end, "b"))
    precision = pl.lit(0) if both_days else pl.min_horizontal("precision_a", "precision_b")
    frame = frame.with_columns(precision=precision)
    apart = (pl.col("day_b") - pl.col("day_a")).dt.total_days() * 86400
    seconds = apart + _clock("b") - _clock("a") + (86400 if both_days else 0)
    one_zone = pl.col("zone_a").is_null() != pl.col("zone_b").is_null()
    known = ~(one_zone & (pl.col("precision") > 0))
    frame = frame.with_columns(seconds=pl.when(known).then(seconds))
    negative = (pl.col("seconds") < 0).fill_null(value=False)
    return frame.select(text=pl.when(~negative).then(_written()), negative=negative)


def _moment(dates: pl.Series, name: str) -> list[pl.Series]:
    """Day, seconds of the day down to each precision (0 to 3), precision, offset in seconds."""
    frame = pl.DataFrame({"date": dates.cast(pl.String), "day": days(dates)})
    found = frame.select("day", found=pl.col("date").str.extract_groups(_TIME)).unnest("found")
    hour, minute, second = (pl.col(part).cast(pl.Float64) for part in ("hour", "minute", "second"))
    zone = pl.col("zone").replace("Z", "+00:00")
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    offset = sign * (
        zone.str.slice(1, 2).cast(pl.Int64, strict=False) * 3600
        + zone.str.slice(4, 2).cast(pl.Int64, strict=False) * 60
    )
    clock = [pl.lit(0.0), hour * 3600, hour * 3600 + minute * 60]
    clock.append(clock[2] + second)
    precision = sum(
        (part.is_not_null().cast(pl.Int64) for part in (hour, minute, second)), pl.lit(0)
    )
    return found.select(
        pl.col("day").alias(f"day_{name}"),
        precision.alias(f"precision_{name}"),
        offset.alias(f"zone_{name}"),
        *(seconds.alias(f"clock{at}_{name}") for at, seconds in enumerate(clock)),
    ).get_columns()


def _clock(name: str) -> pl.Expr:
    """Seconds of the day at the precision that both moments have, in universal time if known."""
    local = pl.lit(0.0)
    for at in (1, 2, 3):
        local = pl.when(pl.col("precision") == at).then(f"clock{at}_{name}").otherwise(local)
    timed = pl.col("precision") > 0
    return local - pl.when(timed).then(pl.col(f"zone_{name}").fill_null(0)).otherwise(0)


def _written() -> pl.Expr:
    """``P3D``, ``P1DT2H``, ``PT2H30M``; no time at all is ``P0D`` or ``PT0M``."""
    total = pl.col("seconds").round(6)
    whole = total.floor().cast(pl.Int64)
    date = _part(whole // 86400, "D")
    seconds = text_of((total - (whole - whole % 60)).round(6))
    time = pl.concat_str(
        _part(whole % 86400 // 3600, "H"),
        _part(whole % 3600 // 60, "M"),
        pl.when(seconds != "0").then(seconds + "S").otherwise(pl.lit("")),
    )
    nothing = pl.col("precision").replace_strict({0: "P0D", 1: "PT0H", 2: "PT0M", 3: "PT0S"})
    timed = pl.when(time != "").then("T" + time).otherwise(pl.lit(""))
    some = pl.concat_str(pl.lit("P"), date, timed)
    return pl.when(total == 0).then(nothing).when(total > 0).then(some)


def _part(count: pl.Expr, letter: str) -> pl.Expr:
    return (
        pl.when(count > 0)
        .then(pl.concat_str(count.cast(pl.String), pl.lit(letter)))
        .otherwise(pl.lit(""))
    )


def designators(units: pl.Series) -> pl.Series:
    """``W`` for weeks, ``TM`` for minutes, …; null for what is no unit of time."""
    return units.str.to_lowercase().replace_strict(
        _DESIGNATORS, default=None, return_dtype=pl.String
    )


def of_number(number: pl.Series, designator: pl.Series) -> pl.Series:
    """``P3W``, ``PT30M``, ``-PT15M`` of numbers and designators."""
    frame = pl.DataFrame({"number": number, "unit": designator})
    sign = pl.when(pl.col("number") < 0).then(pl.lit("-P")).otherwise(pl.lit("P"))
    time = pl.when(pl.col("unit").str.starts_with("T")).then(pl.lit("T")).otherwise(pl.lit(""))
    amount = text_of(pl.col("number").abs())
    return frame.select(pl.concat_str(sign, time, amount, pl.col("unit").str.tail(1))).to_series()
