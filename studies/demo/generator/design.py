"""The protocol of DEMO01 and what happened at each site, as far as it is decided beforehand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

STUDY = "DEMO01"
SEED = 20250113
CUTOFF = dt.date(2025, 12, 31)
EXPORTED = "2026-01-12T06:00:00+00:00"
"""The time stamp inside every export; nothing here reads a clock."""

ARMS = ("PBO", "VEL")
STARTING_DOSE = 10
FULL_DOSE = 20

COMPLETED = "COMPLETED"
ADVERSE_EVENT = "ADVERSE EVENT"
WITHDRAWAL = "WITHDRAWAL BY SUBJECT"
LOST = "LOST TO FOLLOW-UP"
DEATH = "DEATH"
SCREEN_FAILURE = "SCREEN FAILURE"


@dataclass(frozen=True)
class Visit:
    """A planned visit: its name, study day and how many days it may be early or late."""

    name: str
    day: int
    slack: int


ON_TREATMENT = (
    Visit("WEEK 2", 15, 3),
    Visit("WEEK 4", 29, 3),
    Visit("WEEK 8", 57, 3),
    Visit("WEEK 12", 85, 3),
)
SCREENING, BASELINE, END_OF_STUDY = "SCREENING", "BASELINE", "END OF STUDY"
UNSCHEDULED = "UNSCHEDULED"


@dataclass(frozen=True)
class Site:
    """A site, its subjects (numbered from 101), and the fates that are not "completed"."""

    number: str
    country: str
    subjects: int
    opened: dt.date
    fates: dict[int, str] = field(default_factory=dict)
    dose_reduced: frozenset[int] = frozenset()
    unscheduled: dict[int, int] = field(default_factory=dict)
    """Subject → number of unscheduled visits."""
    conventional_units: bool = False
    """The laboratory reports in conventional (US) instead of SI units."""


SITES = (
    Site(
        "01",
        "CHE",
        13,
        dt.date(2025, 1, 13),
        {104: SCREEN_FAILURE, 107: WITHDRAWAL, 111: ADVERSE_EVENT},
        frozenset({103}),
        {102: 1, 109: 2},
    ),
    Site(
        "02",
        "USA",
        13,
        dt.date(2025, 1, 20),
        {103: SCREEN_FAILURE, 110: SCREEN_FAILURE, 106: DEATH, 112: LOST},
        unscheduled={101: 1, 108: 1},
        conventional_units=True,
    ),
    Site(
        "03",
        "GBR",
        13,
        dt.date(2025, 2, 3),
        {109: SCREEN_FAILURE, 102: ADVERSE_EVENT},
        frozenset({108}),
        {105: 1, 111: 1},
    ),
    Site(
        "04",
        "CAN",
        13,
        dt.date(2025, 2, 10),
        {105: SCREEN_FAILURE, 108: WITHDRAWAL, 113: ADVERSE_EVENT},
        frozenset({102}),
        {107: 1},
    ),
    Site(
        "05",
        "DEU",
        12,
        dt.date(2025, 2, 17),
        {102: SCREEN_FAILURE, 110: LOST},
        frozenset({106}),
        {103: 1, 112: 1},
    ),
    Site("06", "FRA", 12, dt.date(2025, 2, 24), {106: SCREEN_FAILURE, 109: WITHDRAWAL}),
)
