"""What a trace reads: the last run on this machine, or a published bundle with its snapshots."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sdtmflow import bundle
from sdtmflow.bundle import Shelf
from sdtmflow.errors import StudyError
from sdtmflow.lineage.datasets import BundleDatasets, Datasets, RunDatasets
from sdtmflow.mapping.provenance.rules import study_of
from sdtmflow.pipeline.keys import Keys, Recipe, key_of
from sdtmflow.pipeline.outcome import last_outcome
from sdtmflow.pipeline.workspace import Workspace
from sdtmflow.sources.collect import collect_again
from sdtmflow.sources.conform import Delivered
from sdtmflow.sources.delivery import code_version
from sdtmflow.sources.report import read_collect_report
from sdtmflow.store import Snapshots, Store
from sdtmflow.study import Source, StudyFolder

_TRACES = "trace"
"""The workspace's step of what only traces need: downloaded bundles, deliveries collected again."""


@dataclass(frozen=True, slots=True)
class Received:
    """Since when a delivered file is known: the first bundle that was made from it."""

    bundle: str
    created: str


class Opened(ABC):
    """Datasets, the deliveries that they were made from, and what is to be said of them."""

    datasets: Datasets
    title: str
    """``bundle v0001`` or ``the last run (4f1c…)``."""
    notes: tuple[str, ...]

    def __init__(self, study: str, store: Store, work: Path) -> None:
        self.study = study
        self.store = store
        self.workspace = Workspace(work)

    @abstractmethod
    def delivered(self, source: str) -> Delivered | None:
        """The collected delivery of a source; None where its bytes cannot be had."""

    @cached_property
    def received(self) -> Mapping[str, Received]:
        """SHA-256 of a delivered file → the first bundle that was made from it."""
        found: dict[str, Received] = {}
        for claim in bundle.bundles(self.store, self.study):
            for file in bundle.read_manifest(self.store, claim).inputs:
                found.setdefault(file.sha256, Received(claim.name, claim.created))
        return found


class LastRun(Opened):
    """The last run of the study folder, published or not."""

    def __init__(self, folder: StudyFolder, store: Store) -> None:
        super().__init__(folder.study.study, store, folder.work)
        outcome = last_outcome(self.workspace)
        if outcome is None or not Path(outcome.assembled).is_dir():
            raise StudyError(
                "there are no datasets of a run here",
                place=str(folder.root),
                remedy="run it first: sdtmflow run; or name a published bundle with --bundle",
            )
        self._deliveries = outcome.deliveries
        self.datasets = RunDatasets(Path(outcome.assembled))
        published = f"published as {outcome.bundle}" if outcome.bundle else "not published"
        self.title = f"the last run, {published}"
        changed = Keys.of(folder).specs != outcome.specs
        self.notes = (_CHANGED.format("the run"),) if changed else ()

    def delivered(self, source: str) -> Delivered | None:
        """The delivery as the run collected it."""
        found = self.workspace.find("collect", self._deliveries.get(source, ""))
        settings = study_of(self.datasets.rules).sources.get(source)
        if found is None or settings is None:
            return None
        return opened_delivery(source, settings, self.workspace.path(found))


class PublishedBundle(Opened):
    """A bundle of the store; its raw rows are read from the snapshots that its manifest names.

    ``work`` takes what is read: the study folder's own, or any other where there is none.
    """

    def __init__(self, shelf: Shelf, version: str, work: Path) -> None:
        store = shelf.store
        super().__init__(shelf.study, store, work)
        claim = shelf.find(version)
        manifest = bundle.read_manifest(store, claim)
        local = self.workspace.root / _TRACES / claim.name
        bundle.download(store, self.study, claim.name, local, ("lineage", "dataset-json"))
        self._inputs = manifest.inputs
        self.datasets = BundleDatasets(local)
        self.title = f"bundle {claim.name}"
        then = {name: sha for name, sha in manifest.specs.items() if not name.startswith("guide/")}
        changed = shelf.folder is not None and Recipe.of(shelf.folder).specs != then
        self.notes = (_CHANGED.format("the bundle"),) if changed else ()

    def delivered(self, source: str) -> Delivered | None:
        """The delivery collected again from its snapshots, each checked by its SHA-256."""
        settings = study_of(self.datasets.rules).sources.get(source)
        files = {file.name: file.sha256 for file in self._inputs if file.source == source}
        if settings is None or not files:
            return None
        snapshots = Snapshots(self.store, self.workspace.root / "snapshots")
        key = key_of(
            "trace", settings=settings.model_dump(mode="json"), files=files, code=code_version()
        )
        collected = self.workspace.artifact(
            _TRACES, key, lambda out: collect_again(source, settings, files, snapshots, out)
        )
        return opened_delivery(source, settings, self.workspace.path(collected))


_CHANGED = "the study's specs have changed since; what stands here are the rules of {}"


def opened_delivery(name: str, settings: Source, collected: Path) -> Delivered:
    """The delivery with the source's settings as they were, not as study.yaml says today."""
    return Delivered(name, settings, collected, read_collect_report(collected))
