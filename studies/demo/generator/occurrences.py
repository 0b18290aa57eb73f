"""What happened to a subject: exposure, adverse events, history, medication, disposition."""

from __future__ import annotations

import datetime as dt
import random

from generator.design import (
    ADVERSE_EVENT,
    DEATH,
    FULL_DOSE,
    LOST,
    SCREEN_FAILURE,
    STARTING_DOSE,
    WITHDRAWAL,
)
from generator.record import Record
from generator.subjects import Subject
from generator.vocabulary import (
    DISEASES,
    EVENTS,
    HYPERTENSION,
    REMEDIES,
    Disease,
    Event,
    Medication,
)

DAY = dt.timedelta(days=1)
RESOLVED, NOT_RESOLVED = "RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED"
SERIOUSNESS = ("AESDTH", "AESHOSP", "AESLIFE", "AESDISAB", "AESCONG", "AESMIE")
TREATMENT_NAMES = {"PBO": "PLACEBO", "VEL": "VELORASTAT"}


def demographics(subject: Subject) -> Record:
    """The demographics form."""
    return Record(
        {
            "SUBJID": str(subject.number),
            "BRTHDAT": subject.birth.isoformat(),
            "AGE": str(subject.age),
            "AGEU": "YEARS",
            "SEX": subject.sex,
            "RACE": subject.races[0],
            "RACE2": subject.races[1] if len(subject.races) > 1 else "",
            "ETHNIC": subject.ethnic,
            "RFICDAT": subject.consent.isoformat(),
            "DMDAT": subject.screening.isoformat(),
        }
    )


def randomisation(subject: Subject) -> Record | None:
    """The randomisation form."""
    if subject.baseline is None:
        return None
    return Record(
        {
            "SUBJID": str(subject.number),
            "RANDDAT": subject.baseline.isoformat(),
            "RANDNO": f"R{subject.site.number}{subject.number - 100:03d}",
            "ARMCD": subject.arm,
        }
    )


def exposures(subject: Subject) -> list[Record]:
    """One record for each interval of constant dose."""
    if subject.baseline is None or subject.last_dose is None:
        return []
    week_4 = dict(subject.visits).get("WEEK 4", subject.last_dose)
    steps = [(subject.baseline, STARTING_DOSE, ""), (week_4, FULL_DOSE, "PER PROTOCOL")]
    if subject.dose_reduced:
        steps.append((subject.dose_reduced, STARTING_DOSE, "ADVERSE EVENT"))
    starts = [start for start, _, _ in steps] + [subject.last_dose + DAY]
    return [
        _exposure(subject, number, (start, starts[number] - DAY), dose, reason)
        for number, (start, dose, reason) in enumerate(steps, start=1)
    ]


def _exposure(
    subject: Subject, number: int, interval: tuple[dt.date, dt.date], dose: int, reason: str
) -> Record:
    return Record(
        {
            "SUBJID": str(subject.number),
            "EXSPID": str(number),
            "EXTRT": TREATMENT_NAMES[subject.arm],
            "EXDOSE": str(dose if subject.arm == "VEL" else 0),
            "EXDOSU": "mg",
            "EXDOSFRM": "TABLET",
            "EXDOSFRQ": "QD",
            "EXROUTE": "ORAL",
            "EXADJ": reason,
            "EXSTDAT": interval[0].isoformat(),
            "EXENDAT": interval[1].isoformat(),
        }
    )


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


def histories(subject: Subject) -> list[tuple[Disease, Record]]:
    """Hypertension, which everybody has, and what else there is."""
    dice = subject.chance("mh")
    number = dice.choices((0, 1, 2, 3), (25, 40, 25, 10))[0]
    others = dice.sample(DISEASES, number, counts=[disease.weight for disease in DISEASES])
    diseases = [HYPERTENSION, *dict.fromkeys(others)]
    return [
        (disease, _history(subject, disease, number, dice))
        for number, disease in enumerate(diseases, start=1)
    ]


def _history(subject: Subject, disease: Disease, number: int, dice: random.Random) -> Record:
    start = subject.consent - dice.randint(200, 6000) * DAY
    over = disease.term == "Appendix removed"
    return Record(
        {
            "SUBJID": str(subject.number),
            "MHSPID": str(number),
            "MHTERM": disease.term,
            "MHDECOD": disease.decode,
            "MHBODSYS": disease.body_system,
            "MHSTDAT": _shortened(start, dice.choices((4, 7, 10), (50, 35, 15))[0]),
            "MHENDAT": start.isoformat()[:4] if over else "",
            "MHONGO": "N" if over else "Y",
        }
    )


def medications(
    subject: Subject, diseases: list[tuple[Disease, Record]], events: list[Record]
) -> list[Record]:
    """What is taken for the history's diseases, and against adverse events."""
    dice = subject.chance("cm")
    records = [
        _medication(subject, disease.treatment, _not_before(record["MHSTDAT"], dice), "")
        for disease, record in diseases
        if disease.treatment
    ]
    records += [
        _medication(subject, REMEDIES[event["AEDECOD"]], event["AESTDAT"], event["AEENDAT"])
        for event in events
        if event["AEDECOD"] in REMEDIES and dice.random() < 0.6
    ]
    for number, record in enumerate(records, start=1):
        record["CMSPID"] = str(number)
    return records


def _medication(subject: Subject, drug: Medication, start: str, end: str) -> Record:
    return Record(
        {
            "SUBJID": str(subject.number),
            "CMTRT": drug.name,
            "CMDOSE": drug.dose,
            "CMDOSU": drug.unit,
            "CMDOSFRQ": drug.frequency,
            "CMROUTE": drug.route,
            "CMINDC": drug.indication,
            "CMSTDAT": start,
            "CMENDAT": end,
            "CMONGO": "N" if end else "Y",
        }
    )


def disposition(subject: Subject) -> Record:
    """The end-of-study form."""
    terms = {
        "COMPLETED": "Completed the study",
        ADVERSE_EVENT: "Adverse event",
        WITHDRAWAL: "Subject withdrew consent",
        LOST: "Lost to follow-up",
        DEATH: "Death",
        SCREEN_FAILURE: "Did not meet the eligibility criteria",
    }
    return Record(
        {
            "SUBJID": str(subject.number),
            "DSTERM": terms[subject.fate],
            "DSDECOD": subject.fate,
            "DSSTDAT": subject.ended.isoformat(),
            "DTHDAT": subject.ended.isoformat() if subject.fate == DEATH else "",
        }
    )


def _perhaps_partial(day: dt.date, dice: random.Random) -> str:
    """Now and then only the month is known."""
    return _shortened(day, 7 if dice.random() < 0.08 else 10)


def _shortened(day: dt.date, length: int) -> str:
    return day.isoformat()[:length]


def _not_before(start: str, dice: random.Random) -> str:
    """The start of a treatment: the disease's own year, or the one after."""
    year = int(start[:4])
    return str(min(year + dice.randint(0, 1), 2024))
