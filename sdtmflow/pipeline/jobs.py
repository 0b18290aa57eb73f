"""The jobs of a run, in the order of the data's way; every one makes one artifact.

What a job reads of another's is in its key by digest, so an upstream step that gives the same
bytes again makes no work downstream.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from sdtmflow.errors import DeliveryError, StudyError
from sdtmflow.finding import FINDINGS_SCHEMA, Finding, Severity, findings_frame
from sdtmflow.mapping.plan import DESIGN_DATASETS
from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.workspace import Artifact
from sdtmflow.study import StudyFolder

if TYPE_CHECKING:
    from sdtmflow.dataset import Dataset
    from sdtmflow.mapping import Plan
    from sdtmflow.report import NotChecked
    from sdtmflow.sources.report import FileReport

FINDINGS = "findings.parquet"
"""Where every step that finds something writes it."""


@dataclass(frozen=True, slots=True)
class Collect(Job):
    """A source's delivery: its bytes kept as snapshots, its records as raw tables."""

    step: ClassVar[str] = "collect"
    title: ClassVar[str] = "collect"
    run: Run
    source: str
    delivery_key: str

    @property
    def part(self) -> str:
        source = self.run.study.sources[self.source]
        return f"{source.site or self.source} ({source.kind})"

    @property
    def key(self) -> str:
        return self.delivery_key

    def build(self, out: Path) -> None:
        from sdtmflow.sources.collect import collect

        report = collect(self.run.folder, self.source, self.run.snapshots, out)
        if report.key != self.delivery_key:
            raise DeliveryError(
                "the delivery changed while it was read",
                place=f"source '{self.source}'",
                remedy="run again when it has arrived completely",
            )


@dataclass(frozen=True, slots=True)
class StageSite(Job):
    """One site's records under the study's own names: its sources and its share of the others."""

    step: ClassVar[str] = "stage"
    title: ClassVar[str] = "stage site"
    run: Run
    site: str
    deliveries: Mapping[str, Artifact]

    @property
    def part(self) -> str:
        return self.site

    @property
    def key(self) -> str:
        return self.run.keys.step("stage", site=self.site, deliveries=_digests(self.deliveries))

    def build(self, out: Path) -> None:
        from sdtmflow.sources.stage import stage

        stage(self.run.study, self.site, _paths(self.run, self.deliveries), out)


@dataclass(frozen=True, slots=True)
class CompareDeliveries(Job):
    """What no site alone can see.

    Rows that belong to no site, subjects in two sites, and what the last delivery still had.
    """

    step: ClassVar[str] = "compare"
    title: ClassVar[str] = "compare deliveries"
    run: Run
    deliveries: Deliveries
    staged: Mapping[str, Artifact]

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "compare",
            used=_digests(self.deliveries.used),
            previous=_digests(self.deliveries.previous),
            staged=_digests(self.staged),
        )

    def build(self, out: Path) -> None:
        from sdtmflow.sources.study_wide import subjects_in_two_sites, unclaimed

        study = self.run.study
        used = _paths(self.run, self.deliveries.used)
        findings = [
            *unclaimed(study, used, self.deliveries.isolated(study)).findings,
            *subjects_in_two_sites(study, _paths(self.run, self.staged)),
            *self._vanished(used),
        ]
        findings_frame(findings).write_parquet(out / FINDINGS)

    def _vanished(self, used: Mapping[str, Path]) -> Iterator[Finding]:
        from sdtmflow.sources.reconcile import compare_deliveries
        from sdtmflow.sources.report import read_collect_report

        for source, before in _paths(self.run, self.deliveries.previous).items():
            reports = read_collect_report(before), read_collect_report(used[source])
            yield from compare_deliveries(*reports, self.run.study.sources[source].site)


@dataclass(frozen=True, slots=True)
class MapSite(Job):
    """One site's SDTM records."""

    step: ClassVar[str] = "map"
    title: ClassVar[str] = "map site"
    run: Run
    site: str
    staged: Artifact

    @property
    def part(self) -> str:
        return self.site

    @property
    def key(self) -> str:
        keys = self.run.keys
        return keys.step(
            "map",
            site=self.site,
            staged=self.staged.digest,
            specs=keys.specs,
            standards=keys.standards,
        )

    def build(self, out: Path) -> None:
        from sdtmflow.mapping import map_partition

        map_partition(plan_of(self.run), self.run.workspace.path(self.staged), self.site, out)


@dataclass(frozen=True, slots=True)
class Assemble(Job):
    """The study's datasets: the sites' records in order, and the trial design."""

    step: ClassVar[str] = "assemble"
    title: ClassVar[str] = "assemble datasets"
    run: Run
    mapped: Mapping[str, Artifact]

    @property
    def key(self) -> str:
        keys = self.run.keys
        return keys.step(
            "assemble",
            mapped=_digests(self.mapped),
            specs=keys.specs,
            standards=keys.standards,
        )

    def build(self, out: Path) -> None:
        from sdtmflow.mapping import assemble

        assemble(plan_of(self.run), list(_paths(self.run, self.mapped).values()), out)


@dataclass(frozen=True, slots=True)
class WritePackage(Job):
    """The files that an agency gets: XPT, define.xml, Dataset-JSON."""

    step: ClassVar[str] = "package"
    title: ClassVar[str] = "write package"
    run: Run
    assembled: Artifact

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "package", assembled=self.assembled.digest, domains=self.run.domains
        )

    def build(self, out: Path) -> None:
        from sdtmflow.package import write_package

        data = self.run.workspace.path(self.assembled)
        write_package(self.run.study, datasets_of(self.run, self.assembled), data, out)


@dataclass(frozen=True, slots=True)
class ReadBack(Job):
    """The written files against the datasets, cell by cell, with a reader that is not ours."""

    step: ClassVar[str] = "read-back"
    title: ClassVar[str] = "read package back"
    run: Run
    assembled: Artifact
    package: Artifact

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "read-back", assembled=self.assembled.digest, package=self.package.digest
        )

    def build(self, out: Path) -> None:
        from sdtmflow.package import read_back

        path = self.run.workspace.path
        datasets = datasets_of(self.run, self.assembled)
        findings = read_back(datasets, path(self.assembled), path(self.package))
        findings_frame(findings).write_parquet(out / FINDINGS)


@dataclass(frozen=True, slots=True)
class GatherFindings(Job):
    """All findings of the run as one table, the worst first, with files by their sent names."""

    step: ClassVar[str] = "findings"
    title: ClassVar[str] = "gather findings"
    run: Run
    found: tuple[Artifact, ...]
    deliveries: Mapping[str, Artifact]

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "findings",
            found=[artifact.digest for artifact in self.found],
            deliveries=_digests(self.deliveries),
        )

    def build(self, out: Path) -> None:
        paths = [self.run.workspace.path(artifact) / FINDINGS for artifact in self.found]
        frames = [pl.read_parquet(path).select(list(FINDINGS_SCHEMA)) for path in paths]
        names = {file.sha256: file.name for file in delivered_files(self.run, self.deliveries)}
        order = pl.col("severity").replace_strict({s.value: n for n, s in enumerate(Severity)})
        pl.concat([pl.DataFrame(schema=FINDINGS_SCHEMA), *frames]).with_columns(
            pl.col("row").fill_null(0), pl.col("file").replace(names)
        ).sort(
            order, "site", "subject", "rule", "dataset", "record_key", "variable", "file", "row"
        ).write_parquet(out / FINDINGS)


@dataclass(frozen=True, slots=True)
class WriteReport(Job):
    """The validation report: HTML and XLSX."""

    step: ClassVar[str] = "report"
    title: ClassVar[str] = "write report"
    run: Run
    outcome: Outcome
    assembled: Artifact
    findings: Artifact
    not_checked: tuple[NotChecked, ...]

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "report",
            outcome=self.outcome.content(),
            assembled=self.assembled.digest,
            findings=self.findings.digest,
            not_checked=[asdict(each) for each in self.not_checked],
        )

    def build(self, out: Path) -> None:
        from sdtmflow.pipeline.report_facts import run_facts
        from sdtmflow.report import write_report

        findings = pl.read_parquet(self.run.workspace.path(self.findings) / FINDINGS)
        datasets = datasets_of(self.run, self.assembled)
        facts = run_facts(self.run, self.outcome, datasets, self.not_checked)
        write_report(facts, findings, out)


@dataclass(frozen=True, slots=True)
class LayOutBundle(Job):
    """The bundle's tree: the package as an agency gets it, and beside it what explains it."""

    step: ClassVar[str] = "bundle"
    title: ClassVar[str] = "lay out bundle"
    run: Run
    package: Artifact
    assembled: Artifact
    findings: Artifact
    report: Artifact
    data_docs: Artifact

    @property
    def key(self) -> str:
        parts = (self.package, self.assembled, self.findings, self.report, self.data_docs)
        return self.run.keys.step("bundle", parts=[part.digest for part in parts])

    def build(self, out: Path) -> None:
        path = self.run.workspace.path
        reports = out / "reports"
        shutil.copytree(path(self.package), out, dirs_exist_ok=True)
        shutil.copytree(path(self.assembled) / "lineage", out / "lineage")
        shutil.copytree(path(self.report), reports)
        shutil.copytree(path(self.findings), reports, dirs_exist_ok=True)
        shutil.copytree(path(self.data_docs), reports / "data-docs")


def delivered_files(run: Run, deliveries: Mapping[str, Artifact]) -> list[FileReport]:
    """The files of all deliveries, as collecting reported them."""
    from sdtmflow.sources.report import read_collect_report

    reports = [read_collect_report(path) for path in _paths(run, deliveries).values()]
    return [file for report in reports for file in report.files]


def datasets_of(run: Run, assembled: Artifact) -> tuple[Dataset, ...]:
    """The datasets that the run is asked for, as ``assemble`` described them."""
    from sdtmflow.mapping import read_datasets

    datasets = read_datasets(run.workspace.path(assembled) / "datasets.json")
    return tuple(
        dataset
        for dataset in datasets
        if not run.domains or {dataset.name, dataset.domain} & set(run.domains)
    )


def plan_of(run: Run) -> Plan:
    """The mapping plan, loaded once for each content of the specs."""
    return _plan(run.folder, run.keys.specs)


def require_sound(run: Run) -> None:
    """Raises StudyError where a spec is wrong, or lacks a domain that the run is asked for."""
    known = {*plan_of(run).domains, *DESIGN_DATASETS}
    unknown = [domain for domain in run.domains if domain.removeprefix("SUPP") not in known]
    if unknown:
        raise StudyError(
            f"there is no mapping of {', '.join(unknown)}",
            place="mappings",
            remedy=f"there are: {', '.join(sorted(known))}",
        )


@lru_cache(maxsize=4)
def _plan(folder: StudyFolder, _specs_key: str) -> Plan:
    from sdtmflow.mapping import load_plan

    return load_plan(folder)


def _digests(artifacts: Mapping[str, Artifact]) -> dict[str, str]:
    return {name: artifact.digest for name, artifact in artifacts.items()}


def _paths(run: Run, artifacts: Mapping[str, Artifact]) -> dict[str, Path]:
    return {name: run.workspace.path(artifact) for name, artifact in artifacts.items()}
