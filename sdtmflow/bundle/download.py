"""Bring a bundle to this machine: resumed where it stopped, hashed before it gets its name."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sdtmflow.bundle.manifest import (
    CLAIM,
    Claim,
    ManifestFile,
    digests,
    stored_file,
)
from sdtmflow.bundle.read import find, manifest_address, read_manifest, signature_address
from sdtmflow.bundle.selection import selected
from sdtmflow.errors import StoreError, VerificationError
from sdtmflow.store.disk import disk_errors
from sdtmflow.store.protocol import (
    MissingObjectError,
    Store,
    Stored,
    file_chunks,
    file_sha256,
    read_object,
    relative_files,
)

_TRANSFERS = 8
"""Files at a time."""
_PARTIAL = ".part"
"""What a file's name ends in until its bytes are all there and hashed."""

Progress = Callable[[int, int], None]
"""Called with the bytes that are here and verified, and the bytes in all."""


def download(
    store: Store,
    study_id: str,
    version: str,
    to: Path,
    only: Sequence[str] = (),
    *,
    progress: Progress = lambda done, total: None,  # noqa: ARG005 — nobody watches
) -> Claim:
    """Download a bundle (or the files that ``only`` names) into the folder ``to``.

    ``to`` is new, empty, or holds an earlier download of the same bundle, which is completed: what
    is there and right stays, a partial file goes on where it stopped. With the files come claim,
    manifest, its signature and ``verify.py``, so that the folder can be verified without the store.
    Raises StoreError, and VerificationError where the store gives other bytes than were published.
    """
    claim = find(store, study_id, version)
    files = selected(read_manifest(store, claim).files, only)
    _begin(store, claim, to)
    prefix = store.bundle_prefix(claim.slot)
    total, done = sum(file.size for file in files), 0
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        for file in pool.map(lambda file: _download_file(store, prefix, file, to), files):
            done += file.size
            progress(done, total)
    return claim


def download_zip(
    store: Store,
    study_id: str,
    version: str,
    to: Path,
    only: Sequence[str] = (),
    *,
    progress: Progress = lambda done, total: None,  # noqa: ARG005 — nobody watches
) -> Claim:
    """Download a bundle into the zip ``to``; the files wait in ``<to>.part/`` until all are there.

    Same files, same bytes: members are sorted and carry no time. Raises as ``download`` does.
    """
    waiting = to.with_name(to.name + _PARTIAL)
    claim = download(store, study_id, version, waiting, only, progress=progress)
    unfinished = to.with_name(f".{to.name}{_PARTIAL}")
    with disk_errors(to), zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in relative_files(waiting):
            _add(archive, waiting / path, f"{claim.study}-{claim.name}/{path}")
    unfinished.replace(to)
    shutil.rmtree(waiting)
    return claim


def _begin(store: Store, claim: Claim, to: Path) -> None:
    """Make ``to`` a download of this bundle, by its claim and manifest."""
    with disk_errors(to):
        to.mkdir(parents=True, exist_ok=True)
        theirs = to / CLAIM
        if theirs.is_file() and theirs.read_bytes() != claim.canonical():
            raise _occupied(to, "holds another bundle")
        if not theirs.is_file() and any(to.iterdir()):
            raise _occupied(to, "is not empty")
        _write(theirs, claim.canonical())
        _write(to / claim.manifest.path, read_object(store, manifest_address(store, claim)))
        if claim.signature:
            _write(to / claim.signature.path, read_object(store, signature_address(store, claim)))


def _download_file(store: Store, prefix: str, file: ManifestFile, to: Path) -> ManifestFile:
    final = to / file.path
    partial = final.with_name(f".{final.name}{_PARTIAL}")
    with disk_errors(final):
        if final.is_file() and file_sha256(final) == file.sha256:
            return file
        final.parent.mkdir(parents=True, exist_ok=True)
        stored = stored_file(prefix, file)
        resumed = partial.is_file()
        if not _fetched(store, stored, file, partial) and not (
            resumed and _fetched(store, stored, file, partial)
        ):
            raise VerificationError(
                "the store holds other bytes than were published",
                place=f"{store.url}: {stored.key}",
                remedy="do not use this bundle before the store's owner has restored the file",
            )
        partial.replace(final)
    return file


def _fetched(store: Store, stored: Stored, file: ManifestFile, partial: Path) -> bool:
    """Complete ``partial`` and hash it; a wrong one is removed, and the answer is False."""
    start = partial.stat().st_size if partial.is_file() else 0
    try:
        with partial.open("ab") as target:
            target.writelines(store.chunks(stored, start) if start < file.size else ())
    except MissingObjectError:
        partial.unlink()
        return False
    if digests(file_chunks(partial)) == (file.size, file.sha256, file.md5):
        return True
    partial.unlink()
    return False


def _occupied(to: Path, why: str) -> StoreError:
    return StoreError(f"this folder {why}", place=str(to), remedy="name a new or an empty folder")


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """A member without time, owner or place of origin."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    with archive.open(info, "w", force_zip64=True) as member:
        for chunk in file_chunks(path):
            member.write(chunk)


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}{_PARTIAL}")
    partial.write_bytes(data)
    partial.replace(path)
