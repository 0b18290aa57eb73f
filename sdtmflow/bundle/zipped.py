"""A bundle as a zip, written straight from the store: no second copy waits on the disk.

The zip's bytes follow from its members' bytes alone: sorted, without a time, an owner or a place.
So a zip that was broken off goes on by being written once more: what its unfinished file holds is
unpacked and feeds the writer, which finds its own bytes there and changes nothing; only where they
end the store is asked, from that very byte on. Each member is hashed on the way, wherever its bytes
come from.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.bundle.manifest import CLAIM, Claim, ManifestFile, stored_file
from sdtmflow.bundle.meter import Meter, Progress, unseen
from sdtmflow.bundle.read import ReadBundle, other_bytes, own_files
from sdtmflow.bundle.selection import selected
from sdtmflow.bundle.unfinished import UnfinishedZip
from sdtmflow.bundle.verify import verify_copy
from sdtmflow.errors import StoreError
from sdtmflow.store.disk import disk_errors, sync_folder
from sdtmflow.store.protocol import CHUNK, MissingObjectError, Store, sha256_of

_FILE_MODE = 0o644
_TRANSFERS = 8
"""Small members that are asked for at a time."""


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int
    sha256: str
    chunks: Callable[[int], Iterator[bytes]]
    """The bytes from an offset on."""


class _WrongBytesError(Exception):
    """A member is not what was published; the unfinished zip was cut off before it."""

    def __init__(self, member: _Member, from_disk: int) -> None:
        super().__init__(member.name)
        self.member = member
        self.from_disk = from_disk
        """How many of its bytes came from the unfinished zip."""


def write_zip(
    store: Store,
    bundle: ReadBundle,
    to: Path,
    only: Sequence[str] = (),
    *,
    progress: Progress = unseen,
) -> None:
    """Write the zip ``to``, all of it verified before it gets this name; unlogged.

    The unfinished zip is ``.<name>.part`` beside it. Memory: a few chunks. Raises StoreError where
    ``to`` is another file already, or the disk or the store refuses; VerificationError where the
    store gives other bytes than were published.
    """
    unfinished = to.with_name(f".{to.name}.part")
    members = _members(store, bundle, only)
    with disk_errors(to):
        if to.exists():
            if to.is_file() and holds(to, bundle.claim, only):
                return
            raise _taken(to)
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write(unfinished, members, progress)
        except _WrongBytesError as error:
            if not error.from_disk:
                raise other_bytes(store, error.member.name) from None
            # The unfinished zip itself was damaged: from here on every byte is the store's.
            write_zip(store, bundle, to, only, progress=progress)
            return
        _give_name(unfinished, to)


def _members(store: Store, bundle: ReadBundle, only: Sequence[str]) -> list[_Member]:
    """The bundle's files and what it is verified by, sorted by name."""
    prefix, folder = store.bundle_prefix(bundle.claim.slot), _folder(bundle.claim)

    def of_file(file: ManifestFile) -> _Member:
        stored = stored_file(prefix, file)
        return _Member(
            folder + file.path, file.size, file.sha256, lambda start: store.chunks(stored, start)
        )

    def of_bytes(name: str, data: bytes) -> _Member:
        return _Member(
            folder + name, len(data), sha256_of([data]), lambda start: iter([data[start:]])
        )

    files = [of_file(file) for file in selected(bundle.manifest.files, only)]
    own = [of_bytes(name, data) for name, data in own_files(store, bundle).items()]
    return sorted([*files, *own], key=lambda member: member.name)


def holds(path: Path, claim: Claim, only: Sequence[str] = ()) -> bool:
    """Whether ``path`` is a zip of this very bundle (or of what ``only`` names), and intact."""
    if verify_copy(path, only).faults:
        return False
    with zipfile.ZipFile(path) as archive:  # not where somebody has packed it anew, otherwise
        name = _folder(claim) + CLAIM
        return name in archive.namelist() and archive.read(name) == claim.canonical()


def _folder(claim: Claim) -> str:
    return f"{claim.study}-{claim.name}/"


class _Ahead:
    """Small members are asked for while those before them are packed."""

    def __init__(self, members: Sequence[_Member], pool: ThreadPoolExecutor) -> None:
        self._members = members
        self._pool = pool
        self._asked: dict[int, Future[bytes]] = {}

    def chunks(self, index: int) -> Callable[[int], Iterator[bytes]]:
        """The member's bytes from an offset on; the next ones are asked for, too."""
        for near in range(index, min(index + _TRANSFERS, len(self._members))):
            if near not in self._asked and self._members[near].size <= CHUNK:
                self._asked[near] = self._pool.submit(_all_of, self._members[near])
        asked = self._asked.pop(index, None)
        return self._members[index].chunks if asked is None else _from(asked)


def _all_of(member: _Member) -> bytes:
    return b"".join(member.chunks(0))


def _from(asked: Future[bytes]) -> Callable[[int], Iterator[bytes]]:
    return lambda start: iter([asked.result()[start:]])


def _write(unfinished: Path, members: Sequence[_Member], progress: Progress) -> None:
    meter = Meter(progress, sum(member.size for member in members))
    with closing(UnfinishedZip(unfinished)) as part, ThreadPoolExecutor(_TRANSFERS) as pool:
        ahead = _Ahead(members, pool)
        archive = zipfile.ZipFile(part, "w")
        try:
            for index, member in enumerate(members):
                chunks = ahead.chunks(index) if part.is_at_end else member.chunks
                for count in _add(archive, part, member, chunks):
                    meter.moved(count)
            archive.close()
            part.finish()
        finally:
            archive.fp = None  # a broken archive must not write its directory later


def _add(
    archive: zipfile.ZipFile,
    part: UnfinishedZip,
    member: _Member,
    chunks: Callable[[int], Iterator[bytes]],
) -> Iterator[int]:
    """Write a member, and tell the bytes as they go. Raises _WrongBytesError."""
    info = zipfile.ZipInfo(member.name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = _FILE_MODE << 16
    info.file_size = member.size
    begins, digest, count, from_disk = part.position, hashlib.sha256(), 0, 0
    with archive.open(info, "w") as target, suppress(MissingObjectError):
        for chunk in part.unpacked(member.size):
            digest.update(chunk)
            target.write(chunk)
            count = from_disk = from_disk + len(chunk)
            yield len(chunk)
        for chunk in chunks(count) if count < member.size else ():
            digest.update(chunk)
            target.write(chunk)
            count += len(chunk)
            yield len(chunk)
    if (count, digest.hexdigest()) != (member.size, member.sha256):
        part.cut(begins)
        raise _WrongBytesError(member, from_disk)


def _give_name(unfinished: Path, to: Path) -> None:
    """Rename, but never over a file that came meanwhile (where the disk has hard links)."""
    try:
        to.hardlink_to(unfinished)
    except FileExistsError:
        raise _taken(to) from None
    except OSError:  # a disk without hard links
        if to.exists():
            raise _taken(to) from None
        unfinished.rename(to)
    unfinished.unlink(missing_ok=True)
    sync_folder(to.parent)


def _taken(to: Path) -> StoreError:
    return StoreError(
        "there is a file of this name already, and it was left as it is",
        place=str(to),
        remedy="name another with --to, or move it away",
    )
