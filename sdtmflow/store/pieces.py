"""Everything that lies in a store, also what no plain reader sees: the broom's view of it.

A *piece* is one version of an object, a delete marker, an upload that was never finished, or a file
(or folder) of a local store. Readers and publishers use ``Store``; only orphans are looked for, and
swept, in pieces.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from sdtmflow.errors import StoreError

PROBE = "probe/"
"""What a publication's probe leaves where it may not delete lies under this prefix."""
EXPORTS = "exports/"
"""Zips that were put into the store for a link; no part of any bundle."""


class ForbiddenError(StoreError):
    """Whoever asks has not the right to do this."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that lies in the store, under its key there."""

    key: str
    """Relative to the store; a folder's ends in ``/``."""
    changed: dt.datetime
    """By the store's own clock, in UTC."""
    size: int = 0
    """Bytes; 0 where the store does not tell (an upload that was never finished)."""
    version: str = ""
    """The store's id of these bytes, where it has one."""
    upload: str = ""
    """The store's id of an upload that was never finished."""
    marker: bool = False
    """A delete marker: it hides what was there before."""
    latest: bool = True
    """Whether a plain reader would get it (or, for a marker, gets nothing because of it)."""
    among_claims: bool = False
    """It lies in the part of the store that holds the claims."""

    @property
    def is_file(self) -> bool:
        """Whether it holds bytes that somebody stored."""
        return not (self.marker or self.upload or self.key.endswith("/"))


class Pieces(Protocol):
    """What lies in a store. Raises StoreError; ForbiddenError where a right is missing."""

    def now(self) -> dt.datetime:
        """The store's own time, which ``Piece.changed`` is told by."""

    def under(self, prefix: str) -> Iterator[Piece]:
        """Every piece but folders whose key begins with ``prefix``."""

    def attempts(self, study: str) -> dict[str, tuple[Piece, ...]]:
        """Attempt → all that it has stored; where a claim moves the files, without those."""

    def leavings(self) -> dict[str, tuple[Piece, ...]]:
        """Name → what a probe, or a writer that was killed, has left outside every attempt."""

    def studies(self) -> set[str]:
        """Every study that has a claim, a mirror or an attempt here."""

    def entry_keys(self, beginning: str) -> list[str]:
        """Keys of entries of series that begin like this, sorted."""

    def remove(self, piece: Piece) -> None:
        """Remove it for good; one that is gone already is as good."""

    def hide(self, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        """Take an object, given by all its versions, from plain readers.

        Gives what is to be removed afterwards: never the bytes of who stores the object anew.
        """

    def show(self, pieces: Sequence[Piece]) -> None:
        """Store a hidden object anew from what was hidden, so that no other sweep removes it.

        ``pieces`` are its versions. Nothing where none of them is there any more.
        """


def by_key(pieces: Iterable[Piece]) -> dict[str, tuple[Piece, ...]]:
    """Key → its pieces, sorted by key."""
    in_order = sorted(pieces, key=_key)
    return {key: tuple(together) for key, together in groupby(in_order, _key)}


def _key(piece: Piece) -> str:
    return piece.key


def visible(pieces: Iterable[Piece]) -> set[str]:
    """The keys under which a plain reader finds something."""
    return {piece.key for piece in pieces if piece.latest and piece.is_file}
