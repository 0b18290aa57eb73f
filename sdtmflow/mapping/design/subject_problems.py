"""What is wrong with a subject's elements and visits: findings on the subject's record of DM.

Elements and visits are made from many records, and one that is left out has no record of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sdtmflow.finding import Severity, Stage
from sdtmflow.mapping.records.problems import Problem
from sdtmflow.mapping.records.world import World
from sdtmflow.sources.raw import SUBJECT


@dataclass(frozen=True, slots=True)
class SubjectRule:
    """A rule and its words; message and query may say ``{value}``."""

    rule: str
    severity: Severity
    message: str
    query: str
    variable: str


def tell_subjects(world: World, frame: pl.DataFrame, values: str, rule: SubjectRule) -> None:
    """One finding for each row of ``frame`` (``_subject`` and the column ``values``)."""
    if frame.is_empty():
        return
    positions = world.records["DM"].frame([SUBJECT]).with_row_index("_at")
    found = frame.join(positions, on=SUBJECT, maintain_order="left")
    told = Problem(
        rule=rule.rule,
        severity=rule.severity,
        message=rule.message,
        rows=found["_at"],
        values=found[values].cast(pl.String),
        variable=rule.variable,
        query=rule.query,
        stage=Stage.SDTM,
    )
    world.problems.append(("DM", told))
