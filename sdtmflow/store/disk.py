"""Errors of the local disk in plain words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdtmflow.errors import StoreError


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
}


def disk_error(error: OSError, place: Path) -> StoreError:
    """What the operating system refused, with a remedy."""
    remedy = _REMEDIES.get(error.errno or 0, "mend the folder, or name another place")
    return StoreError(f"the disk refused: {error.strerror}", place=str(place), remedy=remedy)
