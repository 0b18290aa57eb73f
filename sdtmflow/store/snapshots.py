"""Deliveries as immutable snapshots, kept in the store by the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sdtmflow.errors import StoreError
from sdtmflow.store.digests import taken_in
from sdtmflow.store.disk import disk_errors, write_atomically
from sdtmflow.store.protocol import MissingObjectError, Store, Stored, file_sha256, sha256_of

SNAPSHOTS = "snapshots/"
"""Where they lie in the store."""


class DamagedSnapshotError(StoreError):
    """A snapshot holds other bytes than were kept."""


class Snapshots:
    """The kept deliveries of a study; ``cache`` holds local copies where the store is remote."""

    def __init__(self, store: Store, cache: Path) -> None:
        self.store = store
        self.cache = cache

    def keep(self, path: Path) -> str:
        """Keep the file's bytes and return their SHA-256 (hex); the same bytes are kept once.

        A kept snapshot that no longer has its hash is written again. Raises StoreError.
        """
        sha256 = file_sha256(path)
        if not self._is_intact(sha256):
            self.store.put_file(snapshot_key(sha256), path, sha256)
        return sha256

    def has(self, sha256: str) -> bool:
        """Whether a snapshot of that hash is there; its bytes are not looked at."""
        return self.store.current(snapshot_key(sha256)) is not None

    def received(self, sha256: str) -> str:
        """When the bytes first came into the store (ISO 8601, UTC); "" where they are not there."""
        at = self.store.stored_at(snapshot_key(sha256))
        return at.isoformat(timespec="seconds") if at else ""

    def path_of(self, sha256: str) -> Path:
        """A local file with exactly these bytes, never to be written to.

        Raises MissingObjectError where nothing was kept, DamagedSnapshotError where what is there
        has other bytes.
        """
        key = snapshot_key(sha256)
        path = self.store.local_path(key)
        if path is None:
            return self._cached(key, sha256)
        if self.store.current(key) is None:
            raise MissingObjectError("this snapshot was never kept", place=f"snapshot {sha256}")
        _require_same(file_sha256(path), sha256, str(path))
        return path

    def _is_intact(self, sha256: str) -> bool:
        stored = self.store.current(snapshot_key(sha256))
        return stored is not None and sha256_of(self.store.chunks(stored)) == sha256

    def _cached(self, key: str, sha256: str) -> Path:
        path = self.cache / sha256
        if path.is_file() and file_sha256(path) == sha256:
            return path
        _fetch(self.store.chunks(Stored(key)), path, sha256, f"{self.store.url}: {key}")
        return path


def snapshot_key(sha256: str) -> str:
    """``snapshots/ab/ab12…``."""
    return f"{SNAPSHOTS}{sha256[:2]}/{sha256}"


def _fetch(chunks: Iterable[bytes], path: Path, sha256: str, place: str) -> None:
    """Write the bytes to ``path``, which gets its name only when they have their SHA-256."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, _intact(chunks, sha256, place))


def _intact(chunks: Iterable[bytes], sha256: str, place: str) -> Iterator[bytes]:
    """The same chunks, then DamagedSnapshotError where they do not have their SHA-256."""
    digest = hashlib.sha256()
    yield from taken_in(chunks, digest)
    _require_same(digest.hexdigest(), sha256, place)


def _require_same(actual: str, sha256: str, place: str) -> None:
    if actual != sha256:
        raise DamagedSnapshotError(
            f"the snapshot no longer has its SHA-256 {sha256[:12]}…",
            place=place,
            remedy="collect the delivery again, or restore the file from a backup",
        )
