"""Files of the local disk that are complete or absent, and the disk's errors in plain words."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path

from sdtmflow.errors import StoreError
from sdtmflow.store.protocol import NoObjectError, file_chunks

PARTIAL = ".partial-"
"""How the name of a file begins that is still being written, or that a crash left."""
_READ_ONLY = 0o444


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Every OSError inside as a StoreError about ``place``."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, place) from error


def require_plain(path: Path) -> None:
    """Raises NoObjectError for a link, a pipe or a device; OSError where nothing can be read."""
    kind = path.lstat().st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise NoObjectError(
            "is no plain file in the store",
            place=str(path),
            remedy="have the store's owner restore the file from a backup",
        )


def plain_bytes(path: Path) -> bytes:
    """What a small file of the store holds; a pipe is not waited for. Raises as above."""
    require_plain(path)
    return path.read_bytes()


def source_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file that is to be stored; its own errors are not the store's."""
    with disk_errors(path):
        yield from file_chunks(path)


_ROOM = "free some space, then run again: nothing was published"
_REMEDIES = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.ENOENT: "something was moved away meanwhile; run again",
    errno.EACCES: "give yourself the right to write there, or name another place",
    errno.EROFS: "name a store on a file system that can be written",
    errno.ENOTDIR: "a file is where a folder should be; move it away or name another place",
    errno.EEXIST: "a file is where a folder should be; move it away or name another place",
    errno.ENAMETOOLONG: "name a place with a shorter path",
    errno.EPERM: "name a store on a file system that has hard links, where you may write",
    errno.ENOTSUP: "name a store on a file system that has hard links",
}


def disk_error(error: OSError, place: Path) -> StoreError:
    """What the operating system refused, with a remedy."""
    remedy = _REMEDIES.get(error.errno or 0, "mend the folder, or name another place")
    return StoreError(f"the disk refused: {error.strerror}", place=str(place), remedy=remedy)


def write_atomically(path: Path, chunks: Iterable[bytes]) -> None:
    """Write beside ``path``, make it durable, and only then give it its name.

    The folder is not made durable. Raises OSError, and what ``chunks`` raise.
    """
    with _complete_file(path, chunks) as temporary:
        temporary.replace(path)


def create_exclusively(path: Path, data: bytes) -> bool:
    """Create ``path`` with ``data``, complete and durable; False where it is there already.

    A hard link gives the file its name: unlike a rename it never replaces one. Raises OSError.
    """
    with _complete_file(path, [data]) as temporary:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
    sync_folder(path.parent)
    return True


@contextmanager
def _complete_file(path: Path, chunks: Iterable[bytes]) -> Iterator[Path]:
    """A read-only file beside ``path`` that is safe on disk; it is gone afterwards.

    It is not read again: right after ``fsync`` the answer would come from the machine's memory,
    from the same pages that were written, and prove nothing of the disk (decision 20).
    """
    handle, name = tempfile.mkstemp(prefix=PARTIAL, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            written = sum(write_all(file, chunk) for chunk in chunks)
            os.fsync(file.fileno())
            _require_size(os.fstat(file.fileno()).st_size, written, path)
        temporary.chmod(_READ_ONLY)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def write_all(file: RawIOBase, chunk: bytes) -> int:
    """Write all of ``chunk``, which the system may take in pieces; its length."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]
    return len(chunk)


def _require_size(actual: int, written: int, path: Path) -> None:
    if actual != written:
        raise StoreError(
            f"{written:,} bytes were written, the file has {actual:,}",
            place=str(path),
            remedy="this file system does not keep what it is given; name a store on another",
        )


def sync_folders(folder: Path) -> None:
    """Make the names in a folder and below it durable."""
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        sync_folder(path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (only POSIX has folders that can be synced)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
