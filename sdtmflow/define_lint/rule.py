"""What a rule is, and what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

Subject = TypeVar("Subject")
"""What a rule looks at: the document, a folder of data, or one dataset with its rows."""

BOTH = ("2.0", "2.1")
ONLY_21 = ("2.1",)
ONLY_20 = ("2.0",)


class Severity(StrEnum):
    """How much it matters: an error breaks the standard or a reader, a notice is worth a look."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


ERROR, WARNING, NOTICE = Severity.ERROR, Severity.WARNING, Severity.NOTICE


class Hit(NamedTuple):
    """One place that breaks a rule, and what is wrong there."""

    line: int
    what: str


Hits = Iterator[Hit]

_DIGITS = re.compile(r"[0-9]{1,9}")


def whole(text: str) -> int | None:
    """A whole number as the files write it; None for anything else, also for one too long."""
    return int(text) if _DIGITS.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """A rule: what must hold, how much it matters, where it comes from, what to do."""

    id: str
    severity: Severity
    words: str
    source: str
    """The element or chapter of the Define-XML specification (or another) that it rests on."""
    remedy: str
    check: Callable[[Subject], Hits]
    editions: tuple[str, ...] = BOTH
