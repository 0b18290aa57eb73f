"""Who took part: a subject's person, arm, fate and calendar."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

from generator.design import (
    ADVERSE_EVENT,
    ARMS,
    BASELINE,
    COMPLETED,
    DEATH,
    END_OF_STUDY,
    LOST,
    ON_TREATMENT,
    SCREEN_FAILURE,
    SCREENING,
    SEED,
    UNSCHEDULED,
    WITHDRAWAL,
    Site,
)

RACES = ("WHITE", "BLACK OR AFRICAN AMERICAN", "ASIAN", "OTHER")
RACE_WEIGHTS = (74, 12, 11, 3)
OF_TWO_RACES = ("02", 105)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Subject:
    """A subject and its dates; a screen failure has no arm, baseline or dose."""

    site: Site
    number: int
    sex: str
    birth: dt.date
    races: tuple[str, ...]
    ethnic: str
    consent: dt.date
    screening: dt.date
    fate: str
    ended: dt.date
    """The date of the disposition event."""
    visits: tuple[tuple[str, dt.date], ...]
    arm: str = ""
    baseline: dt.date | None = None
    last_dose: dt.date | None = None
    dose_reduced: dt.date | None = None

    @property
    def age(self) -> int:
        """Completed years at informed consent."""
        birthday_passed = (self.consent.month, self.consent.day) >= (
            self.birth.month,
            self.birth.day,
        )
        return self.consent.year - self.birth.year - (not birthday_passed)

    def chance(self, topic: str) -> random.Random:
        """This subject's own dice for a topic: a change elsewhere does not move them."""
        return random.Random(f"{SEED}-{self.site.number}-{self.number}-{topic}")


def subjects(site: Site) -> list[Subject]:
    """The site's subjects in the order of their informed consent."""
    dice = random.Random(f"{SEED}-{site.number}")
    arms = _blocks(dice)
    consent = site.opened
    found = []
    for number in range(101, 101 + site.subjects):
        consent = _weekday(consent + dt.timedelta(days=dice.randint(4, 14)))
        found.append(_subject(site, number, consent, arms, dice))
    return found


def _blocks(dice: random.Random) -> Iterator[str]:
    """The randomisation list: permuted blocks of four."""
    while True:
        block = list(ARMS * 2)
        dice.shuffle(block)
        yield from block


def _subject(
    site: Site, number: int, consent: dt.date, arms: Iterator[str], dice: random.Random
) -> Subject:
    fate = site.fates.get(number, COMPLETED)
    screening = _weekday(consent + dt.timedelta(days=dice.randint(0, 2)))
    person = _person(site, number, consent, dice)
    if fate == SCREEN_FAILURE:
        ended = screening + dt.timedelta(days=dice.randint(1, 6))
        visits = ((SCREENING, screening),)
        return Subject(site, number, *person, consent, screening, fate, ended, visits)
    baseline = _weekday(screening + dt.timedelta(days=dice.randint(8, 15)))
    planned = _planned_visits(baseline, dice)
    last_dose, ended = _end(fate, baseline, planned, dice)
    held = [(SCREENING, screening), (BASELINE, baseline)]
    held += [(name, day) for name, day in planned if day <= last_dose]
    if fate in {COMPLETED, WITHDRAWAL, ADVERSE_EVENT}:
        held.append((END_OF_STUDY, ended))
    visits = _with_unscheduled(held, site.unscheduled.get(number, 0), dice)
    reduced = (
        planned[1][1] + dt.timedelta(days=dice.randint(8, 24))
        if number in site.dose_reduced
        else None
    )
    return Subject(
        site, number, *person, consent, screening, fate, ended, visits,
        next(arms), baseline, last_dose, reduced,
    )  # fmt: skip


def _person(
    site: Site, number: int, consent: dt.date, dice: random.Random
) -> tuple[str, dt.date, tuple[str, ...], str]:
    sex = dice.choice("MF")
    birth = dt.date(consent.year - dice.randint(34, 74), dice.randint(1, 12), dice.randint(1, 28))
    races = tuple(dice.choices(RACES, RACE_WEIGHTS))
    if (site.number, number) == OF_TWO_RACES:
        races = ("WHITE", "ASIAN")
    hispanic = site.country == "USA" and dice.random() < 0.3
    return sex, birth, races, "HISPANIC OR LATINO" if hispanic else "NOT HISPANIC OR LATINO"


def _planned_visits(baseline: dt.date, dice: random.Random) -> list[tuple[str, dt.date]]:
    return [
        (visit.name, _weekday(baseline + dt.timedelta(days=visit.day - 1 + dice.randint(-2, 1))))
        for visit in ON_TREATMENT
    ]


def _end(
    fate: str, baseline: dt.date, planned: list[tuple[str, dt.date]], dice: random.Random
) -> tuple[dt.date, dt.date]:
    """Last dose and date of the disposition event."""
    if fate == COMPLETED:
        last_dose = planned[-1][1]
        return last_dose, _weekday(last_dose + dt.timedelta(days=dice.randint(12, 16)))
    last_dose = baseline + dt.timedelta(days=dice.randint(32, 66))
    days = {DEATH: 1, LOST: 14, ADVERSE_EVENT: 3, WITHDRAWAL: 5}[fate]
    ended = last_dose + dt.timedelta(days=days)
    return last_dose, ended if fate == DEATH else _weekday(ended)


def _with_unscheduled(
    held: list[tuple[str, dt.date]], number: int, dice: random.Random
) -> tuple[tuple[str, dt.date], ...]:
    """The visits in the order of their dates, with some unscheduled ones in between."""
    for _ in range(number):
        held.append((UNSCHEDULED, _free_day([day for _, day in held], dice)))
    return tuple(sorted(held, key=lambda visit: visit[1]))


def _free_day(taken: list[dt.date], dice: random.Random) -> dt.date:
    """A weekday on treatment on which no visit was held."""
    while True:
        day = _weekday(taken[1] + dt.timedelta(days=dice.randint(5, 75)))
        if day not in taken and day < max(taken):
            return day


def _weekday(day: dt.date) -> dt.date:
    """The day itself, or the Monday after a weekend."""
    return day + dt.timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def shortened(day: dt.date, length: int) -> str:
    """The date, or only its year and month (7), or only its year (4)."""
    return day.isoformat()[:length]
