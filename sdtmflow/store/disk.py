"""Files of the local disk that are complete or absent, and the disk's errors in plain words."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sdtmflow.errors import StoreError
from sdtmflow.store.protocol import file_sha256, require_sha256, sha256_of

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


_REMEDIES = {
    errno.ENOSPC: "free some space, then run again: nothing was published",
    errno.EDQUOT: "free some space, then run again: nothing was published",
    errno.EACCES: "give yourself the right to write there, or name another place",
    errno.EROFS: "name a store on a file system that can be written",
    errno.ENOTDIR: "a file is where a folder should be; move it away or name another place",
    errno.EEXIST: "a file is where a folder should be; move it away or name another place",
    errno.EPERM: "name a store on a file system that has hard links, where you may write",
    errno.ENOTSUP: "name a store on a file system that has hard links",
}


def disk_error(error: OSError, place: Path) -> StoreError:
    """What the operating system refused, with a remedy."""
    remedy = _REMEDIES.get(error.errno or 0, "mend the folder, or name another place")
    return StoreError(f"the disk refused: {error.strerror}", place=str(place), remedy=remedy)


def write_atomically(path: Path, chunks: Iterable[bytes], sha256: str) -> None:
    """Write beside ``path``, make it durable, read it back, and only then give it its name.

    Raises OSError, and StoreError where other bytes than promised were written.
    """
    with _complete_file(path, chunks, sha256) as temporary:
        temporary.replace(path)
    sync_folder(path.parent)


def create_exclusively(path: Path, data: bytes) -> bool:
    """Create ``path`` with ``data``, complete and durable; False where it is there already.

    A hard link gives the file its name: unlike a rename it never replaces one. Raises as
    ``write_atomically`` does.
    """
    with _complete_file(path, [data], sha256_of([data])) as temporary:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
    sync_folder(path.parent)
    return True


@contextmanager
def _complete_file(path: Path, chunks: Iterable[bytes], sha256: str) -> Iterator[Path]:
    """A read-only file beside ``path`` that is safe on disk; it is gone afterwards."""
    handle, name = tempfile.mkstemp(prefix=PARTIAL, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        require_sha256(file_sha256(temporary), sha256, str(path))
        temporary.chmod(_READ_ONLY)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (only POSIX has folders that can be synced)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
