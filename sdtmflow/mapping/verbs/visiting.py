"""visit: planned and unscheduled visits."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity, Stage
from sdtmflow.mapping.design.calendar import (
    VISIT_TYPES,
    numbers_in_text,
    planned_visits,
    visit_name,
    visits_by_window,
)
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.spec import Visit
from sdtmflow.mapping.values.days import study_days
from sdtmflow.mapping.verbs.work import Outcome, Work


def visit(work: Work) -> Outcome:
    """VISIT, VISITNUM or VISITDY of each record."""
    spec = work.line.line.visit
    assert spec is not None  # noqa: S101 — the verb is visit
    placed = _placed(work, spec)
    values = placed[spec.give].cast(VISIT_TYPES[spec.give])
    if spec.give != "VISITNUM":
        return Outcome(values)
    problems = _unknown(work, spec, placed, values) if spec.collected else ()
    return Outcome(values, (*problems, *_in_no_window(work, spec, placed, values)))


def _unknown(
    work: Work, spec: Visit, placed: pl.DataFrame, values: pl.Series
) -> tuple[Problem, ...]:
    said = work.said(spec.collected or "")
    by_name = spec.window != "always"
    return problem(
        "VISIT_UNKNOWN",
        Severity.MAJOR,
        f"{said} says '{{value}}', which is no planned visit and no unscheduled visit with a "
        "complete date; VISITNUM stays empty",
        at=placed["text"].is_not_null() & values.is_null() & by_name,
        values=placed["text"],
        variable=said,
        query=f"Please check {said} '{{value}}' and the date of the visit.",
    )


def _in_no_window(
    work: Work, spec: Visit, placed: pl.DataFrame, values: pl.Series
) -> tuple[Problem, ...]:
    if spec.window == "never" or not spec.date:
        return ()
    date, asked = work.series(spec.date), placed["text"].is_null() | (spec.window == "always")
    return problem(
        "VISIT_UNKNOWN",
        Severity.MAJOR,
        f"{spec.date} '{{value}}' falls in the window of no visit; VISITNUM stays empty",
        at=asked & date.is_not_null() & values.is_null(),
        values=date,
        variable=work.said(spec.date),
        query=f"Please check {spec.date} '{{value}}': it is outside the planned visits.",
        stage=Stage.SDTM,
    )


def _placed(work: Work, spec: Visit) -> pl.DataFrame:
    """Row for row ``text``, ``VISIT``, ``VISITNUM``, ``VISITDY``, for the lines that give one."""
    names = [name for name in (spec.collected, spec.date) if name]
    columns = [work.line.references[name].column for name in names]
    key = ("visit", work.line.domain, work.line.record_set, spec.window, spec.reference, *columns)
    if key not in work.shared:
        work.shared[key] = _by_name_or_window(work, spec)
    return work.shared[key]


def _by_name_or_window(work: Work, spec: Visit) -> pl.DataFrame:
    nobody = pl.repeat(None, work.frame.height, dtype=pl.String, eager=True)
    texts = work.series(spec.collected).cast(pl.String) if spec.collected else nobody
    named = _visits(work, spec, texts)
    if spec.window == "never":
        return named
    day = study_days(work.days(spec.date or ""), work.days(spec.reference))
    windowed = visits_by_window(work.world.plan.study, day)
    by_window = texts.is_null() if spec.window == "missing" else ~nobody.is_not_null()
    chosen = [windowed[name].zip_with(by_window, named[name]) for name in VISIT_TYPES]
    return pl.DataFrame([named["text"], *chosen])


def _visits(work: Work, spec: Visit, texts: pl.Series) -> pl.DataFrame:
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
