"""The store as a local folder: plain files, read-only, published by one atomic rename.

    bundles/v0001/…                   a published bundle: its tree, manifest.json and claim.json
    bundles/.attempt-<id>/…           a publication under way, or what a crash left of one
    series/audit/<study>/0001         the audit log, an entry a file
    claims/<study>/v0001.json         mirrors of the claims
    audit/<study>/0001.json           mirrors of the log's entries
    snapshots/ab/ab12…                deliveries by SHA-256

The claim is a file of the tree, so renaming the attempt's folder to ``bundles/v0001`` claims the
version and shows the bundle in the same instant; a rename onto a folder that is not empty fails,
so only one rival can win. A folder holds the bundles of one study.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from sdtmflow.errors import StoreError
from sdtmflow.retention import Protection, Retention
from sdtmflow.store.digests import Digest, Digests, hashing, taken_in
from sdtmflow.store.disk import (
    PARTIAL,
    create_exclusively,
    disk_error,
    disk_errors,
    plain_bytes,
    require_plain,
    source_chunks,
    sync_folder,
    sync_folders,
    write_atomically,
)
from sdtmflow.store.link import Link
from sdtmflow.store.local_pieces import ATTEMPT, BUNDLES, PROBE_FOLDER, SERIES, LocalPieces
from sdtmflow.store.local_series import LocalSeries
from sdtmflow.store.protocol import (
    Created,
    Exists,
    MissingObjectError,
    Moved,
    Promise,
    Slot,
    Stored,
    checked_key,
    file_chunks,
    relative_files,
    require_promised,
    unwatched,
    version_name,
    version_number,
)

CLAIM = "claim.json"
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST}
_READ_ONLY_FOLDER = 0o555
_ATTEMPT = f"{BUNDLES}/{ATTEMPT}"


class LocalStore:
    """A ``Store`` in a folder, which is made at the first write."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)
        self._series = LocalSeries(root / SERIES)

    @property
    def identity(self) -> str:
        """The folder's path."""
        return self.url

    def put_file(
        self, key: str, path: Path, sha256: str = "", moved: Moved = unwatched
    ) -> tuple[Stored, Digests]:
        """Store a file's bytes, read-only and safe on disk."""
        with hashing(path.stat().st_size) as hashed:
            self._write(key, _promised(_told(source_chunks(path), moved), hashed, sha256, path))
        return Stored(key), hashed.digests()

    def put_bytes(self, key: str, data: bytes) -> Stored:
        """Store some bytes, read-only and safe on disk."""
        self._write(key, [data])
        return Stored(key)

    def copy(self, source: Stored, key: str, original: Path, sha256: str) -> Stored:  # noqa: ARG002
        """Store a second copy: shared bytes would let one damaged block spoil every version.

        The bytes come from ``original``, which costs no more and cannot be an old version's damage.
        """
        self._write(key, _promised(source_chunks(original), hashlib.sha256(), sha256, original))
        return Stored(key)

    def chunks(self, stored: Stored, start: int = 0) -> Iterator[bytes]:
        """The object's bytes from ``start`` on."""
        try:
            require_plain(self._path(stored.key))
            yield from file_chunks(self._path(stored.key), start)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise MissingObjectError(
                "the store has no such file", place=str(self._path(stored.key))
            ) from None
        except OSError as error:
            raise disk_error(error, self._path(stored.key)) from error

    def current(self, key: str) -> Stored | None:
        """The object under ``key``, if there is one."""
        return Stored(key) if self._path(key).is_file() else None

    def stored_at(self, key: str) -> dt.datetime | None:
        """The time of the file, which is never written again."""
        path = self._path(key)
        if not path.is_file():
            return None
        return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys under ``prefix``, sorted; files still being written are not among them."""
        folder = self._path(prefix.rstrip("/"))
        for path in relative_files(folder):
            if not path.name.startswith(PARTIAL):
                yield f"{prefix}{path}"

    def local_path(self, key: str) -> Path | None:
        """Where the object is on disk."""
        return self._path(key)

    def attempt_prefix(self, study: str, attempt: str) -> str:  # noqa: ARG002 — the protocol's
        """``bundles/.attempt-<id>/``: hidden, beside the place it is renamed to."""
        return f"{_ATTEMPT}{attempt}/"

    def bundle_prefix(self, slot: Slot) -> str:
        """``bundles/v0001/``."""
        return f"{BUNDLES}/{slot.name}/"

    def take_claim(self, slot: Slot, data: bytes) -> Created | Exists:
        """Put the claim into the attempt's folder and rename the folder to its version."""
        attempt = self.attempt_prefix(slot.study, slot.attempt)
        folder, final = self._path(attempt[:-1]), self._path(self.bundle_prefix(slot)[:-1])
        if final.is_dir() and any(final.iterdir()):
            return self._taken(final, data)
        if not folder.is_dir():  # else the claim alone would become a version
            raise StoreError(
                "the files of this publication were removed before their claim; nothing was "
                "published",
                place=str(folder),
                remedy="run again, and leave what is unfinished to `sdtmflow bundles sweep`",
            )
        self._write(attempt + CLAIM, [data])
        try:
            sync_folders(folder)
            folder.rename(final)
            sync_folder(final.parent)
        except OSError as error:
            if error.errno in _TAKEN:
                return self._taken(final, data)
            raise disk_error(error, final) from error
        return Created()

    def claims(self, study: str) -> dict[int, bytes]:  # noqa: ARG002 — one study a folder
        """The claim of every published version, ascending."""
        folder = self.root / BUNDLES
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        versions = sorted(v for name in names if (v := version_number(name)) is not None)
        return {version: self._claim(folder / version_name(version)) for version in versions}

    def can_lock(self) -> bool:
        """False: whoever owns a folder can remove what is in it."""
        return False

    def protect(self, objects: Sequence[Stored], retention: Retention) -> None:  # noqa: ARG002 — no lock
        """Make the folders of bundles read-only, as their files are: a rail, and no lock."""
        folders = {f for stored in objects for f in self._bundle_folders(stored.key)}
        for folder in sorted(folders):
            with disk_errors(folder):
                folder.chmod(_READ_ONLY_FOLDER)

    def hold(self, objects: Sequence[Stored], *, held: bool) -> None:
        """Nothing: a folder knows no holds, and this program removes no bundle anyway."""

    def protection(self, stored: Stored) -> Protection:  # noqa: ARG002 — no lock
        """None."""
        return Protection()

    def append(self, series: str, number: int, data: bytes) -> Created | Exists:
        """Create the entry's file, complete, unless it is there."""
        return self._series.append(series, number, data)

    def entries(self, series: str, after: int = 0) -> dict[int, bytes]:
        """Number → entry, ascending, for the numbers above ``after``."""
        return self._series.entries(series, after)

    def last_entry(self, series: str) -> tuple[int, bytes] | None:
        """The entry with the highest number; None for an empty series."""
        return self._series.last_entry(series)

    def pieces(self) -> LocalPieces:
        """Files and folders below the store's."""
        return LocalPieces(self.root)

    def link(self, stored: Stored, name: str, lasts: dt.timedelta) -> Link:  # noqa: ARG002 — refused
        """Never: nobody serves a folder."""
        raise StoreError(
            "this store is a folder, and a folder has no links",
            place=self.url,
            remedy="download with `sdtmflow bundles download --zip` and hand the zip over, or "
            "publish to S3",
        )

    def abandon(self, study: str, attempt: str) -> None:
        """Remove the attempt's folder."""
        shutil.rmtree(self._path(self.attempt_prefix(study, attempt)[:-1]), ignore_errors=True)

    def promises(self) -> tuple[Promise, ...]:
        """That it can be written, and that no version replaces another; asking makes no folder."""
        return (Promise("folder: no version replaces another", self._asked),)

    def _asked(self) -> str:
        if not self.root.exists():
            raise StoreError(
                "there is no such folder",
                place=self.url,
                remedy="`sdtmflow store make` makes it, and so does the first publication",
            )
        return "".join(self.probe())

    def make(self) -> tuple[str, ...]:
        """Make the folder."""
        made = () if self.root.is_dir() else (self.url,)
        self.probe()
        return made

    def probe(self) -> tuple[str, ...]:
        """Prove that the folder can be written, and that no rename and no link replaces anything.

        The store's folder is made where it is not there; where the proof fails, nothing stays.
        """
        with disk_errors(self.root):
            missing = [folder for folder in (self.root, *self.root.parents) if not folder.exists()]
        try:
            self._make_folder(self.root)
            self._prove_exclusive()
        except BaseException:
            for folder in missing:
                with suppress(OSError):  # it was never made, or somebody else uses it by now
                    folder.rmdir()
            raise
        return ()

    def _prove_exclusive(self) -> None:
        with (
            disk_errors(self.root),
            tempfile.TemporaryDirectory(dir=self.root, prefix=PROBE_FOLDER) as t,
        ):
            entry, taken, rival = (Path(t, name) for name in ("entry", "taken", "rival"))
            created = [create_exclusively(entry, data) for data in (b"first", b"second")]
            for folder in (taken, rival):
                folder.mkdir()
                Path(folder, CLAIM).write_bytes(folder.name.encode())
            try:
                rival.rename(taken)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                if created == [True, False]:
                    return
        raise StoreError(
            "this file system replaces what should stay, so versions are not safe",
            place=self.url,
            remedy="nothing was published; name a store on another file system",
        )

    def _bundle_folders(self, key: str) -> Iterator[Path]:
        """The folders of a bundle that hold ``key``; shared ones, which go on growing, are none."""
        path = PurePosixPath(checked_key(key))
        if path.parts[0] == BUNDLES:
            depth = len(PurePosixPath(BUNDLES, "v0001").parts)
            yield from (self.root / p for p in path.parents if len(p.parts) >= depth)

    def _taken(self, final: Path, data: bytes) -> Created | Exists:
        claim = self._claim(final)
        return Created() if claim == data else Exists(claim)

    def _claim(self, folder: Path) -> bytes:
        try:
            return plain_bytes(Path(folder, CLAIM))
        except OSError:
            raise StoreError(
                f"{CLAIM} is missing or cannot be read, so this is no published bundle",
                place=str(folder),
                remedy=f"restore {CLAIM} from its mirror in claims/, or move the folder away",
            ) from None

    def _write(self, key: str, chunks: Iterable[bytes]) -> None:
        path = self._path(key)
        self._make_folder(path.parent)
        with disk_errors(path):
            write_atomically(path, chunks)
            if not key.startswith(_ATTEMPT):  # its folders are made durable just before its claim
                sync_folder(path.parent)

    def _make_folder(self, folder: Path) -> None:
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)


def _told(chunks: Iterable[bytes], moved: Moved) -> Iterator[bytes]:
    """The same chunks; each is told when the next is asked for, since then it is written."""
    for chunk in chunks:
        yield chunk
        moved(len(chunk))


def _promised(
    chunks: Iterable[bytes], digest: Digest, sha256: str, origin: Path
) -> Iterator[bytes]:
    """The same chunks, then StoreError where they are not what ``sha256`` (if any) promised."""
    yield from taken_in(chunks, digest)
    require_promised(digest.hexdigest(), sha256, origin)
