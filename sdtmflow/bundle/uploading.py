"""The files of a tree into the store: copied within it where the bundle before has them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from sdtmflow.bundle import verifier
from sdtmflow.bundle.manifest import OWN_FILES, Claim, ManifestFile, stored_file
from sdtmflow.bundle.meter import Meter, Progress
from sdtmflow.bundle.read import read_manifest
from sdtmflow.errors import StoreError
from sdtmflow.store.disk import disk_errors
from sdtmflow.store.protocol import Moved, Store, Stored, file_sha256, relative_files

_TRANSFERS = 8
"""Files at a time."""


def bundle_files(tree: Path) -> dict[str, Path]:
    """What a bundle of ``tree`` holds: its files and the verifier. Path in it → file, sorted.

    Raises StoreError for an empty tree, and for what a bundle cannot hold.
    """
    paths = relative_files(tree)
    if not paths:
        raise StoreError("there is nothing to publish", place=str(tree))
    for path in paths:
        _require_plain(tree, path)
    files = {str(path): tree / path for path in paths}
    files[verifier.VERIFIER] = Path(verifier.__file__)
    return dict(sorted(files.items()))


def upload_files(
    store: Store,
    prefix: str,
    files: Mapping[str, Path],
    parent: Claim | None,
    progress: Progress,
) -> tuple[ManifestFile, ...]:
    """Store ``files`` under ``prefix``, several at a time; they come back in their order.

    Each is read once: what is stored is what is hashed. Only one that is as long as a file of
    ``parent`` is hashed beforehand, to find out whether the store has it already.
    """
    sizes = {path: _size(origin) for path, origin in files.items()}
    kept, meter = _kept(store, parent), Meter(progress, sum(sizes.values()))

    def upload(path: str) -> ManifestFile:
        origin = files[path]
        with disk_errors(origin):
            known = kept.get(sizes[path], {})
            same = known.get(file_sha256(origin)) if known else None
            copied = same and _copied(store, same, prefix + path, origin)
            if same and copied:
                meter.moved(same.file.size)
                return same.file.model_copy(update={"path": path, "version": copied.version})
            return _sent(store, prefix, path, origin, meter.moved)

    with ThreadPoolExecutor(_TRANSFERS) as pool:
        return tuple(pool.map(upload, files))


def _sent(store: Store, prefix: str, path: str, origin: Path, moved: Moved) -> ManifestFile:
    stored, found = store.put_file(prefix + path, origin, "", moved)
    return ManifestFile(path=path, version=stored.version, **asdict(found))


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file of the bundle before, and where the store has it."""

    file: ManifestFile
    stored: Stored


def _copied(store: Store, same: _Kept, key: str, origin: Path) -> Stored | None:
    """The copy; None where the parent is damaged, which is no reason to fail."""
    with suppress(StoreError):
        return store.copy(same.stored, key, origin, same.file.sha256)
    return None


def _kept(store: Store, parent: Claim | None) -> dict[int, dict[str, _Kept]]:
    """Bytes → SHA-256 → the parent bundle's file of them.

    Nothing where the store is on this machine: a copy would read and write as much as a new file.
    """
    found: dict[int, dict[str, _Kept]] = {}
    if parent is not None:
        prefix = store.bundle_prefix(parent.slot)
        if store.local_path(prefix + parent.manifest.path) is not None:
            return found
        for file in read_manifest(store, parent).files:
            kept = _Kept(file, stored_file(prefix, file))
            found.setdefault(file.size, {})[file.sha256] = kept
    return found


def _require_plain(tree: Path, path: PurePosixPath) -> None:
    if str(path) in OWN_FILES:
        raise StoreError("this name is taken by the bundle itself", place=str(tree / path))
    if (tree / path).is_symlink() or not (tree / path).is_file():
        raise StoreError("a bundle holds plain files only", place=str(tree / path))
    if "\\" in str(path):
        raise StoreError("a bundle's file names have no backslash", place=str(tree / path))


def _size(path: Path) -> int:
    with disk_errors(path):
        return path.stat().st_size
