"""duration: how long something lasted, as ISO 8601 says it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from sdtmflow.finding import Severity, Stage
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.spec import Duration
from sdtmflow.mapping.values.durations import (
    ISO_DURATION,
    NEGATIVE,
    between,
    designators,
    of_number,
)
from sdtmflow.mapping.verbs.copying import numbers
from sdtmflow.mapping.verbs.work import Outcome, Work


def duration(work: Work) -> Outcome:
    """Between two dates, or of a number and its unit."""
    spec = work.line.line.duration
    assert spec is not None  # noqa: S101 — the verb is duration
    return _of_number(work, spec) if spec.value else _between(work, spec)


def _between(work: Work, spec: Duration) -> Outcome:
    start, end = work.series(spec.start or ""), work.series(spec.end or "")
    found = between(start, end, both_days=spec.both_days)
    broken = problem(
        NEGATIVE,
        Severity.MAJOR,
        f"{spec.end} '{{value}}' is before {spec.start}; {work.line.variable} stays empty",
        at=found["negative"],
        values=end,
        variable=work.said(spec.end or ""),
        query="Please check the start and the end.",
        stage=Stage.RAW if work.is_raw(spec.end or "") else Stage.SDTM,
    )
    return Outcome(found["text"], broken)


def _of_number(work: Work, spec: Duration) -> Outcome:
    name = spec.value or ""
    texts = work.series(name)
    read = numbers(work, texts, name)
    ready = _texts(texts).str.contains(ISO_DURATION)
    units = _units(work, spec)
    unit = designators(units)
    made = of_number(read.values.cast(pl.Float64), unit)
    problems = tuple(p for found in read.problems if (p := _except(found, ready)))
    strange = read.values.is_not_null() & unit.is_null()
    return Outcome(
        _texts(texts).zip_with(ready.fill_null(value=False), made),
        (*problems, *_unmapped(work, spec, units, strange)),
    )


def _texts(values: pl.Series) -> pl.Series:
    return values.cast(pl.String)


def _units(work: Work, spec: Duration) -> pl.Series:
    if isinstance(spec.unit, str):
        return work.series(spec.unit)
    text = str(spec.unit.constant) if spec.unit else None
    return pl.repeat(text, work.frame.height, dtype=pl.String, eager=True)


def _except(found: Problem, rows: pl.Series) -> Problem | None:
    """The problem without the rows whose text is a duration as it stands."""
    kept = ~rows.gather(found.rows)
    if not kept.any():
        return None
    return replace(found, rows=found.rows.filter(kept), values=found.values.filter(kept))


def _unmapped(
    work: Work, spec: Duration, units: pl.Series, strange: pl.Series
) -> tuple[Problem, ...]:
    said = work.said(spec.unit) if isinstance(spec.unit, str) else work.line.variable
    return problem(
        "UNIT_UNMAPPED",
        Severity.MAJOR,
        f"{said} says '{{value}}', which is no unit of time; {work.line.variable} stays empty",
        at=strange,
        values=units,
        variable=said,
        query=f"Please check {said}, the unit of the duration.",
    )
