"""sequence, baseline: numbers and flags that need all records of a subject."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.days import days
from sdtmflow.mapping.sorting import numbered, order
from sdtmflow.mapping.spec import Baseline
from sdtmflow.mapping.verbs.work import Outcome, Work


def sequence(work: Work) -> Outcome:
    """1, 2, 3 … within the subject; ties in the order of delivery."""
    spec = work.line.line.sequence
    by = spec.by if spec and spec.by != "keys" else work.world.plan.domains[work.line.domain].keys
    if work.line.record_set is None:
        positions = work.world.order(work.line.domain, by)
    else:
        positions = order(work.frame, ["_subject", *by])
    return Outcome(numbered(work.frame["_subject"], positions))


def baseline(work: Work) -> Outcome:
    """``Y`` on exactly one record per subject and ``by``: the last result before the reference."""
    spec = work.line.line.baseline
    assert spec is not None  # noqa: S101 — the verb is baseline
    by = ["_subject", *(work.line.references[name].column for name in spec.by)]
    candidates = _candidates(work, spec, by)
    last = candidates[order(candidates, [*by, "date"])].unique(by, keep="last")
    flags = pl.repeat(None, work.frame.height, dtype=pl.String, eager=True)
    return Outcome(flags.scatter(last["at"].sort(), "Y") if last.height else flags)


def _candidates(work: Work, spec: Baseline, by: list[str]) -> pl.DataFrame:
    """Records with a result, on or before the reference; ``at`` is their position."""
    date, reference = work.series(spec.date), work.series(spec.reference)
    frame = work.frame.select(by).with_columns(
        date=date,
        reference=reference,
        day=days(date),
        start=days(reference),
        there=work.series(spec.result).is_not_null(),
    )
    both_timed = pl.col("date").str.contains("T") & pl.col("reference").str.contains("T")
    same_day = pl.col("day") == pl.col("start")
    before = (pl.col("day") < pl.col("start")) | (
        same_day & (~both_timed | (pl.col("date") <= pl.col("reference")))
    )
    return frame.with_row_index("at").filter(pl.col("there") & before)
