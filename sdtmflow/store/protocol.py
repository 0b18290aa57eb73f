"""What snapshots and bundles ask of a store, and why: docs/explanation/versions.md.

A store holds three kinds of things:

- **Objects**, written once under a key and never changed. Keys are relative POSIX paths.
- **Claims**, one small text for each version of a study. Taking a claim is the one commit point
  of a publication: exactly one of any number of rivals gets a version.
- **Series**, such as the audit log of a study: numbered small texts that are only ever appended.
  Exactly one of any number of rivals gets a number. In S3 the claims are one series.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from sdtmflow.errors import StoreError
from sdtmflow.retention import Protection, Retention
from sdtmflow.store.digests import Digests
from sdtmflow.store.link import Link
from sdtmflow.store.pieces import Pieces

CHUNK = 1 << 20
"""Bytes that are read, hashed and written at a time."""

Moved = Callable[[int], None]
"""Called with each number of bytes more that are safe where they should be."""


def unwatched(count: int) -> None:
    """A ``Moved`` that nobody listens to."""


class MissingObjectError(StoreError):
    """The store has no object under this key (or no such version of it)."""


class NoObjectError(StoreError):
    """Something is there under this key that no store has put there, such as a link or a pipe."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in the store; ``version`` is the store's own id, empty where it has none."""

    key: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """Version ``version`` (from 1) of a study, taken or wanted by the publication ``attempt``."""

    study: str
    version: int
    attempt: str

    @property
    def name(self) -> str:
        """``v0001``, ``v0002`` and so on."""
        return version_name(self.version)


@dataclass(frozen=True, slots=True)
class Created:
    """The claim, or the entry, is ours."""


@dataclass(frozen=True, slots=True)
class Exists:
    """The version was claimed, or the entry written, before: with these bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that a store must keep for publishing to be safe.

    ``ask`` proves it and returns a warning, or nothing; it raises StoreError where it is not kept.
    """

    name: str
    ask: Callable[[], str]


def kept(promises: Iterable[Promise]) -> tuple[str, ...]:
    """Ask them all; their warnings. Raises StoreError for the first that is not kept."""
    return tuple(warning for promise in promises if (warning := promise.ask()))


class Store(Protocol):
    """A local folder or an S3 bucket. Every method raises StoreError, in words a user can act on.

    ``put_file``, ``put_bytes`` and ``copy`` return only after it was proven that the store holds
    the bytes with the SHA-256 that was promised: how, is decision 20.
    """

    @property
    def url(self) -> str:
        """Where it is, without secrets, for messages."""

    @property
    def identity(self) -> str:
        """What tells it from every other store, without secrets.

        An address is not enough: two servers may have buckets of the same name.
        """

    def put_file(
        self, key: str, path: Path, sha256: str = "", moved: Moved = unwatched
    ) -> tuple[Stored, Digests]:
        """Store the file's bytes, and tell what they are: both in one pass over the file.

        Raises StoreError where they do not hash to ``sha256`` (hex), if it is given.
        """

    def put_bytes(self, key: str, data: bytes) -> Stored:
        """Store some bytes."""

    def copy(self, source: Stored, key: str, original: Path, sha256: str) -> Stored:
        """Store the bytes of ``original``, which ``source`` holds too, without sending them again.

        Raises StoreError where the store cannot, or has other bytes than ``sha256`` (hex).
        """

    def chunks(self, stored: Stored, start: int = 0) -> Iterator[bytes]:
        """The object's bytes from offset ``start`` on. Raises MissingObjectError."""

    def current(self, key: str) -> Stored | None:
        """What a plain reader finds under ``key`` now; None where there is nothing."""

    def stored_at(self, key: str) -> dt.datetime | None:
        """When what ``current`` finds was stored, in UTC, by the store's own clock."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that begin with ``prefix`` (which ends in ``/``), sorted."""

    def local_path(self, key: str) -> Path | None:
        """The object as a file of this machine; None for a store that is elsewhere."""

    def attempt_prefix(self, study: str, attempt: str) -> str:
        """Where a publication puts its files before it claims a version (ends in ``/``)."""

    def bundle_prefix(self, slot: Slot) -> str:
        """Where the files of a claimed version are (ends in ``/``)."""

    def take_claim(self, slot: Slot, data: bytes) -> Created | Exists:
        """Claim a version, atomically; nothing is visible before, everything is after.

        A claim that already holds exactly ``data`` is ours: an earlier answer was lost.
        """

    def claims(self, study: str) -> dict[int, bytes]:
        """Version → its claim, ascending."""

    def can_lock(self) -> bool:
        """Whether the store itself can keep objects from being removed, whoever asks."""

    def protect(self, objects: Sequence[Stored], retention: Retention) -> None:
        """Let the store keep these objects (by their version) at least so long.

        Never shortens or weakens what keeps an object already; safe to repeat. Without
        ``can_lock`` it does what little it can. Raises StoreError where the store does not keep
        them so afterwards.
        """

    def hold(self, objects: Sequence[Stored], *, held: bool) -> None:
        """Put these objects under legal hold, or free them of it; retentions stay as they are."""

    def protection(self, stored: Stored) -> Protection:
        """What the store keeps this object by."""

    def append(self, series: str, number: int, data: bytes) -> Created | Exists:
        """Create entry ``number`` (from 1) of a series, atomically, durably and only once.

        An entry that already holds exactly ``data`` is ours: an earlier answer was lost. Two
        writers that must not be taken for each other therefore never write the same bytes.
        """

    def entries(self, series: str, after: int = 0) -> dict[int, bytes]:
        """Number → entry, ascending, for the numbers above ``after``.

        Every entry that was there when this was asked; gaps are told as they are.
        """

    def last_entry(self, series: str) -> tuple[int, bytes] | None:
        """The entry with the highest number; None for an empty series."""

    def pieces(self) -> Pieces:
        """Everything that lies here, readers' business or not: to find orphans and sweep them."""

    def link(self, stored: Stored, name: str, lasts: dt.timedelta) -> Link:
        """A link that lets anybody get exactly this object for some time, saved as ``name``.

        Raises StoreError where the store has no links (a folder).
        """

    def abandon(self, study: str, attempt: str) -> None:
        """Drop what an attempt that failed has stored, as far as the store lets a publisher."""

    def promises(self) -> tuple[Promise, ...]:
        """What publishing rests on here, in the order in which it is to be asked."""

    def make(self) -> tuple[str, ...]:
        """Make the store where it is not there; names what was made. Never changes what is."""

    def probe(self) -> tuple[str, ...]:
        """Prove that claims are exclusive here. Raises StoreError: then nothing is published.

        Returns what the user should know all the same, such as a bucket without Object Lock.
        """


def entry_key(series: str, number: int) -> str:
    """``claims/TRIAL/v``, 7 → ``claims/TRIAL/v0007``: a series is how its keys begin."""
    return f"{series}{number:04d}"


def entry_number(series: str, key: str) -> int | None:
    """The number of the entry that ``key`` is; None where it is no entry of this series."""
    digits = key.removeprefix(series)
    is_entry = re.fullmatch("[0-9]{4,18}", digits) and entry_key(series, int(digits)) == key
    return int(digits) if is_entry else None


def claims_series(study: str) -> str:
    """The series of a study's claims (in a local folder: of their mirrors only)."""
    return f"claims/{checked_key(study)}/v"


def version_name(version: int) -> str:
    """1 → ``v0001``."""
    return entry_key("v", version)


def version_number(name: str) -> int | None:
    """``v0001`` → 1; None where ``name`` is no version's name."""
    return entry_number("v", name)


def checked_key(key: str) -> str:
    """``key``, if it is a relative POSIX path that cannot leave the store."""
    if key.startswith("/") or any(part in {"", ".", ".."} for part in key.split("/")):
        raise StoreError(f"'{key}' is no key", remedy="use a relative path with forward slashes")
    return key


def read_object(store: Store, stored: Stored) -> bytes:
    """All bytes of a small object. Raises MissingObjectError."""
    return b"".join(store.chunks(stored))


def file_chunks(path: Path, start: int = 0) -> Iterator[bytes]:
    """The bytes of a local file, ``CHUNK`` at a time."""
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(CHUNK):
            yield chunk


def sha256_of(chunks: Iterable[bytes]) -> str:
    """SHA-256 (hex) of bytes that come in pieces."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a local file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_sha256(actual: str, expected: str, place: str) -> None:
    """Raises StoreError where the store gave back other bytes than it was sent."""
    if actual != expected:
        raise StoreError(
            f"read back {actual[:12]}…, stored {expected[:12]}…",
            place=place,
            remedy="the store or the way to it damages data; do not use it before it is mended",
        )


def require_promised(actual: str, sha256: str, origin: Path) -> None:
    """Raises StoreError where a file's bytes are not what ``sha256`` (if any) promised."""
    if sha256 and actual != sha256:
        raise StoreError(
            f"has SHA-256 {actual[:12]}…, promised was {sha256[:12]}…",
            place=str(origin),
            remedy="the file changed while it was stored, or the disk damages it: run again",
        )


def relative_files(folder: Path) -> list[PurePosixPath]:
    """Every file below ``folder``, relative to it, sorted by its POSIX path.

    A link counts as a file, also one to a folder, which is not followed.
    """
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted((PurePosixPath(path.relative_to(folder).as_posix()) for path in found), key=str)
