"""The job that judges the package as its agency would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.pipeline.outcome import JUDGED
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.workspace import FINDINGS, Artifact

if TYPE_CHECKING:
    from sdtmflow.gate import Breach

VERDICT = "gate.json"
"""What the gate said, beside its findings."""


@dataclass(frozen=True, slots=True)
class JudgePackage(Job):
    """What the agency would say of the package, by a reader that shares nothing with ours.

    A limited run's package is never whole: it is judged, and what is found stays in the verdict.
    """

    step: ClassVar[str] = "gate"
    title: ClassVar[str] = "judge package"
    run: Run
    package: Artifact

    @property
    def key(self) -> str:
        return self.run.keys.step("gate", package=self.package.digest, limited=self.run.limited)

    def build(self, out: Path) -> None:
        from sdtmflow.gate import judge, verdict_json

        study = self.run.study
        verdict = judge(self.run.workspace.path(self.package), study.agency)
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
                rule=f"{JUDGED}{criterion.id}",
                severity=severity,
                stage=Stage.PACKAGE,
                message=f"{breach.place or 'package'}: {breach.what} ({criterion.words})",
                dataset=name.removesuffix(".xpt").upper() if name.endswith(".xpt") else "",
                record_key=f"{breach.place} {breach.what}",
            )
