"""How a site system lays out a form: its own names, codes and kinds of column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from generator.record import Record

Kind = Literal["text", "number", "date", "partial"]
"""``partial``: a date of which day or month may be unknown, kept as text by every system."""


@dataclass(frozen=True)
class Column:
    """A column of a form: CDASH name, the system's own name, label, kind and codes."""

    name: str
    sent: str
    label: str = ""
    kind: Kind = "text"
    codes: Mapping[str, str] | None = None
    """Submission value → what the system stores."""

    def value(self, record: Record) -> str:
        """What the system stores for this record; a value outside the codes as typed."""
        value = record[self.name]
        return (self.codes or {}).get(value, value)


@dataclass(frozen=True)
class Form:
    """A form: which of the trial's tables, its own name and title, its columns."""

    table: str
    sent: str
    title: str
    columns: tuple[Column, ...]


MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def day_month_year(date: str, *, month_names: bool = False) -> str:
    """``2025-03-14`` → ``14-03-2025`` (or ``14-MAR-2025``); unknown parts are ``UN``."""
    if not date:
        return ""
    year, month, day = (*date.split("-"), "UN", "UN")[:3]
    if month_names:
        month = "UNK" if month == "UN" else MONTHS[int(month) - 1]
    return f"{day}-{month}-{year}"
