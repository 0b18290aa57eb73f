"""SAS numbers as text: shortest exact digits, and ISO 8601 where the format says date or time."""

from __future__ import annotations

import re
from typing import Literal

import polars as pl

Kind = Literal["date", "datetime", "time", ""]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "datetime",
        re.compile(
            r"DATETIME|DATEAMPM|DTDATE|DTMONYY|DTWKDATX|DTYEAR|DTYYQC|MDYAMPM"
            r"|[EB]8601(DT|DX|DZ|DN|LX|LZ)|IS8601DT|NLDATM"
        ),
    ),
    (
        "date",
        re.compile(
            r"DATE|DDMMYY|MMDDYY|YYMMDD|YYDDMM|[EB]8601DA|IS8601DA|MONYY|YYMON|MMYY|YYMM|WEEKDAT"
            r"|WORDDAT|JULIAN|YYQ|NENGO|MINGUO|NLDATE|PDJUL|EURDF"
        ),
    ),
    (
        "time",
        re.compile(r"TIME|TOD|HHMM|MMSS|HOUR|[EB]8601(TM|TX|TZ|LZ)|IS8601TM|NLTIM|TIMEAMPM"),
    ),
)
_EPOCH_DAYS = 3653
"""Days from 1960-01-01, where SAS begins, to 1970-01-01."""
_FIRST_DAY, _LAST_DAY = -138_061, 2_936_547
"""1582-01-01, SAS's first day, and 9999-12-31."""
_DAY = 86_400
_EXACT = 1e15
"""Up to here a whole number is exact and its digits are its shortest text."""


def kind_of(format_name: str) -> Kind:
    """What a SAS format such as ``DATE9.`` or ``E8601DT19.`` says of a number."""
    name = format_name.upper().lstrip("$").rstrip("0123456789.")
    return next((kind for kind, pattern in _KINDS if pattern.match(name)), "")


def text_of(column: str, format_name: str) -> pl.Expr:
    """Float64 to text. A value that its format cannot mean (year 20000) stays a number."""
    number = pl.col(column)
    plain = _number(number)
    match kind_of(format_name):
        case "date":
            return _when_whole(
                number, plain, number.is_between(_FIRST_DAY, _LAST_DAY), _date(number)
            )
        case "datetime":
            fits = number.is_between(_FIRST_DAY * _DAY, (_LAST_DAY + 1) * _DAY, closed="left")
            return pl.when(fits).then(_datetime(number)).otherwise(plain)
        case "time":
            return pl.when(number >= 0).then(_time(number)).otherwise(plain)
        case _:
            return plain


def _number(number: pl.Expr) -> pl.Expr:
    whole = (number == number.round(0)) & (number.abs() < _EXACT)
    digits = pl.when(whole).then(number).cast(pl.Int64).cast(pl.String)
    return pl.when(whole).then(digits).otherwise(number.cast(pl.String))


def _when_whole(number: pl.Expr, plain: pl.Expr, fits: pl.Expr, text: pl.Expr) -> pl.Expr:
    return pl.when(fits & (number == number.round(0))).then(text).otherwise(plain)


def _date(number: pl.Expr) -> pl.Expr:
    fits = number.is_between(_FIRST_DAY, _LAST_DAY)
    days = pl.when(fits).then(number).cast(pl.Int64) - _EPOCH_DAYS
    return days.cast(pl.Int32).cast(pl.Date).dt.to_string("%Y-%m-%d")


def _datetime(number: pl.Expr) -> pl.Expr:
    fits = number.is_between(_FIRST_DAY * _DAY, (_LAST_DAY + 1) * _DAY)
    microseconds = (pl.when(fits).then(number) * 1e6).round(0).cast(pl.Int64)
    since_1970 = microseconds - _EPOCH_DAYS * _DAY * 1_000_000
    return since_1970.cast(pl.Datetime("us")).dt.to_string("%Y-%m-%dT%H:%M:%S%.f")


def _time(number: pl.Expr) -> pl.Expr:
    """``HH:MM:SS``; hours go on past 24, as SAS lets them."""
    seconds = number.floor().cast(pl.Int64)
    fraction = (number - number.floor()).round(6)
    rest = pl.when(fraction > 0).then(fraction.cast(pl.String).str.strip_prefix("0"))
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    clock = pl.concat_str([part.cast(pl.String).str.zfill(2) for part in parts], separator=":")
    return clock + rest.fill_null("")
