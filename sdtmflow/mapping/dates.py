"""Collected dates and times → ISO 8601 text, as precise as they were collected and no more.

A format is written in the words of study.yaml: ``YYYY``, ``MM``, ``MON`` (English month name or its
first three letters, any letter case), ``DD``, ``HH``, ``MM`` after ``HH`` (minutes), ``SS``, ``AM``
(AM or PM); everything else stands for itself (a blank for any number of blanks). Between
separators, days, months and hours may have one digit. Years have four: a two-digit year has no
century and none is guessed. ``ISO`` (the default) is ISO 8601 itself, cut short at any component,
``T`` or a blank before the time, time zone kept as sent.

The formats of a list are tried in order; one *fits* when the text has its form **and** the date
exists, so ``13/04/2019`` fits ``DD/MM/YYYY`` although ``MM/DD/YYYY`` comes first in the list.

Unknown parts (``UN``, ``UNK``, ``UNKN``, ``NK``, dashes, and what the line declares) leave the
component out: 2019, 2019-02, 2019---20, 2019-02-05T10. Nothing is ever filled in.

| text | format | ISO 8601 |
|---|---|---|
| 05-Feb-2019 | DD-MON-YYYY | 2019-02-05 |
| UN-UNK-2019 | DD-MON-YYYY | 2019 |
| 20-UNK-2019 | DD-MON-YYYY | 2019---20 |
| UN-JAN-2019, 10:30 | DD-MON-YYYY, HH:MM | 2019-01--T10:30 |
| missing, 10:30 | HH:MM | -----T10:30 |
| 31-FEB-2019 | DD-MON-YYYY | missing, finding DATE_IMPOSSIBLE |
| spring 2019 | DD-MON-YYYY | missing, finding DATE_UNREADABLE |
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

import polars as pl

IMPOSSIBLE = "DATE_IMPOSSIBLE"
UNREADABLE = "DATE_UNREADABLE"
UNKNOWN_PARTS = ("UN", "UNK", "UNKN", "NK")

COMPLETE_DATE = r"^\d{4}-\d{2}-\d{2}"
"""ISO text that is complete to the day."""

_MONTHS = (
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
)
_MONTH_NUMBERS = {name[:3]: f"{number:02d}" for number, name in enumerate(_MONTHS, start=1)}
_FEBRUARY = 2
_PARTS = ("year", "month", "day", "hour", "minute", "second", "zone")
_TOKENS = re.compile(r"YYYY|MON|MM|DD|HH|SS|AM|\s+|.", re.IGNORECASE | re.DOTALL)
_DIGITS = {"year": r"\d{4}", "second": r"\d{2}(?:\.\d+)?"}
_ISO = (
    r"^(?P<year>\d{4}|-)(?:-(?P<month>\d{2}|-)(?:-(?P<day>\d{2}|-)?"
    r"(?:[T ](?P<hour>\d{2}|-)(?::(?P<minute>\d{2}|-)(?::(?P<second>\d{2}(?:\.\d+)?))?)?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?$"
)
_ISO_TIME = (
    r"^T?(?P<hour>\d{2}|-)(?::(?P<minute>\d{2}|-)(?::(?P<second>\d{2}(?:\.\d+)?))?)?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?$"
)
_STANDARD = {"ISO": _ISO, "ISO TIME": _ISO_TIME}


class FormatError(ValueError):
    """A date format that says too little; the message says what to write."""


def is_time(format_: str) -> bool:
    """Whether the format speaks of a time of day only."""
    return format_.upper() == "ISO TIME" or (
        "HH" in format_.upper() and "YYYY" not in format_.upper()
    )


@functools.cache
def pattern(format_: str, unknown: tuple[str, ...] = ()) -> str:
    """The format as a regular expression whose groups are named after the parts of a date.

    Raises FormatError for a format without any part, with a two-digit year or a part twice.
    """
    if format_.upper() in _STANDARD:
        return _STANDARD[format_.upper()]
    missing = "|".join(re.escape(text) for text in (*UNKNOWN_PARTS, *unknown))
    tokens = _TOKENS.findall(format_)
    parts: list[str] = []
    pieces = [_piece(tokens, at, parts, missing) for at in range(len(tokens))]
    _refuse_vague(format_, parts)
    return "(?i)^" + "".join(pieces) + "$"


def _piece(tokens: list[str], at: int, parts: list[str], missing: str) -> str:
    token = tokens[at].upper()
    if token.isspace():
        return r"\s+"
    part = _part(token, parts)
    if not part:
        return re.escape(tokens[at])
    parts.append(part)
    if token == "AM":  # noqa: S105 — a token of the format language
        return "(?P<half>AM|PM)"
    if token == "MON":  # noqa: S105
        names = "|".join(f"{name}|{name[:4]}|{name[:3]}" for name in _MONTHS)
        return f"(?P<month>{names}|{missing}|-+)"
    alone = not any(
        _is_part(token) for token in tokens[max(at - 1, 0) : at] + tokens[at + 1 : at + 2]
    )
    digits = _DIGITS.get(part, r"\d{1,2}" if alone else r"\d{2}")
    return f"(?P<{part}>{digits}|{missing}|-+)"


def _is_part(token: str) -> bool:
    return token.upper() in {"YYYY", "MON", "MM", "DD", "HH", "SS"}


def _part(token: str, before: list[str]) -> str:
    if token == "MM":  # noqa: S105
        return "minute" if "hour" in before else "month"
    return {
        "YYYY": "year",
        "MON": "month",
        "DD": "day",
        "HH": "hour",
        "SS": "second",
        "AM": "half",
    }.get(token, "")


def _refuse_vague(format_: str, parts: list[str]) -> None:
    if re.search(r"(?<!Y)YY(?!Y)", format_, re.IGNORECASE):
        raise FormatError(f"'{format_}' has a year without century; write YYYY, and ask for it")
    if not {"year", "hour"} & set(parts):
        raise FormatError(
            f"'{format_}' is no date format; write it with YYYY, MM or MON, DD, HH, SS"
        )
    if len(set(parts)) != len(parts):
        raise FormatError(f"'{format_}' names a part twice; name each once")


def check(formats: Sequence[str]) -> None:
    """Raise FormatError for the first format that cannot be used."""
    for format_ in formats:
        pattern(format_)


def dates_of(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats that read a date (or date and time); ISO where there is none."""
    dates = [format_ for format_ in formats if not is_time(format_)]
    return tuple(dates) or ("ISO",)


def times_of(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats that read a time of day; ISO where there is none."""
    return tuple(format_ for format_ in formats if is_time(format_)) or ("ISO TIME",)


def read(texts: pl.Series, formats: Sequence[str], unknown: Sequence[str] = ()) -> pl.DataFrame:
    """Texts → ``date`` (``2019-02``), ``stem`` (``2019-02--``), ``time``, ``problem`` (a rule).

    Row for row. ``stem`` is the date as it stands before a time. No text gives nothing and no
    problem. Each distinct text is read once.
    """
    distinct = pl.DataFrame({"text": texts.drop_nulls().unique()})
    answer = _read_distinct(distinct, formats, tuple(unknown))
    return (
        pl.DataFrame({"text": texts})
        .join(answer, on="text", how="left", maintain_order="left")
        .drop("text")
    )


def joined(date: pl.DataFrame, time: pl.DataFrame | None = None) -> pl.Series:
    """ISO 8601 text of what ``read`` gave for a date column and, if any, a time column.

    A time of the time column goes before one inside the date column.
    """
    clock = pl.Series("clock", date["time"])
    if time is not None:
        clock = time["time"].zip_with(time["time"].is_not_null(), clock)
    frame = date.with_columns(clock=clock, stem=pl.col("stem").fill_null(_NO_DATE))
    return frame.select(
        pl.when(pl.col("clock").is_not_null())
        .then(pl.concat_str("stem", pl.lit("T"), "clock"))
        .otherwise("date")
    ).to_series()


_NO_DATE = "-----"


def _read_distinct(
    texts: pl.DataFrame, formats: Sequence[str], unknown: tuple[str, ...]
) -> pl.DataFrame:
    tries = [_try(texts, pattern(format_, unknown), unknown) for format_ in _spelled_out(formats)]
    reading = tries[0]
    for other in tries[1:]:
        reading = _better(reading, other)
    return reading.select(
        "text",
        *_iso_parts(),
        problem=pl.when(pl.col("exists").is_null())
        .then(pl.lit(UNREADABLE))
        .when(~pl.col("exists"))
        .then(pl.lit(IMPOSSIBLE)),
    )


def _spelled_out(formats: Sequence[str]) -> list[str]:
    """``YYYY-MM-DD`` also reads what ISO 8601 cuts short (2019-02, 2019)."""
    spelled = []
    for format_ in formats:
        short = ("YYYY-MM", "YYYY") if format_.upper() == "YYYY-MM-DD" else ()
        spelled += [format_, *short]
    return spelled


def _better(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Row by row the first reading, unless only the second exists (or has the form at all)."""
    left, right = first["exists"], second["exists"]
    take_second = (right.fill_null(value=False) & ~left.fill_null(value=False)) | (
        left.is_null() & right.is_not_null()
    )
    return pl.DataFrame([second[name].zip_with(take_second, first[name]) for name in first.columns])


def _try(texts: pl.DataFrame, form: str, unknown: tuple[str, ...]) -> pl.DataFrame:
    """``text``, the parts (text, null = unknown), ``exists`` (null: not of this form)."""
    groups = texts.select("text", found=pl.col("text").str.extract_groups(form))
    named = re.compile(form).groupindex
    parts = groups.select(
        "text",
        *(_named_part(part, unknown) for part in (*_PARTS, "half") if part in named),
        *(pl.lit(None, pl.String).alias(part) for part in (*_PARTS, "half") if part not in named),
    )
    clean = parts.with_columns(
        _month(), *(_digits(part) for part in ("year", "day", "hour", "minute"))
    )
    seconds = clean.with_columns(pl.when(pl.col("second").str.contains(r"^\d")).then("second"))
    halved = seconds.with_columns(_hour_of_day())
    formed = texts.select(pl.col("text").str.contains(form)).to_series()
    return halved.select("text", *_PARTS, exists=pl.when(formed).then(_exists()))


def _named_part(part: str, unknown: tuple[str, ...]) -> pl.Expr:
    found = pl.col("found").struct.field(part).str.to_uppercase()
    declared = [text.upper() for text in unknown]
    return pl.when(~found.is_in(declared)).then(found).alias(part)


def _digits(part: str) -> pl.Expr:
    width = 4 if part == "year" else 2
    return pl.when(pl.col(part).str.contains(r"^\d+$")).then(pl.col(part).str.zfill(width))


def _month() -> pl.Expr:
    month = pl.col("month")
    named = month.str.slice(0, 3).replace_strict(
        _MONTH_NUMBERS, default=None, return_dtype=pl.String
    )
    return pl.coalesce(named, _digits("month")).alias("month")


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


def _exists() -> pl.Expr:
    """Whether the known parts can belong to a real date and time."""
    year, month, day, hour, minute, second = (
        pl.col(part).cast(pl.Float64).cast(pl.Int32) for part in _PARTS[:6]
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


def _iso_parts() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
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
