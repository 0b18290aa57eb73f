"""How counts, times and texts of others are said, on screens and in findings."""

from __future__ import annotations

import datetime as dt
import re

_UNSHOWN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def is_plain(text: str) -> bool:
    """Whether nothing in it makes one line look like two, or one name like another.

    That are control characters, marks without a width, changes of direction, halves of characters.
    """
    return _UNSHOWN.search(text) is None


def plain(text: str) -> str:
    """``text`` with a mark in place of what ``is_plain`` forbids."""
    return _UNSHOWN.sub("\ufffd", text)


def counted(count: int, what: str) -> str:
    """``1 codelist``, ``1,158 codelists``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def size_text(size: int) -> str:
    """Bytes as people say them: ``1.4 MB``."""
    units = ("B", "kB", "MB", "GB", "TB")
    power = min((len(str(size)) - 1) // 3, len(units) - 1)
    return f"{size / 1000**power:.{1 if power else 0}f} {units[power]}"


def minute_text(time: dt.datetime) -> str:
    """``2026-03-01 12:30``, in the time's own zone."""
    return f"{time:%Y-%m-%d %H:%M}"
