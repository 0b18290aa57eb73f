"""Bring a bundle to this machine: resumed where it stopped, hashed before it gets its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import RawIOBase
from pathlib import Path

from sdtmflow.audit import Actor
from sdtmflow.bundle.logged import act_on, record_act
from sdtmflow.bundle.manifest import (
    CLAIM,
    Claim,
    ManifestFile,
    stored_file,
)
from sdtmflow.bundle.meter import Meter, Progress, unseen
from sdtmflow.bundle.names import require_holdable
from sdtmflow.bundle.read import ReadBundle, bundles, other_bytes, own_files, pick, read_bundle
from sdtmflow.bundle.selection import selected
from sdtmflow.bundle.zipped import write_zip
from sdtmflow.errors import SdtmflowError, StoreError, VerificationError
from sdtmflow.store.disk import disk_errors, write_all
from sdtmflow.store.protocol import (
    CHUNK,
    MissingObjectError,
    Store,
    Stored,
    file_sha256,
)

_TRANSFERS = 8
"""Files at a time."""
_PARTIAL = ".part"
"""What a file's name ends in until its bytes are all there and hashed."""


def download(
    store: Store,
    study_id: str,
    version: str,
    to: Path,
    only: Sequence[str] = (),
    *,
    actor: Actor | None = None,
    progress: Progress = unseen,
) -> Claim:
    """Download a bundle (or the files that ``only`` names) into the folder ``to``.

    ``to`` is new, empty, or holds an earlier download of the same bundle, which is completed: what
    is there and right stays, a partial file goes on where it stopped. With the files come claim,
    manifest, its signature and ``verify.py``, so that the folder can be verified without the store.
    The audit log says that ``actor`` (default: the account) downloads, before any byte comes.
    Raises StoreError, also where the log refuses, and VerificationError where the store gives
    other bytes than were published.
    """
    bundle = begin_download(store, study_id, version, only, actor=actor, form="folder")
    fetch(store, bundle, to, only, progress=progress)
    return bundle.claim


def download_zip(
    store: Store,
    study_id: str,
    version: str,
    to: Path,
    only: Sequence[str] = (),
    *,
    actor: Actor | None = None,
    progress: Progress = unseen,
) -> Claim:
    """Download a bundle into the zip ``to``, without a second copy on the disk meanwhile.

    Same files, same bytes. A broken download goes on where it stopped; ``to`` gets its name when
    all of it is verified, and a file that has it already is left as it is. Logs and raises as
    ``download`` does.
    """
    bundle = begin_download(store, study_id, version, only, actor=actor, form="zip")
    write_zip(store, bundle, to, only, progress=progress)
    return bundle.claim


def begin_download(
    store: Store,
    study_id: str,
    version: str,
    only: Sequence[str],
    *,
    actor: Actor | None,
    form: str,
) -> ReadBundle:
    """Find the bundle and log that these of its files leave the store, as a ``form`` such as zip.

    What ``only`` names must be there: a mistake is told, not logged. Raises StoreError and
    VerificationError where the log refuses or is not whole; then nothing may be fetched.
    """
    claims = bundles(store, study_id)
    claim = pick(store, study_id, claims, version)
    bundle = read_bundle(store, claim)
    all_files = bundle.manifest.files
    count = f"{len(selected(all_files, only))} of {len(all_files)}"
    details = {"as": form, "files": count, **({"only": " ".join(only)} if only else {})}
    try:
        record_act(store, claims, act_on(claim, "download", **details), actor)
    except (StoreError, VerificationError) as error:
        raise _unlogged(error) from None
    return bundle


def _unlogged(error: StoreError | VerificationError) -> SdtmflowError:
    """The error that a download cannot be logged, so that nothing was fetched."""
    kind = VerificationError if isinstance(error, VerificationError) else StoreError
    return kind(
        f"nothing is downloaded, for the audit log cannot tell of it: {error.message}",
        place=error.place,
        remedy=error.remedy,
    )


def fetch(
    store: Store,
    bundle: ReadBundle,
    to: Path,
    only: Sequence[str] = (),
    *,
    progress: Progress = unseen,
) -> None:
    """What ``download`` does, unlogged: for files that the program itself goes on to work with."""
    files = selected(bundle.manifest.files, only)
    _begin(store, bundle, to)
    fetch_files(store, bundle.claim, files, to, progress=progress)


def fetch_files(
    store: Store,
    claim: Claim,
    files: Sequence[ManifestFile],
    to: Path,
    *,
    progress: Progress = unseen,
) -> None:
    """Fetch these files of the bundle alone, by its manifest that was read already; unlogged."""
    require_holdable((file.path for file in files), to)
    prefix = store.bundle_prefix(claim.slot)
    meter = Meter(progress, sum(file.size for file in files))
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        for _ in pool.map(lambda file: _download_file(store, prefix, file, to, meter), files):
            pass


def _begin(store: Store, bundle: ReadBundle, to: Path) -> None:
    """Make ``to`` a download of this bundle, by its claim and manifest."""
    with disk_errors(to):
        to.mkdir(parents=True, exist_ok=True)
        theirs = to / CLAIM
        if theirs.is_file() and theirs.read_bytes() != bundle.claim.canonical():
            raise _occupied(to, "holds another bundle")
        if not theirs.is_file() and any(to.iterdir()):
            raise _occupied(to, "is not empty")
        lay_beside(store, bundle, to)


def lay_beside(store: Store, bundle: ReadBundle, to: Path) -> None:
    """Put claim, manifest and its signature into the folder, as they are in the store."""
    for name, data in own_files(store, bundle).items():
        _write(to / name, data)


def _download_file(store: Store, prefix: str, file: ManifestFile, to: Path, meter: Meter) -> None:
    final = to / file.path
    partial = final.with_name(f".{final.name}{_PARTIAL}")
    with disk_errors(final):
        if final.is_file() and file_sha256(final) == file.sha256:
            meter.moved(file.size)
            return
        if final.exists():
            raise _changed(final)
        final.parent.mkdir(parents=True, exist_ok=True)
        stored = stored_file(prefix, file)
        resumed = partial.is_file()
        if not _fetched(store, stored, file, partial, meter) and not (
            resumed and _fetched(store, stored, file, partial, meter)
        ):
            raise other_bytes(store, stored.key)
        partial.replace(final)


def _fetched(store: Store, stored: Stored, file: ManifestFile, partial: Path, meter: Meter) -> bool:
    """Complete ``partial``; what is there is hashed once, what arrives while it is written.

    A wrong one is removed, and the answer is False.
    """
    digest, count = hashlib.sha256(), 0
    with suppress(MissingObjectError), partial.open("a+b", buffering=0) as target:
        for chunk in _all_of(target, store, stored, file.size):
            digest.update(chunk)
            count += len(chunk)
            meter.moved(len(chunk))
    if (count, digest.hexdigest()) == (file.size, file.sha256):
        return True
    partial.unlink()
    meter.moved(-count)
    return False


def _all_of(target: RawIOBase, store: Store, stored: Stored, size: int) -> Iterator[bytes]:
    """What ``target`` holds, then the rest of the object, which is written to it."""
    target.seek(0)
    while chunk := target.read(CHUNK):
        yield chunk
    start = target.tell()
    for chunk in store.chunks(stored, start) if start < size else ():
        write_all(target, chunk)
        yield chunk


def _changed(final: Path) -> StoreError:
    return StoreError(
        "this file was changed after it was downloaded, and it was left as it is",
        place=str(final),
        remedy="move it away to have the published one again",
    )


def _occupied(to: Path, why: str) -> StoreError:
    return StoreError(f"this folder {why}", place=str(to), remedy="name a new or an empty folder")


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}{_PARTIAL}")
    partial.write_bytes(data)
    partial.replace(path)
