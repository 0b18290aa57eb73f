"""Is the log what was written? Every entry against its own text, its number, its chain, its mirror.

A chain alone cannot show that its end was cut off, nor that all of it from some entry on was
written anew. Whoever has seen an entry before can: ``Seen`` heads come from the claims, from what
this machine remembers, and from what somebody noted down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdtmflow.audit.event import PUBLISH, Event, Head
from sdtmflow.audit.log import log_series, parse_event
from sdtmflow.errors import VerificationError
from sdtmflow.store.mirrors import mirrored_before
from sdtmflow.store.protocol import Store, sha256_of


@dataclass(frozen=True, slots=True)
class LogFault:
    """What is wrong at one entry."""

    entry: int
    problem: str

    def __str__(self) -> str:
        return f"entry {self.entry}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that somebody has seen as the log's newest, and who: ``the claim on v0003``."""

    head: Head
    by: str


@dataclass(frozen=True, slots=True)
class LogReading:
    """The log as it is: what can be read of it, and what is wrong with it."""

    entries: Mapping[int, bytes]
    mirrors: Mapping[int, bytes]
    events: tuple[Event, ...]
    """Every entry that can be read, oldest first."""
    faults: tuple[LogFault, ...]

    @property
    def head(self) -> Head | None:
        """The newest entry's number and hash, whatever else is wrong."""
        newest = max(self.entries, default=0)
        return Head(number=newest, sha256=sha256_of([self.entries[newest]])) if newest else None

    @property
    def unmirrored(self) -> int:
        """How many of the newest entries have no mirror yet."""
        return max(self.entries, default=0) - max(self.mirrors, default=0)

    def contradicting(self, seen: Sequence[Seen]) -> Iterator[LogFault]:
        """Entries that somebody has seen and that are others now, or gone."""
        last = max(self.entries, default=0)
        for one in seen:
            number, data = one.head.number, self.entries.get(one.head.number)
            if data is None:
                yield LogFault(number, f"was there by {one.by} and is gone: the log ends at {last}")
            elif sha256_of([data]) != one.head.sha256:
                yield LogFault(
                    number,
                    f"is another than by {one.by}: the log was written anew from here or before",
                )


def read_log(store: Store, study_id: str) -> LogReading:
    """Read the whole log and check all that the log itself and its mirrors can show.

    Raises StoreError where the store cannot be read.
    """
    series = log_series(study_id)
    mirrors, entries = mirrored_before(store, series, lambda: store.entries(series))
    events: list[Event] = []
    faults: list[LogFault] = []
    expected = 1
    for number in sorted(entries.keys() | mirrors.keys()):
        if number > expected:
            faults.append(_gap(expected, number - 1))
        expected = number + 1
        if number in entries:
            faults += _mirror_faults(number, entries, mirrors)
            faults += _chain_faults(number, entries, study_id, events)
        else:
            faults.append(LogFault(number, "was removed: its mirror is there"))
    return LogReading(entries, mirrors, tuple(events), tuple(faults))


def _gap(first: int, last: int) -> LogFault:
    """Told once, however long: a stray entry may have any number."""
    also = f", and so were all up to {last}" if last > first else ""
    return LogFault(first, f"was removed{also}: later ones are there")


def _mirror_faults(
    number: int, entries: Mapping[int, bytes], mirrors: Mapping[int, bytes]
) -> Iterator[LogFault]:
    if number in mirrors:
        if mirrors[number] != entries[number]:
            yield LogFault(number, "differs from its mirror: one of the two was changed")
    elif number < max(mirrors, default=0):
        yield LogFault(number, "its mirror was removed: later ones are there")


def _chain_faults(
    number: int, entries: Mapping[int, bytes], study_id: str, events: list[Event]
) -> Iterator[LogFault]:
    """The faults of one entry by itself and as the one after its neighbour; it joins ``events``."""
    try:
        event = parse_event(entries[number], number, "")
    except VerificationError as error:
        yield LogFault(number, error.message)
        return
    if event.study != study_id:
        yield LogFault(number, f"is of another study ({event.study})")
    before = entries.get(number - 1)
    if number > 1 and before is None:
        pass  # told where it is missing
    elif event.previous != (None if before is None else sha256_of([before])):
        yield LogFault(
            number, f"does not follow entry {number - 1}: one of them was changed or put in"
        )
    elif event.published != _published(event, events):
        yield LogFault(number, "counts the publications before it wrongly")
    events.append(event)


def _published(event: Event, events: list[Event]) -> int:
    """What the entry after ``events`` must say of the newest logged version."""
    before = events[-1].published if events else 0
    return before + 1 if event.action == PUBLISH else before
