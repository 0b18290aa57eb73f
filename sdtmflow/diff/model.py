"""What differs between two bundles, as typed facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Depth(StrEnum):
    """How deep two bundles are compared; each depth holds the one before it."""

    DATASETS = "datasets"
    """Files and define.xml: no record is read."""
    RECORDS = "records"
    """Which records came, went, and differ."""
    VALUES = "values"
    """Every cell that differs."""


class Status(StrEnum):
    """A dataset in the later bundle, against the earlier one."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the later bundle was made from, and the earlier one was not."""

    kind: str
    """``delivery``, ``spec``, ``suite``, ``standard``, ``code``, ``gap`` or ``cutoff``."""
    what: str
    """The site and source, the file, the standard."""
    how: str
    """``new``, ``changed``, ``gone``, or ``2025-03-28 → 2025-09-26``."""


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """A statement of define.xml that differs; ``before`` or ``after`` is empty where it is none."""

    dataset: str
    """Empty for what belongs to none."""
    name: str
    """The variable, ``VARIABLE where …``, the codelist; empty for the dataset itself."""
    what: str
    """``label``, ``length``, ``term`` and so on."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DatasetDiff:
    """One dataset; counts are None where its records were not read."""

    name: str
    status: Status
    keys: tuple[str, ...] = ()
    """By which its records were told apart."""
    before: int | None = None
    after: int | None = None
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    cells: int | None = None
    """Cells that differ in records that are in both."""
    variables: tuple[tuple[str, int], ...] = ()
    """Variable → cells that differ, most first."""
    causes: tuple[str, ...] = ()
    changes: Path | None = None
    """``CHANGES`` as Parquet: a row for each record that came or went, and each cell."""


CHANGES = ("change", "subject", "record", "variable", "before", "after", "cause")
"""Columns of the changes, all of text. ``change``: ``added``, ``removed``, ``changed``, or
``key changed`` where the record is told by its --SEQ alone."""


@dataclass(frozen=True, slots=True)
class BundleDiff:
    """Two bundles of a study."""

    study: str
    old: str
    """``v0006``."""
    new: str
    created: tuple[str, str]
    depth: Depth
    between: tuple[Step, ...]
    metadata: tuple[MetadataChange, ...]
    datasets: tuple[DatasetDiff, ...]

    @property
    def differing(self) -> tuple[DatasetDiff, ...]:
        """The datasets that are not the same."""
        return tuple(one for one in self.datasets if one.status is not Status.SAME)
