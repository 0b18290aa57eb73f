"""Standing: where a finding stands in its life, over all runs of a study.

Plain types and Polars schemas; what keeps them is ``sdtmflow.register``, what shows them the report
and the query lists. What a person did has its time (ISO 8601, UTC, ``2026-11-23T06:30:00+00:00``)
and the person's name. What a run did has its data cut-off as the time (a date) and ``run <id>`` as
the name: a bundle holds these tables, and the same runs must give the same bytes on any day. Empty
texts mean "none".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from sdtmflow.finding import FINDINGS_SCHEMA


class Status(StrEnum):
    """Where a finding stands."""

    NEW = "new"
    """Seen by a run; nobody has looked at it yet."""
    OPEN = "open"
    """Somebody has looked at it and follows it."""
    QUERIED = "queried"
    """The site was asked."""
    ANSWERED = "answered"
    """The site has answered, and the data still have it."""
    RESOLVED = "resolved"
    """A run that looked for it no longer has it."""
    WAIVED = "waived"
    """Somebody accepts it, for a reason and possibly until a date."""
    REOPENED = "reopened"
    """It was resolved or waived, and is there again; the reason says why."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something: neither resolved nor waived."""
        return self not in {Status.RESOLVED, Status.WAIVED}


LIFE_SCHEMA: dict[str, pl.DataType] = {
    "status": pl.String(),
    "since": pl.String(),  # time of the last change of the status
    "first_run": pl.String(),  # id of the run that saw it first
    "first_seen": pl.String(),  # the data cut-off date of that run
    "last_run": pl.String(),
    "last_seen": pl.String(),
    "runs": pl.Int64(),  # how many runs have seen it
    "reason": pl.String(),  # of the status: why waived, why reopened, how resolved
    "by": pl.String(),  # who gave it the status, or ``run <id>``
    "until": pl.String(),  # the last date of a waiver; empty: without an end
    "query_id": pl.String(),  # the query that asks the site
    "answer": pl.String(),  # what the site said
}
"""What a life adds to a finding."""

STANDING_SCHEMA: dict[str, pl.DataType] = {**FINDINGS_SCHEMA, **LIFE_SCHEMA}
"""One row a finding of the study's whole life, resolved ones included, by fingerprint.

The columns of ``FINDINGS_SCHEMA`` are as the last run that saw it wrote them (``query`` is the text
for the site), so that a resolved finding can still be shown.
"""

HISTORY_SCHEMA: dict[str, pl.DataType] = {
    "fingerprint": pl.String(),
    "time": pl.String(),
    "who": pl.String(),
    "action": pl.String(),
    "before": pl.String(),  # status; empty where it was seen first
    "after": pl.String(),  # status
    "text": pl.String(),  # the reason, the answer, what changed
}
"""One row a change of a finding, oldest first."""

TREND_SCHEMA: dict[str, pl.DataType] = {
    "number": pl.Int64(),  # 1 for the study's first run
    "run": pl.String(),
    "cutoff": pl.String(),
    "site": pl.String(),  # empty: of no single site
    "severity": pl.String(),
    "open": pl.Int64(),  # at the run's end, whatever is neither resolved nor waived
    "new": pl.Int64(),  # seen by this run first
    "resolved": pl.Int64(),  # by this run
    "waived": pl.Int64(),  # at the run's end
}
"""One row a run, site and severity that had any, oldest run first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The lives of a study's findings as they were at one time.

    ``findings`` has the columns of ``STANDING_SCHEMA`` (by fingerprint), ``history`` of
    ``HISTORY_SCHEMA``, ``trend`` of ``TREND_SCHEMA``.
    """

    findings: pl.DataFrame
    history: pl.DataFrame
    trend: pl.DataFrame

    @classmethod
    def nothing(cls) -> Standing:
        """Of a study that no run has seen."""
        schemas = (STANDING_SCHEMA, HISTORY_SCHEMA, TREND_SCHEMA)
        return cls(*(pl.DataFrame(schema=schema) for schema in schemas))
