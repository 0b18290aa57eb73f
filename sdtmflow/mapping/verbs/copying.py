"""assign, constant, concat, number: values as collected, or as the spec says."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.records.problems import problem
from sdtmflow.mapping.spec import Constant
from sdtmflow.mapping.values.numbers import number_of, text_of
from sdtmflow.mapping.verbs.work import Outcome, Work


def assign(work: Work) -> Outcome:
    """The text as collected; where the variable is numeric, the number it says."""
    name = work.line.line.assign or ""
    return in_type(work, shaped(work, work.series(name)), name)


def number(work: Work) -> Outcome:
    """The number that the text says."""
    name = work.line.line.number or ""
    return numbers(work, work.series(name), name)


def constant(work: Work) -> Outcome:
    """The same value on every record."""
    return Outcome(work.select(pl.lit(literal(work, work.line.line.constant))))


def concat(work: Work) -> Outcome:
    """The parts that are there, joined."""
    spec = work.line.line.concat
    assert spec is not None  # noqa: S101 — the verb is concat
    parts = [part(work, named) for named in spec.parts]
    joined = pl.concat_str(parts, separator=spec.separator, ignore_nulls=True)
    nothing = pl.all_horizontal([text.is_null() for text in parts])
    return Outcome(shaped(work, work.select(pl.when(~nothing).then(joined))))


def shaped(work: Work, values: pl.Series) -> pl.Series:
    """The line's ``pattern`` and ``upper`` applied."""
    line = work.line.line
    if line.pattern:
        values = _text(values).str.extract(line.pattern)
    return _text(values).str.to_uppercase() if line.upper else values


def in_type(work: Work, values: pl.Series, name: str) -> Outcome:
    """The values as the variable's type wants them: number or text."""
    if work.line.numeric:
        return numbers(work, values, name)
    return Outcome(_text(values))


def _text(values: pl.Series) -> pl.Series:
    if values.dtype.is_numeric():
        return values.to_frame("v").select(text_of(pl.col("v").cast(pl.Float64))).to_series()
    return values.cast(pl.String)


def numbers(work: Work, values: pl.Series, name: str) -> Outcome:
    """The numbers that the texts say; ``name`` is where the line reads them."""
    if values.dtype.is_numeric():
        return Outcome(values.cast(pl.Float64))
    frame = work.frame.select("_source", value=values)
    found = frame.select(_number(work)).to_series()
    broken = problem(
        "NUMBER_UNREADABLE",
        Severity.MAJOR,
        f"{work.said(name)} says '{{value}}', which is no number; {work.line.variable} stays empty",
        at=values.is_not_null() & found.is_null(),
        values=values,
        variable=work.said(name),
        query=f"Please check {work.said(name)}: '{{value}}' is not a number.",
    )
    return Outcome(found, broken)


def _number(work: Work) -> pl.Expr:
    """Numbers with the decimal mark of each record's source."""
    sources = work.world.plan.study.sources
    comma = [name for name, source in sources.items() if source.decimal == ","]
    plain = number_of(pl.col("value"))
    if not comma:
        return plain
    other = number_of(pl.col("value"), ",")
    return pl.when(pl.col("_source").is_in(comma)).then(other).otherwise(plain)


def part(work: Work, named: str | Constant) -> pl.Expr:
    """A part of a concat or coalesce as text."""
    if isinstance(named, Constant):
        return pl.lit(str(named.constant))
    column = work.column(named)
    return text_of(column.expr) if column.numeric else column.expr.cast(pl.String)


def literal(work: Work, value: str | float | None) -> str | float | None:
    """A literal of the spec in the variable's type."""
    if value is None:
        return None
    return float(value) if work.line.numeric else str(value)
