"""The closed set of verbs: each turns some records of a domain into one column."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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

VERB_FUNCTIONS: Mapping[str, Callable[[Work], Outcome]] = {
    "assign": copying.assign,
    "assign_ct": matching.assign_ct,
    "constant": copying.constant,
    "concat": copying.concat,
    "coalesce": choosing.coalesce,
    "case": choosing.case,
    "datetime": dating.datetime,
    "number": copying.number,
    "multiple": answering.multiple,
    "convert": converting.convert,
    "range_indicator": ranging.range_indicator,
    "duration": lasting.duration,
    "lookup": relating.lookup,
    "earliest": relating.earliest,
    "latest": relating.latest,
    "sequence": ranking.sequence,
    "study_day": dating.study_day,
    "age": dating.age,
    "epoch": dating.epoch,
    "visit": visiting.visit,
    "baseline": ranking.baseline,
    "derive": deriving.derive,
}

__all__ = ["VERB_FUNCTIONS", "Outcome", "Work"]
