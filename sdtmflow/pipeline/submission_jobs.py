"""The jobs that make the package a submission, and judge it as its agency would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.study_jobs import FINDINGS, datasets_of
from sdtmflow.pipeline.workspace import Artifact

if TYPE_CHECKING:
    from sdtmflow.gate import Breach

VERDICT = "gate.json"
"""What the gate said, beside its findings."""


@dataclass(frozen=True, slots=True)
class LayOutSubmission(Job):
    """The package and the documents of people as an eCTD sequence, with index and tagging file.

    ``documents`` are artifacts whose PDF files stand beside define.xml.
    """

    step: ClassVar[str] = "submission"
    title: ClassVar[str] = "lay out submission"
    run: Run
    package: Artifact
    assembled: Artifact
    documents: tuple[Artifact, ...] = ()

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "submission",
            package=self.package.digest,
            assembled=self.assembled.digest,
            documents=[document.digest for document in self.documents],
        )

    def build(self, out: Path) -> None:
        from sdtmflow.package import PackageTree, write_backbone

        path = self.run.workspace.path
        shutil.copytree(path(self.package), out, dirs_exist_ok=True)
        tree = PackageTree.of(out, self.run.study)
        for document in self.documents:
            for file in sorted(path(document).glob("*.pdf")):
                shutil.copyfile(file, tree.sdtm / file.name)
        labels = {one.name: one.label for one in datasets_of(self.run, self.assembled)}
        write_backbone(out, self.run.study, labels, self._parameters())

    def _parameters(self) -> dict[str, str]:
        """TSVAL by TSPARMCD."""
        table = self.run.workspace.path(self.assembled) / "TS.parquet"
        if not table.is_file():
            return {}
        rows = pl.read_parquet(table, columns=["TSPARMCD", "TSVAL"]).drop_nulls()
        return dict(rows.unique("TSPARMCD", keep="first", maintain_order=True).iter_rows())


@dataclass(frozen=True, slots=True)
class JudgeSubmission(Job):
    """What the agency would say of the submission, by a reader that shares nothing with ours.

    A limited run's submission is never whole: it is judged, and what is found stays in the verdict.
    """

    step: ClassVar[str] = "gate"
    title: ClassVar[str] = "judge submission"
    run: Run
    submission: Artifact

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "gate", submission=self.submission.digest, limited=self.run.limited
        )

    def build(self, out: Path) -> None:
        from sdtmflow.gate import judge, verdict_json

        study = self.run.study
        verdict = judge(self.run.workspace.path(self.submission), study.agency)
        (out / VERDICT).write_text(verdict_json(verdict), encoding="utf-8")
        rejecting = Severity.CRITICAL if study.submission.gate == "stop" else Severity.MAJOR
        told = () if self.run.limited else verdict.breaches
        findings_frame(_findings(told, rejecting)).write_parquet(out / FINDINGS)


def _findings(breaches: tuple[Breach, ...], rejecting: Severity) -> Iterator[Finding]:
    """A finding for each breach; what is only to be noted stays in the gate's own report."""
    from sdtmflow.gate import Weight

    severities = {Weight.REJECTS: rejecting, Weight.ASKED: Severity.MINOR}
    for breach in breaches:
        criterion = breach.criterion
        if severity := severities.get(criterion.weight):
            name = breach.place.rpartition("/")[2]
            yield Finding(
                rule=f"GATE_{criterion.id}",
                severity=severity,
                stage=Stage.PACKAGE,
                message=f"{breach.place or 'package'}: {breach.what} ({criterion.words})",
                dataset=name.removesuffix(".xpt").upper() if name.endswith(".xpt") else "",
                record_key=f"{breach.place} {breach.what}",
            )
