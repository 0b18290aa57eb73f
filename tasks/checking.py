"""The jobs that need Great Expectations, which the library itself never imports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sdtmflow.finding import Stage
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.workspace import Artifact
from sdtmflow.report import NotChecked

STUDY = "study"
"""The partition that holds the whole study's datasets."""


@dataclass(frozen=True, slots=True)
class Check(Job):
    """The suites of one stage over one partition: a site's raw tables, or the study's datasets."""

    step: ClassVar[str] = "check"
    title: ClassVar[str] = "check"
    run: Run
    stage: Stage
    partition: str
    tables: Artifact

    @property
    def part(self) -> str:
        return f"{self.stage} {self.partition}"

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "check",
            stage=self.stage,
            partition=self.partition,
            tables=self.tables.digest,
            suites=self.run.keys.suites,
            standards=self.run.keys.standards,
        )

    def build(self, out: Path) -> None:
        from expectations.check import check_tables

        tables = self.run.workspace.path(self.tables)
        check_tables(self.run.folder, self.stage, self.partition, tables, out)


@dataclass(frozen=True, slots=True)
class BuildDataDocs(Job):
    """Great Expectations' own pages of every validation of the run."""

    step: ClassVar[str] = "data-docs"
    title: ClassVar[str] = "build data docs"
    run: Run
    run_id: str
    checked: Mapping[str, Artifact]
    """By partition as the pages name it: ``site 03``, ``study``."""

    @property
    def key(self) -> str:
        checked = {name: artifact.digest for name, artifact in self.checked.items()}
        return self.run.keys.step("data-docs", run=self.run_id, checked=checked)

    def build(self, out: Path) -> None:
        from expectations.check import RESULTS
        from expectations.data_docs import build_data_docs

        results = {
            f"{partition} · {path.stem}": path
            for partition, artifact in self.checked.items()
            for path in sorted((self.run.workspace.path(artifact) / RESULTS).glob("*.json"))
        }
        cutoff = dt.datetime.combine(self.run.study.cutoff, dt.time(), dt.UTC)
        build_data_docs(results, self.run_id, cutoff, out)


def not_checked(run: Run, checked: Mapping[str, Artifact]) -> tuple[NotChecked, ...]:
    """What the checks could not look at, and why; ``checked`` is by partition."""
    from expectations.report import read_check_report

    reports = [read_check_report(run.workspace.path(artifact)) for artifact in checked.values()]
    return tuple(
        NotChecked(
            table=gap.table,
            reason=gap.reason,
            stage=report.stage,
            site=report.partition if report.partition in run.study.sites else "",
            rule=gap.rule,
        )
        for report in reports
        for gap in report.unchecked
    )
