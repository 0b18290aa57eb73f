"""Check a partition: every suite of a stage over its table, findings and results into a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from expectations.findings import Records, one_finding, united
from expectations.report import CheckReport, counted, unchecked_tables
from expectations.standard import standard_plans
from expectations.table_check import check_table
from expectations.table_plan import TablePlan, merged, plans
from sdtmflow.finding import Severity, Stage
from sdtmflow.study import StudyFolder

FINDINGS = "findings.parquet"
RESULTS = "validation"
TABLE_MISSING = "TABLE_MISSING"
_BESIDE = {"findings", "quarantine"}
"""Parquet files that lie beside the tables and are none."""


def check_tables(
    folder: StudyFolder,
    stage: Stage,
    partition: str,
    tables: Path,
    out: Path,
) -> CheckReport:
    """Run the suites of ``stage`` on the Parquet tables in ``tables``.

    ``partition`` is the site, or ``study`` for assembled datasets. Writes ``findings.parquet``,
    ``validation/<suite>.json`` (for ``build_data_docs``) and ``check.json`` into ``out``. A
    finding's ``file`` is the SHA-256 that the table gives; the run turns it into the name.

    Raises StudyErrors with every mistake of the study's suites, StudyError for a join that hides a
    column and for arguments that GX refuses.
    """
    site = partition if partition in folder.study.sites else ""
    present = _tables(tables)
    expected = _expected(folder, stage, present, tables)
    (out / RESULTS).mkdir()
    checks = [
        check_table(plan, folder.study, site, tables, out / RESULTS / f"{plan.name}.json")
        for table, plan in sorted(expected.items())
        if table in present
    ]
    absent = [plan for table, plan in sorted(expected.items()) if table not in present]
    findings = united(
        [part for check in checks for part in check.findings] + _missing(absent, stage, site)
    )
    findings.write_parquet(out / FINDINGS, compression="zstd")
    report = CheckReport(
        stage=stage.value,
        partition=partition,
        tables=tuple(check.report for check in checks),
        findings=counted(findings),
        unchecked=(
            *(gap for check in checks for gap in check.unchecked),
            *unchecked_tables(
                [plan.table for plan in absent],
                [table for table in present if table not in expected],
            ),
        ),
    )
    report.write(out)
    return report


def _tables(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.parquet") if path.stem not in _BESIDE)


def _expected(
    folder: StudyFolder, stage: Stage, present: Sequence[str], tables: Path
) -> dict[str, TablePlan]:
    """The study's own plans; on SDTM also the standard ones of the datasets that are there."""
    own = plans(folder, stage.value)
    if stage is not Stage.SDTM:
        return own
    standard = standard_plans(folder, tables, present, _described(tables))
    return {
        table: merged([plan[table] for plan in (standard, own) if table in plan])
        for table in {**standard, **own}
    }


def _described(tables: Path) -> dict[str, dict[str, Any]]:
    """Dataset → what ``datasets.json`` says of it, where that lies beside them."""
    metadata = tables / "datasets.json"
    if not metadata.is_file():
        return {}
    datasets = json.loads(metadata.read_text(encoding="utf-8"))
    return {dataset["name"]: dataset for dataset in datasets}


def _missing(absent: Sequence[TablePlan], stage: Stage, site: str) -> list[pl.DataFrame]:
    nothing = pl.DataFrame()
    return [
        one_finding(
            Records(nothing, stage, plan.table, site, ()),
            rule=TABLE_MISSING,
            severity=Severity.CRITICAL.value,
            message=f"Nothing was delivered for {plan.table}, which every site must send",
        )
        for plan in absent
        if plan.required
    ]
