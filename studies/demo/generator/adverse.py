"""The adverse event log of a subject."""

from __future__ import annotations

import datetime as dt
import random

from generator.design import ADVERSE_EVENT, DEATH
from generator.record import Record
from generator.subjects import DAY, Subject, shortened
from generator.vocabulary import EVENTS, Event

RESOLVED, NOT_RESOLVED = "RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED"
SERIOUSNESS = ("AESDTH", "AESHOSP", "AESLIFE", "AESDISAB", "AESCONG", "AESMIE")


def adverse_events(subject: Subject) -> list[Record]:
    """The adverse event log, by start date; a screen failure has none."""
    if subject.baseline is None or subject.last_dose is None:
        return []
    dice = subject.chance("ae")
    records = [
        _adverse_event(subject, event, start, dice) for event, start in _onsets(subject, dice)
    ]
    records += _decisive_events(subject, dice)
    records.sort(key=lambda record: (record["AESTDAT"], record["AETERM"]))
    for number, record in enumerate(records, start=1):
        record["AESPID"] = str(number)
    return records


def _onsets(subject: Subject, dice: random.Random) -> list[tuple[Event, dt.date]]:
    """Which events begin when; the same event may come again later."""
    first, last = subject.baseline, subject.last_dose
    assert first is not None and last is not None  # noqa: PT018, S101 — the caller has looked
    last = min(last + 7 * DAY, subject.ended - 4 * DAY)
    number = min(5, int(dice.expovariate(0.45 if subject.arm == "VEL" else 0.7)))
    events = dice.choices(
        list(EVENTS.values()), [event.weight for event in EVENTS.values()], k=number
    )
    if number > 1 and dice.random() < 0.35:
        events[-1] = events[0]
    days = sorted(dice.sample(range((last - first).days), number))
    onsets = [(event, first + day * DAY) for event, day in zip(events, days, strict=True)]
    if dice.random() < 0.1:
        onsets.append((EVENTS["Common cold"], subject.screening + 2 * DAY))
    return _apart(onsets)


def _apart(onsets: list[tuple[Event, dt.date]]) -> list[tuple[Event, dt.date]]:
    """Without an event that begins before the same event is over."""
    kept: dict[str, dt.date] = {}
    found = []
    for event, start in sorted(onsets, key=lambda onset: onset[1]):
        if start > kept.get(event.term, dt.date.min):
            found.append((event, start))
            kept[event.term] = start + (event.days[1] + 31) * DAY
    return found


def _adverse_event(subject: Subject, event: Event, start: dt.date, dice: random.Random) -> Record:
    end = start + dice.randint(*event.days) * DAY
    ongoing = end >= subject.ended
    on_drug = start >= subject.baseline if subject.baseline else False
    related = on_drug and event.drug_related and (subject.arm == "VEL" or dice.random() < 0.3)
    serious = event.term == "Fainting"
    return _event_record(
        subject,
        event,
        severity=dice.choices(("MILD", "MODERATE", "SEVERE"), (62, 30, 8))[0],
        relation="RELATED" if related else "NOT RELATED",
        action="DOSE NOT CHANGED" if on_drug else "NOT APPLICABLE",
        outcome=NOT_RESOLVED if ongoing else RESOLVED,
        start=_perhaps_partial(start, dice),
        end="" if ongoing else end.isoformat(),
        criterion="AESHOSP" if serious else "",
    )


def _decisive_events(subject: Subject, dice: random.Random) -> list[Record]:
    """The event that led to death, to discontinuation or to a lower dose."""
    if subject.fate == DEATH and subject.last_dose:
        return [_death(subject, subject.last_dose)]
    if subject.fate == ADVERSE_EVENT and subject.last_dose:
        start, action = subject.last_dose - 2 * DAY, "DRUG WITHDRAWN"
    elif subject.dose_reduced:
        start, action = subject.dose_reduced - 2 * DAY, "DOSE REDUCED"
    else:
        return []
    event = EVENTS["Low blood pressure"]
    return [
        _event_record(
            subject, event, severity="SEVERE" if action == "DRUG WITHDRAWN" else "MODERATE",
            relation="RELATED", action=action, outcome=RESOLVED, start=start.isoformat(),
            end=(start + dice.randint(2, 4) * DAY).isoformat(),
        )
    ]  # fmt: skip


def _death(subject: Subject, start: dt.date) -> Record:
    return _event_record(
        subject, EVENTS["Heart attack"], severity="SEVERE", relation="NOT RELATED",
        action="NOT APPLICABLE", outcome="FATAL", start=start.isoformat(),
        end=subject.ended.isoformat(), criterion="AESDTH",
    )  # fmt: skip


def _event_record(
    subject: Subject,
    event: Event,
    *,
    severity: str,
    relation: str,
    action: str,
    outcome: str,
    start: str,
    end: str,
    criterion: str = "",
) -> Record:
    flags = {name: "Y" if name == criterion else "N" for name in SERIOUSNESS}
    return Record(
        {
            "SUBJID": str(subject.number),
            "AETERM": event.term,
            "AETERM_DE": event.german,
            "AEDECOD": event.decode,
            "AEBODSYS": event.body_system,
            "AESTDAT": start,
            "AEENDAT": end,
            "AEONGO": "N" if end else "Y",
            "AESEV": severity,
            "AESER": "Y" if criterion else "N",
            **flags,
            "AEREL": relation,
            "AEACN": action,
            "AEOUT": outcome,
            "AESI": "Y" if event.special_interest else "N",
        }
    )


def _perhaps_partial(day: dt.date, dice: random.Random) -> str:
    """Now and then only the month is known."""
    return shortened(day, 7 if dice.random() < 0.08 else 10)
