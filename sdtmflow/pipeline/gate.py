"""The gate: which findings forbid a publication."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.study import Gates


@dataclass(frozen=True, slots=True)
class Judged:
    """Rule → findings, most first."""

    stopping: dict[str, int]
    """Those that forbid a publication; empty where the gate is open."""
    waived: dict[str, int]
    """Those that would forbid it, were they not waived."""


def judged(gates: Gates, findings: pl.DataFrame, waivers: Collection[str] = frozenset()) -> Judged:
    """What findings (columns of FINDINGS_SCHEMA) do to a publication; ``waivers`` are fingerprints.

    A waived finding forbids nothing.
    """
    severities = [severity.value for severity in gates.stopping()]
    forbidding = findings.filter(pl.col("severity").is_in(severities))
    waived = pl.col("fingerprint").is_in(sorted(waivers))
    return Judged(_by_rule(forbidding.filter(~waived)), _by_rule(forbidding.filter(waived)))


def _by_rule(findings: pl.DataFrame) -> dict[str, int]:
    counts = findings.group_by("rule").len().sort(["len", "rule"], descending=[True, False])
    return dict(counts.iter_rows())


def by_severity(findings: pl.DataFrame) -> dict[str, int]:
    """Counts of all severities, zero included, the worst first."""
    counts = dict(findings.group_by("severity").len().iter_rows())
    return {severity.value: int(counts.get(severity.value, 0)) for severity in Severity}
