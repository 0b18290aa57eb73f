"""The other forms of a subject: demographics, exposure, history, medication, disposition."""

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
from generator.subjects import DAY, Subject, shortened
from generator.vocabulary import (
    DISEASES,
    HYPERTENSION,
    REMEDIES,
    Disease,
    Medication,
)

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
            "MHSTDAT": shortened(start, dice.choices((4, 7, 10), (50, 35, 15))[0]),
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


def _not_before(start: str, dice: random.Random) -> str:
    """The start of a treatment: the disease's own year, or the one after."""
    year = int(start[:4])
    return str(min(year + dice.randint(0, 1), 2024))
