"""What a report says of a run besides its findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """One site's (or study-wide source's) part in the run.

    ``delivered``: its delivery was used. ``last_good``: it could not be, an earlier one was.
    ``isolated``: the site is left out; ``reason`` says why.
    """

    site: str
    name: str
    systems: str
    """The kinds of its sources: ``odm``, ``redcap, delimited``."""
    status: Literal["delivered", "last_good", "isolated"]
    reason: str = ""
    country: str = ""
    subjects: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """An SDTM dataset of the run."""

    name: str
    label: str
    rows: int
    variables: int


@dataclass(frozen=True, slots=True)
class MappedFacts:
    """What mapping made of a domain's raw rows: none is lost without a number here.

    ``made`` = ``records`` (kept) + ``dropped`` (left out by the spec) + ``merged`` (into another,
    as the spec says) + ``quarantined``.
    """

    domain: str
    read: int
    """Raw rows; a row counts once for every record set that reads it."""
    made: int
    """Records that the rows may give: one a row, or one a value of an unpivot or split."""
    records: int
    dropped: int
    quarantined: int
    merged: int = 0


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something that was not checked, and why; empty ``site`` and ``rule`` mean all of them."""

    UNNAMED: ClassVar[str] = "no suite names it"
    """The reason of a whole table that no suite asks anything of."""

    table: str
    reason: str
    stage: str = ""
    site: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What has changed in a site's deliveries since the last ones; numbers are of raw records.

    Where ``reason`` says why, nothing was compared.
    """

    site: str
    """Empty for a study-wide source."""
    sources: str
    """Those that have sent another delivery: ``edc, central_lab``."""
    reason: str = ""
    subjects_before: int = 0
    subjects_new: int = 0
    subjects_gone: int = 0
    forms_new: tuple[str, ...] = ()
    forms_gone: tuple[str, ...] = ()
    records_before: int = 0
    records_new: int = 0
    records_gone: int = 0
    records_changed: int = 0
    values_changed: int = 0
    """Replaced or removed."""
    values_completed: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A place that belongs to the run, relative to the report where possible."""

    label: str
    target: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run of a study.

    ``cutoff`` (ISO 8601 date) is the only clock: the same run gives the same report. The report is
    drawn up before the publication and lies in the bundle, so it knows the gate's verdict
    (``verdict_reason`` is a sentence), not the version.
    """

    study: str
    title: str
    run_id: str
    cutoff: str
    sites: tuple[SiteFacts, ...]
    datasets: tuple[DatasetFacts, ...]
    verdict: Literal["passed", "stopped", "not_published"]
    verdict_reason: str = ""
    standards: str = ""
    """``SDTMIG 3.4, SDTM CT 2025-03-28``."""
    not_checked: tuple[NotChecked, ...] = ()
    links: tuple[Link, ...] = ()
    mapped: tuple[MappedFacts, ...] = ()
    changes: tuple[ChangeFacts, ...] = ()
    """Against the last deliveries; of sites that have sent nothing else there is none."""
