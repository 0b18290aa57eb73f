"""The audit log of a study: a series in its store, each entry holding the hash of the one before.

An entry is appended exclusively, so of any number of people who act at the same time each gets an
entry of their own and none is lost. Then it is mirrored in the part of the store that can be
locked; where that fails, or is not allowed, the next entry's writer does it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from sdtmflow.audit.event import PUBLISH, Act, Actor, Event, Head
from sdtmflow.errors import StoreError, VerificationError
from sdtmflow.record import parse
from sdtmflow.signing import SigningKey
from sdtmflow.store.mirrors import mirrored_numbers, write_mirrors
from sdtmflow.store.protocol import Created, Store, checked_key, sha256_of

Clock = Callable[[], dt.datetime]
Admit = Callable[[Sequence[Event]], None]
"""Raises where a log (oldest entry first) forbids the entry that is to follow it."""


def now() -> dt.datetime:
    """The time of this machine, in UTC."""
    return dt.datetime.now(dt.UTC)


def record(
    store: Store,
    study_id: str,
    act: Act,
    actor: Actor,
    clock: Clock = now,
    *,
    admit: Admit | None = None,
    key: SigningKey | None = None,
) -> Event:
    """Append what ``actor`` does, and return the entry: it is safe in the store then.

    ``admit`` is asked of the very log that the entry follows: nothing comes between its answer and
    the entry. ``key`` signs the entry, its number and the hash of the one before it included.
    Raises StoreError where the store refuses, VerificationError where one of the log's newest
    entries (``CHECKED``; with ``admit`` all) is damaged, missing, or does not follow the one before
    it: what cannot be recorded must not be done.
    """
    entry = _Entry(study_id, act, actor, clock, key)

    def admitted(before: Event | None) -> Event:
        if admit is not None:
            admit(_log_until(store, study_id, before))
        elif before is not None:
            _log_until(store, study_id, before, CHECKED)
        return entry.following(before)

    event = _append(store, study_id, admitted)
    mirror(store, study_id)
    return event


def record_publication(
    store: Store, study_id: str, act: Act, actor: Actor, clock: Clock = now
) -> Event | None:
    """Append the publication of version ``act.bundle``, unless the log has it: then None.

    Publications stand in the log in the order of their versions, each once, whoever appends them.
    Raises as ``record`` does, and ValueError where the publication of a version before is missing.
    """
    entry = _Entry(study_id, act, actor, clock)
    return _append(store, study_id, entry.once)


def events(store: Store, study_id: str) -> tuple[Event, ...]:
    """The study's log, oldest entry first.

    Raises VerificationError where an entry cannot be read, is missing, or does not follow the one
    before it: what a version has become is derived from the log, so it must be whole.
    """
    return chained(store, store.entries(log_series(study_id)))


def chained(
    store: Store, entries: Mapping[int, bytes], number: int = 0, digest: str | None = None
) -> tuple[Event, ...]:
    """``entries`` (ascending), which follow entry ``number`` with this SHA-256; 0: the beginning.

    Raises VerificationError as ``events`` does.
    """
    log = []
    for expected, (found, data) in enumerate(entries.items(), start=number + 1):
        if found != expected:
            raise broken(store, f"entry {expected} is missing")
        event = parse_event(data, found, store.url)
        if event.previous != digest:
            raise broken(store, f"entry {found} does not follow the one before it")
        log.append(event)
        digest = sha256_of([data])
    return tuple(log)


def broken(store: Store, message: str) -> VerificationError:
    """The error that says what of the log is not as it was written."""
    return VerificationError(message, place=f"{store.url}: audit log", remedy=RESTORE)


def last_event(store: Store, study_id: str) -> Event | None:
    """The log's newest entry; None before the first. Raises VerificationError."""
    found = store.last_entry(log_series(study_id))
    return parse_event(found[1], found[0], store.url) if found else None


def head(store: Store, study_id: str) -> Head | None:
    """The newest entry's number and hash; None before the first entry."""
    event = last_event(store, study_id)
    return event.head if event else None


def mirror(store: Store, study_id: str) -> None:
    """Mirror the newest entries that have no mirror yet, as far as the store allows it.

    A reader may append to the log and not write where the mirrors are: the next writer does it.
    """
    series = log_series(study_id)
    with suppress(StoreError):
        known = mirrored_numbers(store, series)
        whole = next((n for n, at in enumerate(known) if at != n + 1), len(known))
        write_mirrors(store, series, store.entries(series, after=whole))


def _log_until(
    store: Store, study_id: str, newest: Event | None, count: int | None = None
) -> tuple[Event, ...]:
    """The log up to ``newest``, or its last ``count`` entries.

    Raises VerificationError where entries are missing in it, or do not follow each other.
    """
    end = newest.number if newest else 0
    start = max(0, end - count) if count else 0
    entries = {
        n: data for n, data in store.entries(log_series(study_id), start).items() if n <= end
    }
    before = _previous(entries.get(start + 1), start + 1, store) if start else None
    log = chained(store, entries, start, before)
    if start + len(log) < end:
        raise broken(store, f"entry {end} is missing")
    return log


def _previous(data: bytes | None, number: int, store: Store) -> str | None:
    """What an entry says of the one before it, where the reading begins in the middle."""
    return parse_event(data, number, store.url).previous if data else None


def log_series(study_id: str) -> str:
    """``audit/<study>/``: entries are ``audit/<study>/0001`` and so on."""
    return f"audit/{checked_key(study_id)}/"


def parse_event(data: bytes, number: int, place: str) -> Event:
    """Entry ``number``. Raises VerificationError: damaged, of another number, not as signed."""
    place = f"{place}: entry {number} of the audit log"
    event = parse(data, Event, place)
    if event.number != number:
        raise VerificationError(
            f"it says that it is entry {event.number}", place=place, remedy=RESTORE
        )
    if not event.is_intact:
        raise VerificationError("the entry is damaged", place=place, remedy=RESTORE)
    event.require_signature_fits(place)
    return event


CHECKED = 256
"""Entries that are read before another one follows: enough to notice a change, and never more."""
E = TypeVar("E", Event, Event | None)
RESTORE = "have the store's owner find out what happened; `sdtmflow audit verify` tells more"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is to be appended, wherever its place in the log will be."""

    study: str
    act: Act
    actor: Actor
    clock: Clock
    key: SigningKey | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def following(self, before: Event | None) -> Event:
        """The entry that comes after ``before``."""
        published = before.published if before else 0
        event = Event(
            study=self.study,
            number=before.number + 1 if before else 1,
            id=self.id,
            time=self.clock().astimezone(dt.UTC).isoformat(timespec="milliseconds"),
            who=self.actor.name,
            account=self.actor.account,
            action=self.act.action,
            bundle=self.act.bundle,
            manifest=self.act.manifest,
            details=dict(self.act.details),
            published=self.act.bundle or 0 if self.act.action == PUBLISH else published,
            previous=before.digest if before else None,
        )
        return (event.signed(self.key) if self.key else event).sealed()

    def once(self, before: Event | None) -> Event | None:
        """The publication that comes after ``before``; None where it is in the log."""
        known, version = before.published if before else 0, self.act.bundle or 0
        if not 1 <= version <= known + 1:
            raise ValueError(f"version {version} cannot follow version {known}")
        return self.following(before) if version > known else None


def _append(store: Store, study_id: str, entry: Callable[[Event | None], E]) -> E:
    """Append what ``entry`` makes to follow the newest one; a rival's entry is followed in turn."""
    before = last_event(store, study_id)
    while (event := entry(before)) is not None:
        answer = store.append(log_series(study_id), event.number, event.canonical())
        if isinstance(answer, Created):
            break
        before = parse_event(answer.data, event.number, store.url)
    return event
