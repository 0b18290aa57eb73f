"""Remove orphans that are old enough, and nothing that a bundle is or may become."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from sdtmflow.bundle.attempts import condemn
from sdtmflow.errors import StoreError, UsageError
from sdtmflow.orphans.found import Kind, Orphan, find_orphans
from sdtmflow.orphans.published import needed_snapshots, read_published
from sdtmflow.store.pieces import Piece, by_key, visible
from sdtmflow.store.protocol import Store, Stored
from sdtmflow.store.snapshots import SNAPSHOTS
from sdtmflow.wording import minute_text

LEAST_AGE = dt.timedelta(days=1)
"""No publication is at work for so long without storing anything."""
ALWAYS = frozenset({Kind.ATTEMPT, Kind.UPLOAD, Kind.LEAVING})
"""What a sweep takes unless it is told otherwise."""
ALL = frozenset(Kind)
_REMOVALS = 8
"""Pieces at a time."""

Announce = Callable[[Sequence[Orphan]], None]
"""Called with what is going to be removed, before; where it raises, nothing is."""


@dataclass(frozen=True, slots=True)
class Left:
    """An orphan of which something is still there."""

    orphan: Orphan
    reason: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep did: ``removed`` is gone, ``left`` is not, each for its reason."""

    removed: tuple[Orphan, ...]
    left: tuple[Left, ...]
    older_than: dt.timedelta


def sweep(
    store: Store,
    study: str,
    announce: Announce,
    *,
    older_than: dt.timedelta,
    kinds: Collection[Kind] = ALWAYS,
    dry_run: bool = False,
) -> Sweep:
    """Remove the orphans of ``kinds`` that last changed ``older_than`` ago, by the store's clock.

    ``announce`` writes the audit log. What is claimed, mirrored or about to be claimed stays: each
    attempt is condemned in its own series first, each snapshot is hidden, and only then is asked
    once more who needs it. A dry run tells the same and changes nothing. Raises UsageError where
    ``older_than`` is less than ``LEAST_AGE``, and as ``find_orphans`` does.
    """
    if older_than < LEAST_AGE:
        raise UsageError(
            "so young an orphan may be a publication that is under way",
            place="--older-than",
            remedy="write 1d or more",
        )
    if Kind.SNAPSHOT in kinds and not dry_run:
        _show_needed(store, study)
    before = store.pieces().now() - older_than
    orphans = [each for each in find_orphans(store, study) if each.kind in kinds]
    due = [each for each in orphans if each.changed <= before and not each.waits_for]
    young = [Left(each, _waits(each, older_than)) for each in orphans if each not in due]
    if dry_run:
        held = {each.name: _hold_text(store, each.pieces) for each in due}
        free = tuple(each for each in due if not held[each.name])
        left = [*young, *(Left(each, held[each.name]) for each in due if held[each.name])]
        return Sweep(free, tuple(left), older_than)
    if due:
        announce(due)
    left = _removed(store, study, due)
    stays = {each.orphan.name for each in left}
    removed = tuple(each for each in due if each.name not in stays)
    return Sweep(removed, (*young, *left), older_than)


def _removed(store: Store, study: str, due: Iterable[Orphan]) -> list[Left]:
    """Remove them; gives those that stay."""
    snapshots = [each for each in due if each.kind is Kind.SNAPSHOT]
    attempts = [each for each in due if each.kind is Kind.ATTEMPT]
    others = [each for each in due if each.kind not in {Kind.SNAPSHOT, Kind.ATTEMPT}]
    return [
        *_swept_attempts(store, study, attempts),
        *(left for each in others for left in _swept(store, each)),
        *_swept_snapshots(store, study, snapshots),
    ]


def _swept_attempts(store: Store, study: str, orphans: Sequence[Orphan]) -> Iterable[Left]:
    """Condemn all; then ask the claims again, for publishers that are older than the fence."""
    if not orphans:
        return
    now, taken = store.pieces().now(), read_published(store, study).taken
    condemned = {each.name for each in orphans if condemn(store, study, each.name, taken, now)}
    published = read_published(store, study).attempts
    for each in orphans:
        if each.name in condemned and each.name not in published:
            yield from _swept(store, each)
        else:
            yield Left(each, "its publisher goes on: it has asked for a claim")


def _swept_snapshots(store: Store, study: str, orphans: Sequence[Orphan]) -> Iterable[Left]:
    """Hide all, ask again who needs them, then remove those that nobody does."""
    if not orphans:
        return
    pieces = store.pieces()
    hidden = [(each, pieces.hide(each.pieces)) for each in orphans]
    needed = needed_snapshots(store, study)
    for each, versions in hidden:
        if each.name.rpartition("/")[2] in needed:
            pieces.show(versions)
            yield Left(each, "a bundle is made from it after all")
        else:
            yield from _swept(store, replace(each, pieces=versions))


def _show_needed(store: Store, study: str) -> None:
    """Show what a sweep that was killed has hidden although somebody needed it by then."""
    pieces = store.pieces()
    snapshots = by_key(pieces.under(SNAPSHOTS))
    hidden = {key: found for key, found in snapshots.items() if not visible(found)}
    needed = needed_snapshots(store, study) if hidden else frozenset()
    for key, found in hidden.items():
        if key.rpartition("/")[2] in needed:
            pieces.show(found)


def _swept(store: Store, orphan: Orphan) -> Iterable[Left]:
    """Remove the pieces; what stays is told with the reason.

    Bytes go first: a marker that went before them would show them to a reader once more.
    """
    covers = [piece for piece in orphan.pieces if piece.marker or piece.key.endswith("/")]
    with ThreadPoolExecutor(_REMOVALS) as pool:
        bytes_first = (piece for piece in orphan.pieces if piece not in covers)
        reasons = list(pool.map(lambda piece: _remove(store, piece), bytes_first))
    if not any(reasons):
        deepest_first = sorted(covers, key=lambda piece: -piece.key.count("/"))
        reasons += [_remove(store, piece) for piece in deepest_first]
    if any(reasons):
        yield Left(orphan, _together(reasons))


def _remove(store: Store, piece: Piece) -> str:
    """Remove a piece; the reason where it stays."""
    if held := _held(store, piece):
        return held
    try:
        store.pieces().remove(piece)
    except StoreError as error:
        return f"{error.message}; {error.remedy}"
    return ""


def _held(store: Store, piece: Piece) -> str:
    """What the store keeps the piece by; empty where nothing does, or nothing can be known."""
    if not piece.is_file or piece.among_claims:
        return ""
    try:
        protection = store.protection(Stored(piece.key, piece.version))
    except StoreError:  # gone, or none of our business: removing it will tell
        return ""
    if protection.held:
        return "under legal hold"
    kept = protection.retention
    if kept is None or kept.until <= store.pieces().now():
        return ""
    return f"kept by Object Lock until {minute_text(kept.until)} UTC"


def _hold_text(store: Store, pieces: Sequence[Piece]) -> str:
    """What holds some of them; empty where nothing does."""
    with ThreadPoolExecutor(_REMOVALS) as pool:
        return _together(list(pool.map(lambda piece: _held(store, piece), pieces)))


def _together(reasons: Sequence[str]) -> str:
    """The last of the reasons as text order has it (the longest lock), and how many pieces stay."""
    stay = [reason for reason in reasons if reason]
    return f"{max(stay)} ({len(stay)} of {len(reasons)} pieces)" if stay else ""


def _waits(orphan: Orphan, older_than: dt.timedelta) -> str:
    """Why it is not due."""
    due = orphan.changed + older_than
    return orphan.waits_for or f"may be swept from {minute_text(due)} UTC"
