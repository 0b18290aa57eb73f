"""What a manifest says that its bundle was made from, and where that is found again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.bundle import Delivery, Manifest, Sent
from sdtmflow.diff.between import changed_files
from sdtmflow.errors import RebuildError
from sdtmflow.pipeline.keys import Recipe, key_of
from sdtmflow.pipeline.study_files import study_files
from sdtmflow.store import DamagedSnapshotError, MissingObjectError, Snapshots
from sdtmflow.store.protocol import file_sha256
from sdtmflow.study import StudyFolder

_TRANSFERS = 8
"""Snapshots at a time."""
_USED = " (used: "
"""What stands in a manifest's gap between the reason and what was used instead."""
_OWN = ("mappings/", "terms/", "expectations/", "guide/", "terminology/", "design/")
"""How the names of the study's own files begin; the others come with sdtmflow."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that the bundle was made from."""

    what: str
    """``mappings/ae.yaml``, ``delivery of edc_01: ae.csv``."""
    sha256: str
    own: Path | None = None
    """Where the study folder has it, if it is still the same."""


def deliveries_of(manifest: Manifest) -> tuple[Delivery, ...]:
    """By source; of manifests that do not list them, as far as inputs and gaps tell."""
    return manifest.deliveries or tuple(_told(manifest))


def _told(manifest: Manifest) -> Iterator[Delivery]:
    files: dict[str, dict[str, str]] = {}
    for each in manifest.inputs:
        files.setdefault(each.source, {})[each.name] = each.sha256
    failed = {gap.source: gap.reason.rpartition(_USED)[0] for gap in manifest.gaps if gap.source}
    for source in sorted(files.keys() | failed.keys()):
        sent = files.get(source)
        key = key_of("told by a manifest", source=source, files=sent)
        used = Sent(key=key, files=sent) if sent else None
        yield Delivery(source=source, key=key, failed=failed.get(source, ""), used=used)


def wanted_deliveries(deliveries: Sequence[Delivery]) -> Iterator[Wanted]:
    """Every delivered file, and those of the deliveries that they were compared with."""
    for each in deliveries:
        for name, sha256 in each.used.files.items() if each.used else ():
            yield Wanted(f"delivery of {each.source}: {name}", sha256)
        for name, sha256 in each.last.files.items() if each.last else ():
            yield Wanted(f"delivery of {each.source} before: {name}", sha256)


def wanted_study_files(manifest: Manifest, folder: StudyFolder | None) -> dict[str, Wanted]:
    """Path in the study folder → file.

    Of a manifest that does not list them, the folder's files of today are wanted. Raises
    RebuildError where there is no folder then, or where it has others than the manifest knows.
    """
    if manifest.study_files:
        return {
            name: Wanted(name, sha256, folder.root / name if folder else None)
            for name, sha256 in manifest.study_files.items()
        }
    if folder is None:
        raise RebuildError(
            "the bundle was published before the study's files were kept with it",
            remedy="name the study folder that it was made from",
        )
    _require_unchanged(manifest, folder)
    own = study_files(folder)
    return {name: Wanted(name, file_sha256(path), path) for name, path in own.items()}


def _require_unchanged(manifest: Manifest, folder: StudyFolder) -> None:
    """Raises RebuildError for the first file that is not the one that the manifest knows."""
    recipe = Recipe.of(folder)
    then = manifest.specs | manifest.suites | manifest.standards
    now = recipe.specs | recipe.guide | recipe.suites | recipe.standards
    changed = (name for name in sorted(changed_files(then, now)) if name.startswith(_OWN))
    for name in changed:
        raise other_file(name, folder)


def other_file(name: str, folder: StudyFolder) -> RebuildError:
    """The refusal of a folder that has changed since a bundle whose files were not kept."""
    return RebuildError(
        f"{name} is not what the bundle was made with, which was published before the study's "
        "files were kept with it",
        place=str(folder.root),
        remedy="bring it back to what it was then, or name a folder where it still is",
    )


def found(wanted: Sequence[Wanted], snapshots: Snapshots) -> list[Path]:
    """Where each file is, verified by its hash. Raises RebuildError that names all that are lost.

    Raises StoreError where the store cannot be read.
    """
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        paths = list(pool.map(lambda one: _found(one, snapshots), wanted))
    lost = [path for path in paths if isinstance(path, str)]
    if lost:
        lines = "\n".join(f"  {line}" for line in lost)
        raise RebuildError(
            f"what the bundle was made from is not all there any more:\n{lines}\n",
            place=snapshots.store.url,
            remedy="restore these snapshots from a backup of the store; "
            "`sdtmflow bundles verify` tells whether the bundle itself is intact",
        )
    return [path for path in paths if isinstance(path, Path)]


def _found(wanted: Wanted, snapshots: Snapshots) -> Path | str:
    """The file, or the line that says what is wrong with it."""
    own = wanted.own
    if own is not None and own.is_file() and file_sha256(own) == wanted.sha256:
        return own
    try:
        return snapshots.path_of(wanted.sha256)
    except MissingObjectError:
        return f"{wanted.what}: snapshot {wanted.sha256} is missing"
    except DamagedSnapshotError:
        return f"{wanted.what}: snapshot {wanted.sha256} holds other bytes"
