"""The file of a zip that is being written, and goes on where an earlier try was broken off."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sdtmflow.store.disk import write_all
from sdtmflow.store.protocol import CHUNK

_PACKED = 1 << 16
"""Bytes that are unpacked at a time."""


class UnfinishedZip:
    """The unfinished zip, written from its beginning: bytes that are there already stay.

    It has no ``seek``, so that ``zipfile`` writes each member's sizes behind it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        path.touch()
        self._file = path.open("r+b", buffering=0)
        self._known = path.stat().st_size

    @property
    def is_at_end(self) -> bool:
        """Whether nothing of an earlier try lies ahead."""
        return self.position >= self._known

    def unpacked(self, size: int) -> Iterator[bytes]:
        """What the packed bytes that lie ahead give, as far as they go; no more than ``size``."""
        unpack = zlib.decompressobj(-zlib.MAX_WBITS)
        with self.path.open("rb") as file, suppress(zlib.error):
            file.seek(self.position)
            while size > 0 and not unpack.eof:
                packed = unpack.unconsumed_tail or file.read(_PACKED)
                if not packed:
                    return
                chunk = unpack.decompress(packed, min(size, CHUNK))
                size -= len(chunk)
                yield chunk

    def write(self, data: bytes) -> int:
        """Where other bytes are, they and all behind them are dropped."""
        if self._file.read(len(data)) != data:
            self.cut(self.position)
            self._file.seek(self.position)
            write_all(self._file, data)
        self.position += len(data)
        return len(data)

    def cut(self, position: int) -> None:
        """Drop everything from ``position`` on."""
        self._file.truncate(position)
        self._known = position

    def flush(self) -> None:
        """``zipfile`` asks for it; there is no buffer."""

    def finish(self) -> None:
        """Drop what is behind the end, and let the disk have the rest."""
        self.cut(self.position)
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
