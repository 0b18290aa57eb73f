"""sequence, baseline: numbers and flags that need all records of a subject."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from sdtmflow.finding import Severity, Stage
from sdtmflow.mapping.planning.plan import PlannedDomain
from sdtmflow.mapping.records.hashing import hashed, hashed_rows
from sdtmflow.mapping.records.numbering import (
    allotted,
    entries,
    remembered,
    renumbered,
    spec_digest,
)
from sdtmflow.mapping.records.problems import Problem
from sdtmflow.mapping.records.sorting import numbered, row_for_row
from sdtmflow.mapping.values.days import days
from sdtmflow.mapping.verbs.work import Outcome, Work
from sdtmflow.sources.raw import SUBJECT

_SAME = {"STUDYID", "USUBJID"}
"""Keys that say nothing within a subject."""


def sequence(work: Work) -> Outcome:
    """1, 2, 3 … within the subject; ties in the order of delivery. --SEQ keeps earlier numbers."""
    spec, domain = work.line.line.sequence, work.world.plan.domains[work.line.domain]
    by = spec.by if spec and spec.by != "keys" else domain.natural_key
    positions = work.world.order(domain.name, by)
    if work.line.variable != f"{domain.name}SEQ":
        return Outcome(numbered(work.records.series(SUBJECT), positions))
    return _remembering(work, domain, [name for name in by if name not in _SAME], positions)


def _remembering(
    work: Work, domain: PlannedDomain, by: Sequence[str], positions: pl.Series
) -> Outcome:
    """The numbers that the records had in an earlier bundle, and the next ones for new records.

    The world keeps them for the next bundle.
    """
    world, spec = work.world, spec_digest(domain)
    known = remembered(world.numbers, domain.name, world.subjects)
    records = pl.DataFrame(
        {
            "at": positions,
            "subject": work.records.series(SUBJECT).to_physical()[positions],
            "key": hashed(work.records, by)[positions],
            "row": hashed_rows(work.records)[positions],
        }
    )
    found = records.hstack(allotted(records.drop("at"), known))
    problems = _renumbered(domain, found, renumbered(found, known, spec))
    world.given[domain.name] = entries(found, world.subjects, spec)
    return Outcome(row_for_row(found["number"].to_numpy(), positions), problems)


def _renumbered(
    domain: PlannedDomain, found: pl.DataFrame, counts: pl.DataFrame
) -> tuple[Problem, ...]:
    """One problem a subject, on its first record that has a new number."""
    if counts.is_empty():
        return ()
    first = found.filter("new").unique("subject", keep="first", maintain_order=True)
    told = first.join(counts, on="subject", maintain_order="left")
    return (
        Problem(
            "SEQ_RENUMBERED",
            Severity.MINOR,
            f"the mapping of {domain.name} has changed, and {{value}} of the subject's records "
            "could not be recognised: they have new sequence numbers",
            told["at"],
            told["count"].cast(pl.String),
            f"{domain.name}SEQ",
            stage=Stage.SDTM,
        ),
    )


def baseline(work: Work) -> Outcome:
    """``Y`` on exactly one record per subject and ``by``: the last result before the reference."""
    spec = work.line.line.baseline
    assert spec is not None  # noqa: S101 — the verb is baseline
    result, date, reference, *by = (
        work.line.references[name].column
        for name in (spec.result, spec.date, spec.reference, *spec.by)
    )
    there = _has_result(work, result)
    before = work.records.once(
        [date, reference], lambda frame: _before(frame[date], frame[reference])
    )
    ordered = work.records.order([SUBJECT, *by, date], (there & before).arg_true())
    group, _ = work.records.coded([SUBJECT, *by], ordered)
    found = ordered.filter(np.diff(group, append=-1) != 0)
    flags = pl.repeat(None, work.records.height, dtype=pl.String, eager=True)
    return Outcome(flags.scatter(found, "Y") if len(found) else flags)


_NO_RESULT = ("ND", "NOT DONE")
"""Texts that stand in a result column and are none, whatever the letter case."""


def _has_result(work: Work, result: str) -> pl.Series:
    """Whether there is a result, and --STAT (where the domain has it) does not say otherwise."""
    status = f"{work.line.domain}STAT"
    told = [status] if status in work.line.references else []
    said = pl.col(result).cast(pl.String).str.to_uppercase()
    there = pl.col(result).is_not_null() & ~said.is_in(_NO_RESULT)
    holds = pl.all_horizontal(there, *(pl.col(name).is_null() for name in told))
    return work.records.once([result, *told], lambda frame: frame.select(holds).to_series())


def _before(date: pl.Series, reference: pl.Series) -> pl.Series:
    """Whether a date is on or before the reference."""
    frame = pl.DataFrame(
        {"date": date, "reference": reference, "day": days(date), "start": days(reference)}
    )
    both_timed = pl.col("date").str.contains("T") & pl.col("reference").str.contains("T")
    same_day = pl.col("day") == pl.col("start")
    before = (pl.col("day") < pl.col("start")) | (
        same_day & (~both_timed | (pl.col("date") <= pl.col("reference")))
    )
    return frame.select(before.fill_null(value=False)).to_series()
