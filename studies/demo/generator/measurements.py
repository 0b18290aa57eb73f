"""What was measured: vital signs at the site, blood at the central laboratory."""

from __future__ import annotations

import datetime as dt
import random

from generator.design import BASELINE, END_OF_STUDY, SCREENING, STUDY
from generator.record import Record
from generator.subjects import Subject
from generator.vocabulary import LAB_TESTS, LabTest, Unit

VITAL_SIGNS = ("SYSBP", "DIABP", "PULSE", "TEMP", "HEIGHT", "WEIGHT")
WEIGHED = {SCREENING, BASELINE, "WEEK 12", END_OF_STUDY}
SAMPLED = {SCREENING, BASELINE, "WEEK 4", "WEEK 12", "UNSCHEDULED"}
NOT_DONE = ("03", 104, "WEEK 8")
"""Site, subject and visit at which nothing could be measured; the site's form asks why."""


def vital_signs(subject: Subject) -> list[Record]:
    """One record a visit, in metric units; the drug lowers the blood pressure."""
    dice = subject.chance("vs")
    body = {
        "SYSBP": dice.gauss(152, 7),
        "DIABP": dice.gauss(94, 5),
        "PULSE": dice.gauss(72, 7),
        "HEIGHT": dice.gauss(177 if subject.sex == "M" else 165, 6),
        "WEIGHT": dice.gauss(86 if subject.sex == "M" else 73, 9),
    }
    return [_visit_record(subject, visit, day, body, dice) for visit, day in subject.visits]


def _visit_record(
    subject: Subject, visit: str, day: dt.date, body: dict[str, float], dice: random.Random
) -> Record:
    done = (subject.site.number, subject.number, visit) != NOT_DONE
    record = Record(
        {
            "SUBJID": str(subject.number),
            "VISIT": visit,
            "VSDAT": day.isoformat(),
            "VSPERF": "Y" if done else "N",
            "VSPOS": "SITTING" if done else "",
            "VSREASND": "" if done else "EXAMINATION ROOM CLOSED",
        }
    )
    results = _results(subject, visit, day, body, dice)
    for test, (result, unit) in results.items() if done else ():
        record[f"{test}_VSORRES"] = result
        record[f"{test}_VSORRESU"] = unit
    return record


def _results(
    subject: Subject, visit: str, day: dt.date, body: dict[str, float], dice: random.Random
) -> dict[str, tuple[str, str]]:
    days = max(0, (day - subject.baseline).days) if subject.baseline else 0
    effect = min(days, 60) / 60 * (15 if subject.arm == "VEL" else 4)
    found = {
        "SYSBP": (f"{body['SYSBP'] - effect + dice.gauss(0, 3):.0f}", "mmHg"),
        "DIABP": (f"{body['DIABP'] - effect / 2 + dice.gauss(0, 2):.0f}", "mmHg"),
        "PULSE": (f"{body['PULSE'] + dice.gauss(0, 3):.0f}", "beats/min"),
        "TEMP": (f"{dice.gauss(36.7, 0.2):.1f}", "C"),
    }
    weight = f"{body['WEIGHT'] + dice.gauss(0, 0.6):.1f}"
    if visit in WEIGHED:
        found["WEIGHT"] = (weight, "kg")
    if visit == SCREENING:
        found["HEIGHT"] = (f"{body['HEIGHT']:.0f}", "cm")
    return found


def samples(subject: Subject) -> list[Record]:
    """The central laboratory's results, one record a test and visit."""
    dice = subject.chance("lb")
    own_means = [dice.gauss(test.mean[subject.sex], test.spread * 0.7) for test in LAB_TESTS]
    records = []
    taken = [(visit, day) for visit, day in subject.visits if visit in SAMPLED]
    for number, (visit, day) in enumerate(taken, start=1):
        tube = {
            "STUDY": STUDY,
            "SITEID": subject.site.number,
            "SUBJID": str(subject.number),
            "SEX": subject.sex,
            "VISIT": visit,
            "LBREFID": f"{subject.site.number}{subject.number}{number:02d}",
            "LBDAT": day.isoformat(),
            "LBTIM": f"{dice.randint(7, 10):02d}:{dice.randrange(0, 60, 5):02d}",
        }
        for test, mean in zip(LAB_TESTS, own_means, strict=True):
            value = dice.gauss(mean, test.spread * 0.45)
            records.append(Record(tube | _result(subject, test, value)))
    return records


def _result(subject: Subject, test: LabTest, value: float) -> dict[str, str]:
    unit = test.conventional if subject.site.conventional_units else test.si
    low, high = test.low[subject.sex], test.high[subject.sex]
    shown = _rounded(max(value, test.floor, low * 0.6), unit)
    return {
        "LBTESTCD": test.code,
        "LBTEST": test.name,
        "LBCAT": test.panel,
        "LBSPEC": test.specimen,
        "LBORRES": f"<{_rounded(test.floor, unit)}" if value < test.floor else shown,
        "LBORRESU": unit.unit,
        "LBORNRLO": _rounded(low, unit),
        "LBORNRHI": _rounded(high, unit),
    }


def _rounded(value: float, unit: Unit) -> str:
    return f"{value * unit.factor:.{unit.decimals}f}"
