"""How long what was released is kept: ``25 years``, or until a date.

A retention may only grow: of two, the later date and the stronger mode count.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

Mode = Literal["governance", "compliance"]
"""S3 Object Lock's modes, the weaker one first: governance yields to whoever has the right to
bypass it, compliance to nobody, the account's owner included, before the date."""

MODES: tuple[Mode, ...] = ("governance", "compliance")
_PERIOD = re.compile(r"([1-9]\d{0,4}) (day|month|year)s?")
_MOST = {"day": 36_525, "month": 1_200, "year": 100}
"""A hundred years: a slip of the pen must not lock a bucket for good."""
_FORMS = "write a period such as 25 years, 18 months or 30 days, or a date such as 2051-12-31"


@dataclass(frozen=True, slots=True)
class Retention:
    """Keep until ``until`` (UTC), in ``mode``."""

    until: dt.datetime
    mode: Mode

    def joined(self, other: Retention | None) -> Retention:
        """The stronger of both in each respect."""
        if other is None:
            return self
        mode = max(self.mode, other.mode, key=MODES.index)
        return Retention(max(self.until, other.until), mode)


@dataclass(frozen=True, slots=True)
class Protection:
    """What a store itself keeps an object by; nothing where it has no locks."""

    retention: Retention | None = None
    held: bool = False
    """Under a legal hold, which has no end of its own."""

    def covers(self, wanted: Retention) -> bool:
        """Whether the object is kept at least as wanted."""
        return self.retention is not None and self.retention == self.retention.joined(wanted)


def checked_retention(text: str) -> str:
    """``text``, if it is a period or a date. Raises ValueError with what to write."""
    if _as_date(text) is None:
        _period(text)
    return text


def kept_until(retention: str, now: dt.datetime) -> dt.datetime:
    """The end (UTC) of the last day of a retention that begins ``now`` (UTC).

    A month without such a day ends it on its last. Raises ValueError for what is no retention
    (``checked_retention``), lies in the past, or more than a hundred years ahead.
    """
    last = _as_date(retention) or _after(retention, now.date())
    if last <= now.date():
        raise ValueError(f"{retention} is not ahead; {_FORMS}")
    if last.year > now.year + _MOST["year"]:
        raise ValueError(f"{retention} is more than 100 years ahead; write an earlier date")
    return dt.datetime.combine(last, dt.time(23, 59, 59), dt.UTC)


def _as_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if "-" in text else None
    except ValueError:
        return None


def _period(text: str) -> tuple[int, str]:
    """``25 years`` → (25, "year")."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is no retention; {_FORMS}")
    count, unit = int(found[1]), found[2]
    if count > _MOST[unit]:
        raise ValueError(f"'{text}' is too long; write at most 100 years")
    return count, unit


def _after(period: str, day: dt.date) -> dt.date:
    count, unit = _period(period)
    if unit == "day":
        return day + dt.timedelta(days=count)
    months = day.month - 1 + count * (12 if unit == "year" else 1)
    year, month = day.year + months // 12, months % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
