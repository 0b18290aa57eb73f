"""Findings counted in the ways a data manager asks: by severity, dataset, rule, and rule × site."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from sdtmflow.finding import Severity

ORDER = [severity.value for severity in Severity]
STUDY_WIDE = "study"
"""Stands for "no site" in tables and filters."""
HEAT_LEVELS = 5
_DARKEST = 20
"""Below so many failures of a rule at a site nothing is shown in the darkest shade."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A count with its shade, 0 (none) to ``HEAT_LEVELS``."""

    site: str
    count: int
    level: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule of the heat map: what it is, one of its messages, and its count at each site."""

    rule: str
    severity: str
    dataset: str
    message: str
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CountRow:
    """A name with its number of findings by severity."""

    name: str
    critical: int
    major: int
    minor: int

    @property
    def total(self) -> int:
        """All severities."""
        return self.critical + self.major + self.minor


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that the report counts."""

    total: int
    by_severity: CountRow
    by_dataset: tuple[CountRow, ...]
    by_stage: tuple[CountRow, ...]
    by_site: tuple[CountRow, ...]
    sites: tuple[str, ...]
    rules: tuple[RuleRow, ...]


def ordered(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings as people read them: worst first, then by site (study-wide last) and record."""
    rank = pl.col("severity").replace_strict({name: at for at, name in enumerate(ORDER)})
    keys = ["site", "dataset", "rule", "subject", "record_key", "variable", "fingerprint"]
    return findings.sort(rank, pl.col("site") == "", *keys)


def summarise(findings: pl.DataFrame) -> Summary:
    """Count a findings table (columns of ``FINDINGS_SCHEMA``)."""
    named = with_study_wide(findings)
    sites = tuple(sorted(named["site"].unique(), key=lambda site: (site == STUDY_WIDE, site)))
    return Summary(
        total=named.height,
        by_severity=next(iter(counts(named.with_columns(all=pl.lit("all")), "all")), _NOTHING),
        by_dataset=counts(named, "dataset"),
        by_stage=counts(named, "stage"),
        by_site=counts(named, "site"),
        sites=sites,
        rules=_rules(named, sites),
    )


_NOTHING = CountRow("all", 0, 0, 0)


def with_study_wide(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings with ``STUDY_WIDE`` for no site."""
    return findings.with_columns(pl.col("site").replace("", STUDY_WIDE))


def counts(findings: pl.DataFrame, column: str) -> tuple[CountRow, ...]:
    """The findings counted by a column, in alphabetical order; ``—`` stands for nothing."""
    by = findings.group_by(column).agg(
        *((pl.col("severity") == severity).sum().alias(severity) for severity in ORDER)
    )
    rows = by.sort(column).iter_rows(named=True)
    return tuple(
        CountRow(row[column] or "—", row["critical"], row["major"], row["minor"]) for row in rows
    )


def _rules(findings: pl.DataFrame, sites: tuple[str, ...]) -> tuple[RuleRow, ...]:
    key = ["rule", "severity", "dataset"]
    heads = findings.group_by(key).agg(pl.len().alias("total"), _said())
    counts = findings.group_by(*key, "site").len()
    by_rule: dict[tuple[str, ...], dict[str, int]] = {}
    for *names, site, count in counts.iter_rows():
        by_rule.setdefault(tuple(names), {})[site] = count
    most = max((count for row in by_rule.values() for count in row.values()), default=0)
    most = max(most, _DARKEST)
    rank = pl.col("severity").replace_strict({name: at for at, name in enumerate(ORDER)})
    return tuple(
        RuleRow(
            rule,
            severity,
            dataset,
            message,
            total,
            tuple(
                Cell(site, count, _level(count, most))
                for site in sites
                for count in [by_rule[rule, severity, dataset].get(site, 0)]
            ),
        )
        for rule, severity, dataset, total, message in heads.sort(
            rank, "rule", "dataset"
        ).iter_rows()
    )


def _said() -> pl.Expr:
    """What the rule's findings say; where they differ, what one of them says."""
    message = pl.col("message")
    return (
        pl.when(message.n_unique() > 1)
        .then("for example: " + message.min())
        .otherwise(message.min())
        .alias("message")
    )


def _level(count: int, most: int) -> int:
    """Shades by the square root, so that one runaway rule does not bleach the others."""
    return math.ceil(HEAT_LEVELS * math.sqrt(count / most)) if count else 0
