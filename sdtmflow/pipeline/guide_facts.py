"""What the reviewer's guide says of a run, and the guide of a written package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from sdtmflow import __version__
from sdtmflow.dataset import Dataset
from sdtmflow.drift_rules import DriftRule
from sdtmflow.finding import findings_frame
from sdtmflow.pipeline.deliveries import Deliveries, Gap
from sdtmflow.pipeline.document_jobs import GUIDE
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.sites import SitesMade
from sdtmflow.pipeline.workspace import FINDINGS, Artifact

if TYPE_CHECKING:
    from sdtmflow.documents.guide import GuideFacts
    from sdtmflow.package import PackageReport

SOURCE = "documents/csdrg.md"
"""The guide as text, to go on writing from; it is no part of what an agency gets."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the reviewer's guide tells of a run besides its datasets."""

    found: tuple[Artifact, ...] = ()
    """What has found something before the package was written."""
    sites: tuple[str, ...] = ()
    """The sites that are in the datasets."""
    left_out: tuple[tuple[str, str, str], ...] = ()
    """(site or source, reason, what is used instead)."""
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The study's own rules with their messages."""

    @classmethod
    def of(
        cls,
        deliveries: Deliveries,
        sites: SitesMade,
        found: Sequence[Artifact],
        rules: Mapping[str, tuple[str, ...]],
    ) -> Told:
        """What is known of a run before its package is written."""
        gaps = [(_named(gap), gap.reason, gap.used) for gap in deliveries.gaps]
        failed = [(f"Site {site}", reason, "nothing") for site, reason in sites.failed.items()]
        return cls(tuple(found), tuple(sites.mapped), (*gaps, *failed), dict(rules))

    def content(self) -> dict[str, object]:
        """What decides the guide."""
        return {**asdict(self), "found": [artifact.digest for artifact in self.found]}


def _named(gap: Gap) -> str:
    return f"Site {gap.site} ({gap.source})" if gap.site else gap.source


@dataclass(frozen=True, slots=True)
class Packaged:
    """A package whose guide is still to be written."""

    datasets: tuple[Dataset, ...]
    data: Path
    """The folder of the assembled datasets."""
    crf: Path
    """The folder of the annotated CRF."""
    report: PackageReport


def write_guide(run: Run, told: Told, package: Packaged, out: Path) -> None:
    """Write csdrg.pdf beside the datasets of the package in ``out``, and its text."""
    from sdtmflow.documents.guide import as_markdown, drafted, read_texts, render_guide
    from sdtmflow.package import PackageTree

    guide = drafted(guide_facts(run, told, package), read_texts(run.folder.guide))
    (PackageTree.of(out, run.study).sdtm / GUIDE.file).write_bytes(render_guide(guide))
    source = out / SOURCE
    source.parent.mkdir()
    source.write_text(as_markdown(guide), encoding="utf-8")


def guide_facts(run: Run, told: Told, package: Packaged) -> GuideFacts:
    """Counts and metadata of the run; no subject is named in them."""
    from sdtmflow.documents import guide
    from sdtmflow.documents.crf import read_not_submitted
    from sdtmflow.formats.define import in_define_order

    datasets, data = in_define_order(package.datasets), package.data
    # How deliveries differ is the sponsor's affair: a reviewer gets the data as they are now.
    of_data = ~pl.col("rule").is_in([rule.value for rule in DriftRule])
    paths = [run.workspace.path(artifact) / FINDINGS for artifact in told.found]
    found = [pl.read_parquet(path).filter(of_data) for path in paths]
    return guide.GuideFacts(
        study=plan_of(run).study,
        datasets=datasets,
        records=guide.records_of(datasets, data),
        design=guide.design_of(datasets, data),
        arms=guide.arms_of(datasets, data),
        sites=tuple(_sites(run, told.sites)),
        left_out=tuple(guide.LeftOut(*each) for each in told.left_out),
        issues=guide.issues_of([*found, findings_frame(package.report.findings)]),
        rules=told.rules,
        not_submitted=read_not_submitted(package.crf),
        refused=package.report.refused,
        parts=tuple(
            guide.SizePart(one.name, part.name, part.file, part.records, part.rows)
            for one in package.report.datasets
            for part in one.parts
        ),
        version=__version__,
    )


def _sites(run: Run, sites: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for site in sites:
        kinds = [source.kind for source in run.study.sources.values() if source.site == site]
        yield site, run.study.sites[site].country, ", ".join(dict.fromkeys(kinds))
