"""What mapping did with a partition's raw rows, counted by domain (``map.json``)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

MAP_REPORT = "map.json"


@dataclass(frozen=True, slots=True)
class Counts:
    """Raw rows ``read`` → ``made`` (after split and unpivot) = the sum of the others.

    ``records`` are kept, ``dropped`` by ``where``, ``merged`` into another (duplicates, collapse),
    ``quarantined`` without a place. A row counts once for every record set that reads it.
    """

    read: int = 0
    made: int = 0
    records: int = 0
    dropped: int = 0
    quarantined: int = 0
    merged: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.made + other.made,
            self.records + other.records,
            self.dropped + other.dropped,
            self.quarantined + other.quarantined,
            self.merged + other.merged,
        )


@dataclass(frozen=True, slots=True)
class DomainReport:
    """What became of one domain's raw rows."""

    domain: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class MapReport:
    """What mapping one partition did."""

    site: str
    domains: tuple[DomainReport, ...]
    findings: int

    def write(self, out: Path) -> None:
        """Write ``map.json`` into ``out``."""
        (out / MAP_REPORT).write_text(json.dumps(asdict(self), indent=1) + "\n")


def read_counts(partitions: Iterable[Path]) -> dict[str, Counts]:
    """The counts of mapped partitions together, by domain in alphabetical order."""
    found: dict[str, Counts] = {}
    for partition in partitions:
        for domain in json.loads((partition / MAP_REPORT).read_text())["domains"]:
            counts = Counts(**domain["counts"])
            found[domain["domain"]] = found.get(domain["domain"], Counts()) + counts
    return dict(sorted(found.items()))
