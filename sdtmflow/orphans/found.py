"""What lies in a store and belongs to no bundle, and why it is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sdtmflow.bundle.attempts import is_hopeless, last_step
from sdtmflow.bundle.manifest import MANIFEST
from sdtmflow.orphans.published import Published, needed_snapshots, read_published
from sdtmflow.store.pieces import EXPORTS, Piece, by_key
from sdtmflow.store.protocol import Store
from sdtmflow.store.snapshots import SNAPSHOTS, snapshot_key

_BUSY = dt.timedelta(hours=1)
"""Who stored something that lately is probably still at work."""


class Kind(StrEnum):
    """What sort of orphan; the value is how it is called on the screen."""

    ATTEMPT = "attempt"
    UPLOAD = "unfinished upload"
    LEAVING = "leaving"
    SNAPSHOT = "snapshot"
    EXPORT = "zip for links"


@dataclass(frozen=True, slots=True)
class Orphan:
    """Pieces that belong together, and to no bundle."""

    kind: Kind
    name: str
    """The attempt's id; the key for everything else."""
    pieces: tuple[Piece, ...]
    why: str
    """Why it is there, for a person."""
    waits_for: str = ""
    """What must happen before it may be swept at whatever age; empty: nothing."""

    @property
    def begun(self) -> dt.datetime:
        """When its oldest piece was stored."""
        return min(piece.changed for piece in self.pieces)

    @property
    def changed(self) -> dt.datetime:
        """When its newest piece was stored: its age counts from here."""
        return max(piece.changed for piece in self.pieces)

    @property
    def files(self) -> int:
        """Files in it, each version counted."""
        return sum(piece.is_file for piece in self.pieces)

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(piece.size for piece in self.pieces)


def find_orphans(store: Store, study: str) -> tuple[Orphan, ...]:
    """Attempts of the study that no claim points to, and what the whole store has no use for.

    Those are leavings of probes and of writers that were killed, uploads that were never finished,
    snapshots that no bundle of any study was made from, zips that were made for links. Nothing is
    changed. Raises StoreError (ForbiddenError names the right that is missing), VerificationError
    where the claims are not whole: then nobody can tell what belongs to a bundle.
    """
    pieces = store.pieces()
    attempts = pieces.attempts(study)  # before the claims: what is claimed meanwhile is no orphan
    kept = tuple(pieces.under(SNAPSHOTS))
    published = read_published(store, study)
    return (
        *_attempts(store, published, attempts, pieces.now()),
        *_uploads(published, attempts),
        *_leavings(pieces.leavings()),
        *_snapshots(kept, needed_snapshots(store, study)),
        *_exports(pieces.under(EXPORTS)),
    )


def _attempts(
    store: Store, published: Published, attempts: dict[str, tuple[Piece, ...]], now: dt.datetime
) -> Iterator[Orphan]:
    for attempt, pieces in sorted(attempts.items()):
        if attempt not in published.attempts:
            why, waits_for = _reason(store, published, attempt, pieces, now)
            yield Orphan(Kind.ATTEMPT, attempt, pieces, why, waits_for)


def _reason(
    store: Store, published: Published, attempt: str, pieces: tuple[Piece, ...], now: dt.datetime
) -> tuple[str, str]:
    """Why the attempt is there, and what it waits for; its last step tells most."""
    _, step = last_step(store, published.study, attempt)
    if step and step.swept:
        return f"a sweep of it began {step.swept} and is not done", ""
    if step and step.wants and is_hopeless(step.wants, published.taken):
        return f"overtaken: another run published {step.wants.name} first", ""
    if step and step.wants:
        name = step.wants.name
        return f"stopped in the moment of its claim on {name}", f"until {name} is published"
    return _reason_without_claim(store.attempt_prefix(published.study, attempt), pieces, now), ""


def _reason_without_claim(prefix: str, pieces: tuple[Piece, ...], now: dt.datetime) -> str:
    if any(piece.key == prefix + MANIFEST and piece.is_file for piece in pieces):
        return "whole, with its manifest, but never claimed"
    if max(piece.changed for piece in pieces) > now - _BUSY:
        return "probably still under way"
    return "stopped before its manifest was stored"


def _uploads(published: Published, attempts: dict[str, tuple[Piece, ...]]) -> Iterator[Orphan]:
    """Parts that were never put together although their attempt did become a bundle."""
    for attempt in sorted(attempts.keys() & published.attempts):
        for piece in attempts[attempt]:
            if piece.upload:
                why = "parts of an upload that was tried again"
                yield Orphan(Kind.UPLOAD, piece.key, (piece,), why)


def _leavings(found: Mapping[str, tuple[Piece, ...]]) -> Iterator[Orphan]:
    for name, pieces in found.items():
        if any(piece.upload for piece in pieces):
            yield Orphan(Kind.UPLOAD, name, pieces, "parts of an upload that was never finished")
        else:
            why = "left by a publication's probe, or by a writer that was stopped"
            yield Orphan(Kind.LEAVING, name, pieces, why)


def _snapshots(pieces: Iterable[Piece], needed: frozenset[str]) -> Iterator[Orphan]:
    for key, together in by_key(piece for piece in pieces if not piece.upload).items():
        sha256 = key.rpartition("/")[2]
        if key == snapshot_key(sha256) and sha256 not in needed:
            why = "no bundle was made from this delivery (yet)"
            yield Orphan(Kind.SNAPSHOT, key, together, why)


def _exports(pieces: Iterable[Piece]) -> Iterator[Orphan]:
    for key, together in by_key(piece for piece in pieces if not piece.upload).items():
        yield Orphan(Kind.EXPORT, key, together, "made for links, and made again when asked")
