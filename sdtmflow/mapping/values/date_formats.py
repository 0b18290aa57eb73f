"""The language of date formats (see ``dates.py``): a format as a regular expression."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

UNKNOWN_PARTS = ("UN", "UNK", "UNKN", "NK")
MONTHS = (
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

MONTH_NAMES = "|".join(f"{name}|{name[:4]}|{name[:3]}" for name in MONTHS)
_TOKENS = re.compile(r"YYYY|YY|MON|MM|DD|HH|SS|AM|Z|\s+|.", re.IGNORECASE | re.DOTALL)
_DIGITS = {"year": r"\d{4}", "short_year": r"\d{2}", "second": r"\d{2}(?:\.\d+)?"}
_ZONE = r"(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)"
_ISO = (
    r"^(?P<year>\d{4}|-)(?:-(?P<month>\d{2}|-)(?:-(?P<day>\d{2}|-)?"
    r"(?:[T ](?P<hour>\d{2}|-)(?::(?P<minute>\d{2}|-)(?::(?P<second>\d{2}(?:\.\d+)?))?)?"
    rf"(?: ?{_ZONE})?)?)?)?$"
)
_ISO_TIME = (
    r"^T?(?P<hour>\d{2}|-)(?::(?P<minute>\d{2}|-)(?::(?P<second>\d{2}(?:\.\d+)?))?)?"
    rf"(?: ?{_ZONE})?$"
)
_STANDARD = {"ISO": _ISO, "ISO TIME": _ISO_TIME}


class FormatError(ValueError):
    """A date format that says too little; the message says what to write."""


def is_time(format_: str) -> bool:
    """Whether the format speaks of a time of day only."""
    return format_.upper() == "ISO TIME" or (
        "HH" in format_.upper() and "YY" not in format_.upper()
    )


@functools.cache
def pattern(format_: str, unknown: tuple[str, ...] = ()) -> str:
    """The format as a regular expression whose groups are named after the parts of a date.

    Raises FormatError for a format without any part, or with a part twice.
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
    if token == "Z":  # noqa: S105
        return _ZONE
    if token == "MON":  # noqa: S105
        return f"(?P<month>{MONTH_NAMES}|{missing}|-+)"
    alone = not any(
        _is_part(token) for token in tokens[max(at - 1, 0) : at] + tokens[at + 1 : at + 2]
    )
    digits = _DIGITS.get(part, r"\d{1,2}" if alone else r"\d{2}")
    return f"(?P<{part}>{digits}|{missing}|-+)"


def _is_part(token: str) -> bool:
    return token.upper() in {"YYYY", "YY", "MON", "MM", "DD", "HH", "SS"}


def _part(token: str, before: list[str]) -> str:
    if token == "MM":  # noqa: S105
        return "minute" if "hour" in before else "month"
    return {
        "YYYY": "year",
        "YY": "short_year",
        "MON": "month",
        "DD": "day",
        "HH": "hour",
        "SS": "second",
        "AM": "half",
        "Z": "zone",
    }.get(token, "")


def _refuse_vague(format_: str, parts: list[str]) -> None:
    if not {"year", "short_year", "hour"} & set(parts):
        raise FormatError(
            f"'{format_}' is no date format; write it with YYYY, MM or MON, DD, HH, SS"
        )
    if len(set(parts)) != len(parts) or {"year", "short_year"} <= set(parts):
        raise FormatError(f"'{format_}' names a part twice; name each once")


def check(formats: Sequence[str], year_cutoff: int | None = None) -> None:
    """Raise FormatError for the first format that cannot be used."""
    for format_ in formats:
        if "(?P<short_year>" in pattern(format_) and year_cutoff is None:
            raise FormatError(
                f"'{format_}' has a year without century; ask for YYYY, or declare "
                "'year_cutoff: 1950' (two digits then mean 1950 to 2049)"
            )


def dates_of(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats that read a date (or date and time); ISO where there is none."""
    dates = [format_ for format_ in formats if not is_time(format_)]
    return tuple(dates) or ("ISO",)


def times_of(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats that read a time of day; ISO where there is none."""
    return tuple(format_ for format_ in formats if is_time(format_)) or ("ISO TIME",)
