"""What a criterion is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from sdtmflow.agency import Profile

Subject = TypeVar("Subject")
"""What a criterion looks at: the package, a folder of datasets, or one dataset."""


class Weight(StrEnum):
    """What becomes of a package that breaks it."""

    REJECTS = "rejects"
    """It fails: a rejection criterion, an error of the eCTD's own validation, or what the
    conformance guide does not allow."""
    ASKED = "asked"
    """A reviewer will ask."""
    NOTED = "noted"
    """Good to know."""


REJECTS, ASKED, NOTED = Weight.REJECTS, Weight.ASKED, Weight.NOTED


class Hit(NamedTuple):
    """One place that breaks a criterion: a path in the package, and what is wrong there.

    Neither ever holds a value of the data.
    """

    place: str
    what: str


Hits = Iterator[Hit]


def always(_: Profile) -> bool:
    """It holds for every agency."""
    return True


@dataclass(frozen=True, slots=True)
class Criterion(Generic[Subject]):
    """What must hold, what becomes of a package that breaks it, where it is written, the remedy."""

    id: str
    weight: Weight
    words: str
    source: str
    remedy: str
    check: Callable[[Subject], Hits]
    holds_for: Callable[[Profile], bool] = always
    """Which agencies ask for it."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A criterion broken at one place."""

    criterion: Criterion[Any]
    place: str
    what: str
