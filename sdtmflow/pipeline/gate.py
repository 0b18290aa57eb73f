"""The gate: which findings forbid a publication."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.study import Gates


def stopping(gates: Gates, findings: pl.DataFrame) -> dict[str, int]:
    """Rule → findings that forbid a publication, most first; empty where the gate is open.

    ``findings`` has the columns of ``FINDINGS_SCHEMA``.
    """
    forbidden = [severity.value for severity in gates.stopping()]
    counts = (
        findings.filter(pl.col("severity").is_in(forbidden))
        .group_by("rule")
        .len()
        .sort(["len", "rule"], descending=[True, False])
    )
    return dict(counts.iter_rows())


def by_severity(findings: pl.DataFrame) -> dict[str, int]:
    """Counts of all severities, zero included, the worst first."""
    counts = dict(findings.group_by("severity").len().iter_rows())
    return {severity.value: int(counts.get(severity.value, 0)) for severity in Severity}
