"""ISO 8601 dates as SDTM writes them (SDTMIG 4.4.1): partial dates are whole citizens.

Plain Polars expressions over text columns; the expectations of ``own.py`` are thin shells on them.
"""

from __future__ import annotations

import polars as pl

# Right-truncated (2003-12), or with a hyphen for an unknown part in between (2003---15).
_FORM = (
    r"^(\d{4}|-)(-(0[1-9]|1[0-2]|-)(-(0[1-9]|[12]\d|3[01]|-)"
    r"(T([01]\d|2[0-3]|-)(:([0-5]\d|-)(:[0-5]\d(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$"
)
_KNOWN = r"^(\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2})?)?)?)?)?)"
_DAY = r"^(\d{4}-\d{2}-\d{2})"
_DAY_LENGTH = len("2003-12-15")


def is_iso(date: pl.Expr) -> pl.Expr:
    """True where the text is an ISO 8601 date or date-time, complete or partial, that exists."""
    form = date.str.contains(_FORM) & date.str.contains(r"\d") & ~date.str.ends_with("-")
    day = date.str.extract(_DAY)
    exists = day.is_null() | day.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return form & exists


def is_complete(date: pl.Expr) -> pl.Expr:
    """True where the text is an ISO 8601 date known to the day."""
    return is_iso(date) & date.str.contains(_DAY)


def day_of(date: pl.Expr) -> pl.Expr:
    """The calendar day of a date known to the day; null otherwise."""
    return date.str.extract(_DAY).str.to_date("%Y-%m-%d", strict=False)


def on_or_before(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """False where ``start`` is surely after ``end``.

    Partial dates are compared as far as both are known: 2024-03 and 2024-03-15 contradict nothing.

    | start | end | result |
    |---|---|---|
    | 2024-03-15 | 2024-03 | true |
    | 2024-04 | 2024-03-31 | false |
    | 2024-03-15T10:00 | 2024-03-15 | true |
    | missing | 2024 | true |
    """
    first, last = start.str.extract(_KNOWN), end.str.extract(_KNOWN)
    agree = first.str.starts_with(last) | last.str.starts_with(first)
    return ((first <= last) | agree).fill_null(value=True)


def agree(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """False where two dates are surely different: they differ as far as both are known."""
    one, other = first.str.extract(_KNOWN), second.str.extract(_KNOWN)
    same = one.str.starts_with(other) | other.str.starts_with(one)
    return same.fill_null(value=True)


def study_day(date: pl.Expr, reference: pl.Expr) -> pl.Expr:
    """SDTM's study day (SDTMIG 4.4.4): 1 on the reference day, -1 the day before; there is no 0."""
    days = (day_of(date) - day_of(reference)).dt.total_days()
    return pl.when(days >= 0).then(days + 1).otherwise(days)
