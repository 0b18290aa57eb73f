"""Spans of time as people write them: ``30m``, ``24h``, ``7d``."""

from __future__ import annotations

import datetime as dt
import re

from sdtmflow.errors import UsageError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhdw])")


def parse_duration(text: str, place: str) -> dt.timedelta:
    """``7d`` → seven days; ``place`` is the option that says it. Raises UsageError."""
    found = _SPAN.fullmatch(text.strip().lower())
    if not found:
        raise UsageError(
            f"'{text}' is no span of time", place=place, remedy="write 30m, 24h, 7d or 2w"
        )
    return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})


def duration_text(span: dt.timedelta) -> str:
    """Seven days → ``7d``: the largest unit that says it whole."""
    minutes = int(span.total_seconds()) // 60
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
