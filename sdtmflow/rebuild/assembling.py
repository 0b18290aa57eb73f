"""A temporary study: what a bundle was made from, brought together from the store.

The study folder, its work folder and the store are only read. What is assembled lies in a hidden
folder beside the one that the bundle is made into, and is gone afterwards.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sdtmflow.audit import Actor
from sdtmflow.bundle import (
    Claim,
    Delivery,
    Manifest,
    Shelf,
    act_on,
    bundles,
    find,
    note_act,
    read_file,
    read_manifest,
)
from sdtmflow.errors import RebuildError
from sdtmflow.mapping.provenance.rules import RULES
from sdtmflow.pipeline.deliveries import DeliveryMemory
from sdtmflow.pipeline.following import FILES, recalled
from sdtmflow.pipeline.keys import DECIDES_NO_CONTENT
from sdtmflow.pipeline.numbering import Numbering, numbering_after
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.site_jobs import CollectAgain
from sdtmflow.pipeline.study_files import STUDY
from sdtmflow.pipeline.workspace import Artifact
from sdtmflow.rebuild.recalling import (
    deliveries_of,
    found,
    other_file,
    wanted_deliveries,
    wanted_study_files,
)
from sdtmflow.store import Snapshots
from sdtmflow.store.disk import disk_errors
from sdtmflow.store.protocol import version_name
from sdtmflow.study import StudyFolder

_NOT_COMPARED = {"design", "visits", *DECIDES_NO_CONTENT}
"""Parts of study.yaml that a USDM file completes, or that decide no content."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A published bundle, and the temporary study that makes it again."""

    claim: Claim
    manifest: Manifest
    deliveries: tuple[Delivery, ...]
    run: Run

    def collect(self) -> dict[str, Job]:
        """Source → the job that collects its delivery from the snapshots."""
        return {each.source: CollectAgain(self.run, each) for each in self.deliveries}

    def numbering(self) -> Numbering:
        """What the bundle before it says of sequence numbers."""
        parent = self.manifest.parent
        if parent is None:
            return Numbering()
        version = version_name(parent.version)
        return numbering_after(self.run, find(self.run.store, self.claim.study, version))

    def standing(self) -> Artifact:
        """What stood in the register of findings when the run ended, as the bundle holds it."""
        reports = {f"reports/{name}": name for name in FILES}
        held = {file.path for file in self.manifest.files} & reports.keys()
        store = self.run.store
        files = {reports[path]: read_file(store, self.claim, path) for path in sorted(held)}
        return recalled(self.run.workspace, files)


def folder_for(shelf: Shelf, version: str, to: Path | None) -> Path:
    """Where bundle ``version`` is made: ``to``, or a folder named like it in the current one.

    Raises StoreError where there is no such bundle, RebuildError where the folder is not empty.
    """
    claim = shelf.find(version)
    to = (to or Path(f"{shelf.study}-{claim.name}-rebuilt")).absolute()
    _require_free(to)
    return to


def note_rebuild(shelf: Shelf, version: str, actor: str = "") -> str:
    """Log that bundle ``version`` is made again, by ``actor`` (default: the account).

    Its deliveries leave the store, so the log tells of it; but an auditor, who may only read, must
    be able to make it. Then the answer says why the log does not tell; else it is empty.
    """
    claims = bundles(shelf.store, shelf.study)
    act = act_on(shelf.find(version), "rebuild")
    return note_act(shelf.store, claims, act, Actor.of_account(actor), "rebuild")


def _require_free(to: Path) -> None:
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise RebuildError(
            "this folder is not empty", place=str(to), remedy="name a new one with --to"
        )


@contextmanager
def prepared(shelf: Shelf, version: str, to: Path) -> Iterator[Rebuild]:
    """Assemble what bundle ``version`` was made from; ``to`` is where it will be made.

    Raises StoreError and VerificationError where the store cannot be read or the bundle's manifest
    is not intact, RebuildError where something that the bundle was made from is lost.
    """
    claim = shelf.find(version)
    manifest = read_manifest(shelf.store, claim)
    with _building(to) as base:
        snapshots = Snapshots(shelf.store, base / "snapshots")
        if shelf.folder and not manifest.study_files:
            _require_study(shelf, claim, manifest, shelf.folder)
        root = _study_folder(shelf, manifest, snapshots, base)
        run = Run.of(root, store=shelf.url)
        deliveries = deliveries_of(manifest)
        found(list(wanted_deliveries(deliveries)), run.snapshots)
        _remember(run, deliveries)
        yield Rebuild(claim, manifest, deliveries, run)


@contextmanager
def _building(to: Path) -> Iterator[Path]:
    with disk_errors(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        base = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _study_folder(shelf: Shelf, manifest: Manifest, snapshots: Snapshots, base: Path) -> Path:
    """The study's own files where they were; deep enough for paths that lead out of the folder."""
    files = wanted_study_files(manifest, shelf.folder)
    paths = found(list(files.values()), snapshots)
    above = max((PurePosixPath(name).parts.count("..") for name in files), default=0)
    root = base.joinpath(*["above"] * above, "study")
    root.mkdir(parents=True)
    for name, path in zip(files, paths, strict=True):
        target = (root / name).resolve()
        if target == path.resolve():  # an absolute path of this machine, and still the same file
            continue
        if not target.is_relative_to(base.resolve()):
            raise RebuildError(
                f"study.yaml names {name}, which lay outside of the study folder",
                place=manifest.study,
                remedy="put the file with that SHA-256 there again: "
                f"it is snapshot {files[name].sha256}",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return root


def _remember(run: Run, deliveries: tuple[Delivery, ...]) -> None:
    """Give the new workspace the last good deliveries that stood in for failed ones."""
    memory = DeliveryMemory(run.workspace)
    for each in deliveries:
        if each.failed and each.used:
            last_good = Delivery(source=each.source, key=each.used.key, used=each.used)
            memory.remember(each.source, CollectAgain(run, last_good).perform())


def _require_study(shelf: Shelf, claim: Claim, manifest: Manifest, folder: StudyFolder) -> None:
    """Raises RebuildError where study.yaml says otherwise than the bundle's own rules do."""
    path = f"lineage/{RULES}"
    if all(file.path != path for file in manifest.files):
        return
    then = json.loads(read_file(shelf.store, claim, path))["study"]
    now = folder.study.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if _compared(then) != _compared(now):
        raise other_file(STUDY, folder)


def _compared(study: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in study.items() if name not in _NOT_COMPARED}
