"""The jobs that need every site: compare, assemble, package, read back, gather findings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from sdtmflow.finding import (
    FINDINGS_SCHEMA,
    Finding,
    Severity,
    findings_frame,
    fingerprinted,
)
from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.document_jobs import ACRF, GUIDE
from sdtmflow.pipeline.guide_facts import Packaged, Told, write_guide
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.workspace import FINDINGS, Artifact, digests

if TYPE_CHECKING:
    from sdtmflow.dataset import Dataset
    from sdtmflow.sources.report import FileReport
    from sdtmflow.study import Study


@dataclass(frozen=True, slots=True)
class CompareDeliveries(Job):
    """What no site alone can see.

    Rows that belong to no site, tables that nothing reads, subjects in two sites, columns that
    study.yaml settles in vain, and the tables and columns of each source against its last delivery.
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
            used=digests(self.deliveries.used),
            last=digests(self.deliveries.earlier.read),
            staged=digests(self.staged),
            specs=self.run.keys.specs,
            standards=self.run.keys.standards,
        )

    def build(self, out: Path) -> None:
        from sdtmflow.sources.study_wide import subjects_in_two_sites, unclaimed

        study = self.run.study
        used = self.run.workspace.paths(self.deliveries.used)
        findings = [
            *unclaimed(study, used, self.deliveries.isolated(study)).findings,
            *subjects_in_two_sites(study, self.run.workspace.paths(self.staged)),
            *self._unknown(used),
            *self._settled_in_vain(used),
            *self._drift(used),
        ]
        findings_frame(findings).write_parquet(out / FINDINGS)

    def _unknown(self, used: Mapping[str, Path]) -> Iterator[Finding]:
        from sdtmflow.sources.delivery_findings import unknown_tables
        from sdtmflow.sources.stage import opened_delivery

        read = plan_of(self.run).raw_columns()
        for source, collected in used.items():
            yield from unknown_tables(opened_delivery(self.run.study, source, collected), read)

    def _settled_in_vain(self, used: Mapping[str, Path]) -> Iterator[Finding]:
        """Told only where every source is there: another may have the column."""
        from sdtmflow.sources.privacy_findings import columns_not_found
        from sdtmflow.sources.stage import opened_delivery

        study = self.run.study
        if study.privacy.columns and study.sources.keys() <= used.keys():
            opened = [opened_delivery(study, name, path) for name, path in used.items()]
            yield from columns_not_found(study.privacy, opened)

    def _drift(self, used: Mapping[str, Path]) -> Iterator[Finding]:
        from sdtmflow.drift import compare_structure
        from sdtmflow.sources.report import read_collect_report

        study, earlier = self.run.study, self.deliveries.earlier
        for source in earlier.changed(self.deliveries.used):
            last = read_collect_report(self.run.workspace.path(earlier.read[source]))
            now = read_collect_report(used[source])
            yield from compare_structure(last, now, study.sources[source], study.drift)


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
            mapped=digests(self.mapped),
            specs=keys.specs,
            standards=keys.standards,
        )

    def build(self, out: Path) -> None:
        from sdtmflow.mapping import assemble

        assemble(plan_of(self.run), list(self.run.workspace.paths(self.mapped).values()), out)


@dataclass(frozen=True, slots=True)
class WritePackage(Job):
    """The eCTD sequence that an agency gets, and the Dataset-JSON twins beside it."""

    step: ClassVar[str] = "package"
    title: ClassVar[str] = "write package"
    run: Run
    assembled: Artifact
    crf: Artifact
    told: Told

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "package",
            assembled=self.assembled.digest,
            crf=self.crf.digest,
            domains=self.run.domains,
            told=self.told.content(),
            guide=self.run.keys.guide,
        )

    def build(self, out: Path) -> None:
        from sdtmflow.documents.crf import read_pages
        from sdtmflow.formats.define import with_pages
        from sdtmflow.package import PackageTree, summary_of, write_backbone, write_package

        data, crf = self.run.workspace.path(self.assembled), self.run.workspace.path(self.crf)
        datasets = with_pages(datasets_of(self.run, self.assembled), ACRF, read_pages(crf))
        tree = PackageTree.of(out, self.run.study)
        tree.sdtm.mkdir(parents=True)
        shutil.copyfile(crf / ACRF.file, tree.sdtm / ACRF.file)
        report = write_package(self.run.study, datasets, data, out, [ACRF, GUIDE])
        write_guide(self.run, self.told, Packaged(datasets, data, crf, report), out)
        labels = {dataset.name: dataset.label for dataset in datasets}
        write_backbone(out, self.run.study, labels, summary_of(data))


@dataclass(frozen=True, slots=True)
class ReadBack(Job):
    """The written files against the datasets, cell by cell, by code that did not write them."""

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
        from sdtmflow.agency import AGENCIES
        from sdtmflow.package import read_back

        path = self.run.workspace.path
        datasets = datasets_of(self.run, self.assembled)
        limit = AGENCIES[self.run.study.agency].dataset_bytes
        findings = read_back(datasets, path(self.assembled), path(self.package), limit=limit)
        findings_frame(findings).write_parquet(out / FINDINGS)


@dataclass(frozen=True, slots=True)
class GatherFindings(Job):
    """All findings of the run as one table, the worst first.

    Subjects are named by USUBJID, files by their sent names. What is of one site (``of_sites``)
    names subjects by the site's own number, what is of the study (``of_study``) by USUBJID.
    """

    step: ClassVar[str] = "findings"
    title: ClassVar[str] = "gather findings"
    run: Run
    of_sites: tuple[Artifact, ...]
    of_study: tuple[Artifact, ...]
    deliveries: Mapping[str, Artifact]

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "findings",
            of_sites=[artifact.digest for artifact in self.of_sites],
            of_study=[artifact.digest for artifact in self.of_study],
            deliveries=digests(self.deliveries),
        )

    def build(self, out: Path) -> None:
        from sdtmflow.pipeline.told_once import told_once

        order = pl.col("severity").replace_strict({s.value: n for n, s in enumerate(Severity)})
        of_sites = with_study_wide_subjects(self._read(self.of_sites), self.run.study)
        found = told_once(pl.concat([of_sites, self._read(self.of_study)]))
        with_sent_names(found, self._names()).with_columns(pl.col("row").fill_null(0)).sort(
            order, "site", "subject", "rule", "dataset", "record_key", "variable", "file", "row"
        ).write_parquet(out / FINDINGS)

    def _read(self, found: Sequence[Artifact]) -> pl.DataFrame:
        paths = [self.run.workspace.path(artifact) / FINDINGS for artifact in found]
        frames = [pl.read_parquet(path).select(list(FINDINGS_SCHEMA)) for path in paths]
        return pl.concat([pl.DataFrame(schema=FINDINGS_SCHEMA), *frames])

    def _names(self) -> pl.DataFrame:
        """``site`` (empty: every site), ``file`` (SHA-256), ``name`` as sent."""
        rows = [
            (self.run.study.sources[source].site, file.sha256, file.name)
            for source, artifact in self.deliveries.items()
            for file in delivered_files(self.run, {source: artifact})
        ]
        schema = dict.fromkeys(("site", "file", "name"), pl.String)
        return pl.DataFrame(rows, schema, orient="row").unique(
            ["site", "file"], keep="first", maintain_order=True
        )


def with_study_wide_subjects(findings: pl.DataFrame, study: Study) -> pl.DataFrame:
    """A site's findings with USUBJID for the subject's number at the site, as in the datasets."""
    from sdtmflow.sources.study_wide import usubjid_of

    named = usubjid_of(study, pl.col("site"), pl.col("subject"))
    subject = pl.when(pl.col("subject") != "").then(named).otherwise("subject")
    return fingerprinted(findings.with_columns(subject=subject))


def with_sent_names(findings: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Files by the names under which the finding's own site sent them, else a study-wide source.

    A file that is already named, or that nobody sent, stays as it is.
    """
    others = names.sort("site", maintain_order=True).unique(
        "file", keep="first", maintain_order=True
    )
    return (
        findings.join(names, on=["site", "file"], how="left", maintain_order="left")
        .join(others.select("file", other="name"), on="file", how="left", maintain_order="left")
        .with_columns(file=pl.coalesce("name", "other", "file"))
        .drop("name", "other")
    )


def delivered_files(run: Run, deliveries: Mapping[str, Artifact]) -> list[FileReport]:
    """The files of all deliveries, as collecting reported them."""
    from sdtmflow.sources.report import read_collect_report

    reports = [read_collect_report(path) for path in run.workspace.paths(deliveries).values()]
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
