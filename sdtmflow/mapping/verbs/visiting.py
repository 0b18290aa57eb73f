"""visit: planned and unscheduled visits."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.calendar import VISIT_TYPES, numbers_in_text, planned_visits, visit_name
from sdtmflow.mapping.problems import problem
from sdtmflow.mapping.spec import Visit
from sdtmflow.mapping.verbs.work import Outcome, Work


def visit(work: Work) -> Outcome:
    """VISIT, VISITNUM or VISITDY of each record."""
    spec = work.line.line.visit
    assert spec is not None  # noqa: S101 — the verb is visit
    placed = _placed(work, spec)
    values = placed[spec.give].cast(VISIT_TYPES[spec.give])
    if spec.give != "VISITNUM":
        return Outcome(values)
    said = work.said(spec.collected)
    broken = problem(
        "VISIT_UNKNOWN",
        Severity.MAJOR,
        f"{said} says '{{value}}', which is no planned visit and no unscheduled visit with a "
        "complete date; VISITNUM stays empty",
        at=placed["text"].is_not_null() & values.is_null(),
        values=placed["text"],
        variable=said,
        query=f"Please check {said} '{{value}}' and the date of the visit.",
    )
    return Outcome(values, broken)


def _placed(work: Work, spec: Visit) -> pl.DataFrame:
    """Row for row ``text``, ``VISIT``, ``VISITNUM``, ``VISITDY``, for the lines that give one."""
    names = [spec.collected, *([spec.date] if spec.date else [])]
    columns = [work.line.references[name].column for name in names]
    key = ("visit", work.line.domain, work.line.record_set, *columns)
    if key not in work.shared:
        work.shared[key] = _visits(work, spec)
    return work.shared[key]


def _visits(work: Work, spec: Visit) -> pl.DataFrame:
    texts = work.series(spec.collected)
    frame = pl.DataFrame({"_subject": work.frame["_subject"], "text": texts}).with_columns(
        day=work.days(spec.date) if spec.date else pl.lit(None, pl.Date)
    )
    known = planned_visits(work.world.plan.study, texts)
    named = frame.join(known, on="text", how="left", maintain_order="left").join(
        work.world.unscheduled, on=["_subject", "day"], how="left", maintain_order="left"
    )
    stated = numbers_in_text(pl.col("text"))
    number = pl.when(pl.col("unscheduled")).then(pl.coalesce(stated, "number"))
    return named.select(
        "text",
        VISIT=pl.coalesce("VISIT", visit_name(number), "text"),
        VISITNUM=pl.coalesce("VISITNUM", number),
        VISITDY="VISITDY",
    )
