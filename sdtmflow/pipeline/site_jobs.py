"""The jobs of one source or site: collect, stage, map.

What a job reads of another's is in its key by digest, so an upstream step that gives the same
bytes again makes no work downstream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from sdtmflow.bundle import Delivery
from sdtmflow.errors import DeliveryError
from sdtmflow.pipeline.keys import key_of
from sdtmflow.pipeline.numbering import Numbering, Numbers, partition_inputs, tables_of
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.workspace import Artifact, digests
from sdtmflow.study import Source


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
class CollectAgain(Job):
    """A delivery that a bundle was made from, from its snapshots: the source is not asked.

    One that could not be collected then cannot now, for the same reason.
    """

    step: ClassVar[str] = Collect.step
    title: ClassVar[str] = Collect.title
    run: Run
    delivery: Delivery

    @property
    def part(self) -> str:
        return Collect(self.run, self.delivery.source, self.delivery.key).part

    @property
    def key(self) -> str:
        return self.delivery.key

    def build(self, out: Path) -> None:
        from sdtmflow.sources.collect import collect_sent
        from sdtmflow.sources.delivery import InPlace
        from sdtmflow.sources.delivery import Sent as SentFiles

        name, sent = self.delivery.source, self.delivery.used
        if self.delivery.failed or sent is None:
            raise DeliveryError(self.delivery.failed)
        source = Source.model_validate(sent.settings) if sent.settings else self._settings
        path_of = self.run.snapshots.path_of
        files = {file: path_of(sha256) for file, sha256 in sorted(sent.files.items())}
        collect_sent(name, source, SentFiles(files, sent.passed_over), InPlace(), out)

    @property
    def _settings(self) -> Source:
        return self.run.study.sources[self.delivery.source]


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
        return self.run.keys.step("stage", site=self.site, deliveries=digests(self.deliveries))

    def build(self, out: Path) -> None:
        from sdtmflow.sources.stage import stage

        stage(self.run.study, self.site, self.run.workspace.paths(self.deliveries), out)


@dataclass(frozen=True, slots=True)
class MapSite(Job):
    """One site's SDTM records."""

    step: ClassVar[str] = "map"
    title: ClassVar[str] = "map site"
    run: Run
    site: str
    staged: Artifact
    numbering: Numbering = field(default_factory=Numbering)

    @property
    def part(self) -> str:
        return self.site

    @property
    def numbers(self) -> Numbers:
        """The sequence numbers of earlier bundles that it keeps to."""
        return self.numbering.given_to(self.site, self._inputs)

    @property
    def key(self) -> str:
        return key_of("map", inputs=self._inputs, numbers=self.numbers.digest)

    def build(self, out: Path) -> None:
        from sdtmflow.mapping import map_partition

        map_partition(
            plan_of(self.run),
            self.run.workspace.path(self.staged),
            self.site,
            out,
            numbers=tables_of(self.run, self.numbers),
        )

    @property
    def _inputs(self) -> str:
        return partition_inputs(self.run, self.site, self.staged)
