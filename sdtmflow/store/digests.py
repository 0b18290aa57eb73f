"""What a file's bytes are: size, SHA-256 and MD5, found in one pass over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

_LARGE = 64 << 20
"""Bytes from which on a file's MD5 is worth a thread of its own."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Bytes in all, and their hashes in hex."""

    size: int
    sha256: str
    md5: str


class Digest(Protocol):
    """A SHA-256 that is being found: hashlib's object, or a ``Hashing``."""

    def update(self, data: bytes, /) -> None:
        """Take in the next bytes."""

    def hexdigest(self) -> str:
        """Of what was taken in so far."""


class Hashing:
    """Takes in bytes piece by piece; hashlib lets other threads run meanwhile.

    MD5 takes twice as long as SHA-256 on processors that know SHA: ``aside`` does it at the same
    time.
    """

    def __init__(self, aside: Executor | None = None) -> None:
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0
        self._aside = aside

    def update(self, data: bytes, /) -> None:
        """Take in the next bytes."""
        self._size += len(data)
        if self._aside is None:
            self._md5.update(data)
            self._sha256.update(data)
            return
        other = self._aside.submit(self._md5.update, data)
        self._sha256.update(data)
        other.result()

    def hexdigest(self) -> str:
        """The SHA-256 so far, as hashlib's own objects tell theirs."""
        return self._sha256.hexdigest()

    def digests(self) -> Digests:
        """What was taken in so far."""
        return Digests(self._size, self._sha256.hexdigest(), self._md5.hexdigest())


def taken_in(chunks: Iterable[bytes], digest: Digest) -> Iterator[bytes]:
    """The same chunks, each taken in by ``digest`` before it is given on."""
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


@contextmanager
def hashing(size: int) -> Iterator[Hashing]:
    """A ``Hashing`` for about ``size`` bytes."""
    if size < _LARGE:
        yield Hashing()
        return
    with ThreadPoolExecutor(1) as aside:
        yield Hashing(aside)
