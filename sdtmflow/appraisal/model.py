"""What is said of a package, sorted by what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sdtmflow.gate import Verdict, Weight

AGREEMENTS: Mapping[str, tuple[str, ...]] = {
    "variables": ("DD1906", "DD1907"),
    "order": ("DD1908",),
    "labels": ("DD1905", "DD1909"),
    "types": ("DD1910", "DD1917", "DD1918"),
    "lengths": ("DD1911",),
    "codelists": ("DD1916",),
    "values": ("DD1912", "DD1914", "DD1919"),
    "keys": ("DD1913",),
}
"""What define.xml and the data must agree in, with the linter's rules that see it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where, and what is wrong there; it never holds a value of the data."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Issue:
    """A rule that is broken, with every place."""

    rule: str
    weight: Weight
    words: str
    source: str
    remedy: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A dataset of the package, or one that define.xml describes and that is not there.

    ``agreement`` gives, for each of ``AGREEMENTS``, how many places differ; it is empty where
    define.xml does not describe the dataset or its file cannot be read.
    """

    name: str
    label: str
    file: str
    records: int
    variables: int
    size: int
    keys: tuple[str, ...] = ()
    agreement: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""
    """Why there is nothing to compare: not described, not there, not readable."""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """All that was found; ``edition`` is Define-XML's, empty where none could be read."""

    verdict: Verdict
    edition: str
    rules: int
    """How many criteria and rules were asked."""
    shelves: tuple[Shelf, ...]
    issues: tuple[Issue, ...]
    """The gravest first, in the order of their rules."""

    def of(self, weight: Weight) -> tuple[Issue, ...]:
        """The issues of one weight."""
        return tuple(issue for issue in self.issues if issue.weight is weight)

    def places(self, weight: Weight) -> int:
        """How many places the issues of one weight have."""
        return sum(len(issue.places) for issue in self.of(weight))
