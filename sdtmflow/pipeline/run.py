"""What one run was asked to do, and the unit of its work: a job that makes one artifact."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from sdtmflow.audit import Actor
from sdtmflow.errors import StudyError
from sdtmflow.pipeline.crash import plainly
from sdtmflow.pipeline.keys import Keys
from sdtmflow.pipeline.workspace import Artifact, Workspace
from sdtmflow.signing import key_file
from sdtmflow.store import Snapshots, Store, open_store
from sdtmflow.study import Source, Study, StudyFolder


@dataclass(frozen=True, slots=True)
class Run:
    """The question of one run; small enough to travel to any worker.

    ``sites`` and ``domains`` limit the run; empty means all. ``store`` is a folder or ``s3://…``.
    """

    root: Path
    store_url: str
    keys: Keys
    sites: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    signing_key: Path | None = None
    """The file of the private key that signs what comes of it; the key itself never travels."""
    actor: Actor | None = None
    """Who publishes what comes of it, as the claim and the audit log say."""

    @classmethod
    def of(
        cls,
        root: Path,
        *,
        store: str = "",
        sites: Collection[str] = (),
        domains: Collection[str] = (),
        signing_key: str = "",
        actor: str = "",
    ) -> Run:
        """The run of the study folder ``root``, by ``actor`` (default: the account).

        Raises StudyError where the folder is none, is wrong, or lacks a site that is asked for.
        """
        folder = StudyFolder(root)
        _require_known("site", sites, folder.study.sites)
        return cls(
            root=folder.root,
            store_url=store or folder.study.store,
            keys=Keys.of(folder),
            sites=tuple(sorted(set(sites))),
            domains=tuple(sorted({domain.upper() for domain in domains})),
            signing_key=key_file(folder, signing_key),
            actor=Actor.of_account(actor),
        )

    @property
    def folder(self) -> StudyFolder:
        """The study folder, read once for each content of study.yaml."""
        return _folder(self.root, self.keys.study)

    @property
    def study(self) -> Study:
        """study.yaml."""
        return self.folder.study

    @property
    def workspace(self) -> Workspace:
        """Where the artifacts are."""
        return Workspace(self.root / "work")

    @property
    def store(self) -> Store:
        """Where snapshots and bundles are."""
        return open_store(self.store_url, self.root)

    @property
    def snapshots(self) -> Snapshots:
        """The deliveries as they were sent."""
        return Snapshots(self.store, self.root / "work" / "snapshots")

    @property
    def limited(self) -> bool:
        """A run of some sites or domains: it reports, and publishes nothing."""
        return bool(self.sites or self.domains)

    def sources(self) -> dict[str, Source]:
        """The sources to collect: those of the sites asked for, and every study-wide one."""
        return {
            name: source
            for name, source in self.study.sources.items()
            if not (self.sites and source.site) or source.site in self.sites
        }

    def asked_sites(self) -> tuple[str, ...]:
        """The sites that the run is about."""
        return self.sites or tuple(self.study.sites)


class Job(ABC):
    """One artifact to make: what decides it (``key``), what a person calls it, how it is built.

    A job is a frozen dataclass of references, so it can be carried to a thread, a process or a
    Dask worker, and run there or in a bare Python shell alike.
    """

    step: ClassVar[str]
    """The name of the artifact's folder."""
    title: ClassVar[str]
    """What a person calls the step."""
    run: Run

    @property
    def part(self) -> str:
        """The site or source that it is about; empty for the whole study."""
        return ""

    @property
    def label(self) -> str:
        """What a person calls it: ``map site 03``."""
        return f"{self.title} {self.part}".rstrip()

    @property
    @abstractmethod
    def key(self) -> str:
        """SHA-256 over everything that decides the artifact's bytes."""

    @abstractmethod
    def build(self, out: Path) -> None:
        """Fill the empty folder ``out``."""

    def done(self) -> Artifact | None:
        """The artifact, where it is there and sound already."""
        return self.run.workspace.find(self.step, self.key)

    def perform(self) -> Artifact:
        """The artifact, built where needed.

        Raises SdtmflowError only; what nobody foresaw becomes an UnforeseenError.
        """
        with plainly(self.label, self.run.workspace.crashes):
            return self.run.workspace.artifact(self.step, self.key, self.build)


@lru_cache(maxsize=8)
def _folder(root: Path, _study_key: str) -> StudyFolder:
    return StudyFolder(root)


def _require_known(what: str, asked: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise StudyError(
            f"there is no {what} {', '.join(unknown)}",
            place="study.yaml",
            remedy=f"it has: {', '.join(sorted(known))}",
        )
