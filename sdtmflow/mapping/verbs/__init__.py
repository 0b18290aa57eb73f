"""The closed set of verbs: each turns some records of a domain into one column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from sdtmflow.mapping.verbs import (
    answering,
    choosing,
    converting,
    copying,
    dating,
    deriving,
    lasting,
    matching,
    ranging,
    ranking,
    relating,
    visiting,
)
from sdtmflow.mapping.verbs.work import Outcome, Work


class Reach(Enum):
    """On what the values of a verb depend: for equal ones it is asked once."""

    INPUTS = "its inputs, from the same source"
    SUBJECT = "its inputs, of the same subject"
    RECORDS = "all records of the set"


@dataclass(frozen=True, slots=True)
class Verb:
    """What makes the column, what that looks at, and whether it makes nothing of missing values."""

    make: Callable[[Work], Outcome]
    looks_at: Reach
    needs_values: bool = False


VERB_TABLE: Mapping[str, Verb] = {
    "assign": Verb(copying.assign, Reach.INPUTS, needs_values=True),
    "assign_ct": Verb(matching.assign_ct, Reach.INPUTS, needs_values=True),
    "constant": Verb(copying.constant, Reach.INPUTS),
    "concat": Verb(copying.concat, Reach.INPUTS),
    "coalesce": Verb(choosing.coalesce, Reach.INPUTS),
    "case": Verb(choosing.case, Reach.INPUTS),
    "datetime": Verb(dating.datetime, Reach.INPUTS, needs_values=True),
    "number": Verb(copying.number, Reach.INPUTS, needs_values=True),
    "multiple": Verb(answering.multiple, Reach.INPUTS, needs_values=True),
    "convert": Verb(converting.convert, Reach.INPUTS, needs_values=True),
    "range_indicator": Verb(ranging.range_indicator, Reach.INPUTS, needs_values=True),
    "duration": Verb(lasting.duration, Reach.INPUTS, needs_values=True),
    "lookup": Verb(relating.lookup, Reach.SUBJECT),
    "earliest": Verb(relating.earliest, Reach.SUBJECT),
    "latest": Verb(relating.latest, Reach.SUBJECT),
    "sequence": Verb(ranking.sequence, Reach.RECORDS),
    "study_day": Verb(dating.study_day, Reach.INPUTS, needs_values=True),
    "age": Verb(dating.age, Reach.INPUTS),
    "epoch": Verb(dating.epoch, Reach.SUBJECT, needs_values=True),
    "visit": Verb(visiting.visit, Reach.SUBJECT),
    "baseline": Verb(ranking.baseline, Reach.RECORDS),
    "derive": Verb(deriving.derive, Reach.RECORDS),
}
"""Every verb of the grammar (``Verbs`` in ``spec/line.py``), and all that making it needs."""

__all__ = ["VERB_TABLE", "Outcome", "Reach", "Work"]
