"""Excel's cells as text, each by its own type."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

_EXACT = 1e15
"""Up to here a float holds every whole number that Excel can show."""
_TIME_PARTS = re.compile(r"[hs]|am/pm", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[\$[^\]]*\]')


def cell_text(cell: Any) -> str | None:
    """The cell's value as text; None for a blank or an error value."""
    value = cell.value
    if value is None or value == "" or cell.data_type == "e":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    return _moment(value, cell.number_format or "")


def _number(value: float) -> str:
    """The shortest digits that give the number again; Excel keeps 15 of them."""
    value = float(f"{value:.15g}")
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)


def _moment(value: Any, number_format: str) -> str:
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, dt.time):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, dt.datetime):
        rounded = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
        if rounded.time() == dt.time() and not _TIME_PARTS.search(_QUOTED.sub("", number_format)):
            return rounded.date().isoformat()
        return rounded.isoformat()
    return str(value)
