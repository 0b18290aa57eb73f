"""sequence, baseline: numbers and flags that need all records of a subject."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.days import days
from sdtmflow.mapping.sorting import numbered, order
from sdtmflow.mapping.verbs.work import Outcome, Work
from sdtmflow.sources.raw import SUBJECT


def sequence(work: Work) -> Outcome:
    """1, 2, 3 … within the subject; ties in the order of delivery."""
    spec = work.line.line.sequence
    by = spec.by if spec and spec.by != "keys" else work.world.plan.domains[work.line.domain].keys
    if work.line.record_set is None:
        positions = work.world.order(work.line.domain, by)
    else:
        positions = work.records.order([SUBJECT, *by])
    return Outcome(numbered(work.records.series(SUBJECT), positions))


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
    at = (there & before).arg_true()
    candidates = work.records.frame([SUBJECT, *by, date], at)
    last = order(candidates, [SUBJECT, *by, date])
    groups = candidates[last].select(SUBJECT, *by, pl.Series("at", at.gather(last)))
    found = groups.unique([SUBJECT, *by], keep="last")["at"].sort()
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
