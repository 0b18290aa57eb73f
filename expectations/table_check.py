"""One table: its plan run by Great Expectations, its outcomes as findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from expectations.batch import Batch, Outcome, Skipped, make_batch
from expectations.findings import Records, one_finding, row_findings, table_finding
from expectations.report import TableReport, Unchecked
from expectations.suite import Check
from expectations.table_plan import TablePlan
from sdtmflow.finding import Severity, Stage
from sdtmflow.study import Study

COLUMN_MISSING = "COLUMN_MISSING"
NOT_CHECKED = "NOT_CHECKED"


@dataclass(frozen=True, slots=True)
class TableCheck:
    """A table's report, its findings in parts (without fingerprints), and what was left out."""

    report: TableReport
    findings: tuple[pl.DataFrame, ...]
    unchecked: tuple[Unchecked, ...]


def check_table(
    plan: TablePlan,
    study: Study,
    site: str,
    tables: Path,
    stored: Path,
) -> TableCheck:
    """Validate the plan's table below ``tables``; GX's result goes to ``stored``."""
    from expectations import gx  # five seconds, and only here

    stage = Stage(plan.stage)
    batch = make_batch(plan, tables, study.sources)
    outcomes = gx.validate(
        plan.name,
        batch.steps,
        batch.rows,
        parameters={"cutoff": study.cutoff.isoformat()},
        stored=stored,
    )
    subject = "SUBJID" if stage is Stage.RAW else "USUBJID"
    records = Records(batch.rows, stage, plan.table, site, plan.key, subject)
    found = (
        *(part for outcome in outcomes for part in _findings(records, batch, outcome)),
        *_missing_columns(records, batch),
    )
    failed = sum(not outcome.success for outcome in outcomes)
    rows = sum(part.height for part in found)
    report = TableReport(plan.table, batch.rows.height, len(batch.steps), failed, rows)
    return TableCheck(report, found, tuple(_unchecked(plan, batch, outcomes)))


def _findings(records: Records, batch: Batch, outcome: Outcome) -> Iterator[pl.DataFrame]:
    check = batch.checks[outcome.number]
    if outcome.error:
        yield _not_checked(records, check, outcome.error)
    elif not outcome.success and outcome.positions.size:
        yield row_findings(records, check, outcome.positions)
    elif not outcome.success:
        yield table_finding(records, check, outcome.observed)


def _not_checked(records: Records, check: Check, error: str) -> pl.DataFrame:
    """A check that gave no answer counts as one that failed: nothing passes unseen."""
    return one_finding(
        records,
        rule=NOT_CHECKED,
        severity=check.severity.value,
        message=f"{check.rule} could not be evaluated ({error} in {check.expectation})",
        variable=check.subject_of_finding,
        record_key=check.rule,
    )


def _missing_columns(records: Records, batch: Batch) -> Iterator[pl.DataFrame]:
    """One finding for each column that is not there, as severe as the worst check it stops."""
    stopped: dict[str, list[Check]] = {}
    for skip in batch.skipped:
        if not skip.table and not skip.check.optional:
            stopped.setdefault(skip.column, []).append(skip.check)
    order = list(Severity)
    for column, checks in stopped.items():
        yield one_finding(
            records,
            rule=COLUMN_MISSING,
            severity=min((check.severity for check in checks), key=order.index).value,
            message=f"{records.table} has no column {column}",
            variable=column,
        )


def _unchecked(plan: TablePlan, batch: Batch, outcomes: Sequence[Outcome]) -> Iterator[Unchecked]:
    for skip in batch.skipped:
        yield Unchecked(plan.table, skip.check.rule, _reason(skip))
    for outcome in outcomes:
        if outcome.error:
            rule = batch.checks[outcome.number].rule
            yield Unchecked(plan.table, rule, f"it could not be evaluated ({outcome.error})")


def _reason(skip: Skipped) -> str:
    if skip.table:
        return f"there is no table {skip.table} to join"
    return f"there is no column {skip.column}"
