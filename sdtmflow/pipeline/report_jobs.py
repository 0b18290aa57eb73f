"""The last jobs: the report, and the tree that is published."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from sdtmflow.pipeline.following import read_standing
from sdtmflow.pipeline.judging_jobs import VERDICT
from sdtmflow.pipeline.numbering import FOLDER, Remember
from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.study_jobs import datasets_of
from sdtmflow.pipeline.workspace import FINDINGS, Artifact, digests

if TYPE_CHECKING:
    from sdtmflow.report import NotChecked


@dataclass(frozen=True, slots=True)
class WriteReport(Job):
    """The validation report: HTML and XLSX."""

    step: ClassVar[str] = "report"
    title: ClassVar[str] = "write report"
    run: Run
    outcome: Outcome
    deliveries: Mapping[str, Artifact]
    staged: Mapping[str, Artifact]
    assembled: Artifact
    findings: Artifact
    standing: Artifact
    """What stands in the register of findings after the run."""
    not_checked: tuple[NotChecked, ...]
    drifted: Mapping[str, Artifact] = field(default_factory=dict)
    """By site: what was compared with its last deliveries."""
    not_compared: Mapping[str, str] = field(default_factory=dict)
    """Source → why its delivery was not."""

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "report",
            outcome=self.outcome.content(),
            deliveries=digests(self.deliveries),
            staged=digests(self.staged),
            assembled=self.assembled.digest,
            findings=self.findings.digest,
            standing=self.standing.digest,
            not_checked=[asdict(each) for each in self.not_checked],
            drifted=digests(self.drifted),
            not_compared=dict(self.not_compared),
        )

    def build(self, out: Path) -> None:
        from sdtmflow.pipeline.report_facts import change_facts, run_facts
        from sdtmflow.pipeline.report_records import tables_of
        from sdtmflow.report import find_records, write_report

        findings = pl.read_parquet(self.run.workspace.path(self.findings) / FINDINGS)
        datasets = datasets_of(self.run, self.assembled)
        drifted = self.run.workspace.paths(self.drifted)
        changes = change_facts(self.run, drifted, self.not_compared)
        facts = run_facts(self.run, self.outcome, datasets, self.not_checked, changes)
        tables = tables_of(self.run, self.deliveries, self.staged, self.assembled)
        records = find_records(findings, tables)
        standing = read_standing(self.run.workspace.path(self.standing))
        write_report(facts, findings, out, standing=standing, records=records)


@dataclass(frozen=True, slots=True)
class LayOutBundle(Job):
    """The bundle's tree: the submission as an agency gets it, and beside it what explains it."""

    step: ClassVar[str] = "bundle"
    title: ClassVar[str] = "lay out bundle"
    run: Run
    package: Artifact
    judged: Artifact
    assembled: Artifact
    findings: Artifact
    report: Artifact
    data_docs: Artifact
    standing: Artifact
    numbers: Remember

    @property
    def key(self) -> str:
        made = (self.package, self.judged, self.assembled, self.findings)
        parts = (*made, self.report, self.data_docs, self.standing)
        return self.run.keys.step(
            "bundle",
            parts=[part.digest for part in parts],
            numbers=self.numbers.content(self.run),
        )

    def build(self, out: Path) -> None:
        path = self.run.workspace.path
        reports = out / "reports"
        shutil.copytree(path(self.package), out, dirs_exist_ok=True)
        shutil.copytree(path(self.assembled) / "lineage", out / "lineage")
        (out / FOLDER).mkdir()
        self.numbers.write(self.run, out / FOLDER)
        shutil.copytree(path(self.report), reports)
        shutil.copytree(path(self.findings), reports, dirs_exist_ok=True)
        shutil.copytree(path(self.standing), reports, dirs_exist_ok=True)
        shutil.copyfile(path(self.judged) / VERDICT, reports / VERDICT)
        shutil.copytree(path(self.data_docs), reports / "data-docs")
