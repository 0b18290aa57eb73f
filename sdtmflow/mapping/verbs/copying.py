"""assign, constant, concat, coalesce, case, number: values as collected, or as the spec says."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.numbers import number_of, text_of
from sdtmflow.mapping.problems import problem
from sdtmflow.mapping.spec import Assigned, Constant
from sdtmflow.mapping.verbs.work import Outcome, Work


def assign(work: Work) -> Outcome:
    """The text as collected; where the variable is numeric, the number it says."""
    name = work.line.line.assign or ""
    return in_type(work, shaped(work, work.series(name)), name)


def number(work: Work) -> Outcome:
    """The number that the text says."""
    name = work.line.line.number or ""
    return _as_number(work, work.series(name), name)


def constant(work: Work) -> Outcome:
    """The same value on every record."""
    return Outcome(work.select(pl.lit(_literal(work, work.line.line.constant))))


def concat(work: Work) -> Outcome:
    """The parts that are there, joined."""
    spec = work.line.line.concat
    assert spec is not None  # noqa: S101 — the verb is concat
    parts = [_part(work, part) for part in spec.parts]
    joined = pl.concat_str(parts, separator=spec.separator, ignore_nulls=True)
    nothing = pl.all_horizontal([part.is_null() for part in parts])
    return Outcome(shaped(work, work.select(pl.when(~nothing).then(joined))))


def coalesce(work: Work) -> Outcome:
    """The first part that is there."""
    parts = [_part(work, part) for part in work.line.line.coalesce or []]
    values = shaped(work, work.select(pl.coalesce(parts)))
    return in_type(work, values, _first_name(work))


def case(work: Work) -> Outcome:
    """The first branch whose condition is true."""
    result = pl.lit(None, pl.Float64 if work.line.numeric else pl.String)
    for branch in reversed(work.line.line.case or []):
        if branch.when is None:
            result = _result(work, branch.else_)
        else:
            then = _result(work, branch.then)
            result = pl.when(work.condition(branch.when)).then(then).otherwise(result)
    return Outcome(work.select(result))


def shaped(work: Work, values: pl.Series) -> pl.Series:
    """The line's ``pattern`` and ``upper`` applied."""
    line = work.line.line
    if line.pattern:
        values = _text(values).str.extract(line.pattern)
    return _text(values).str.to_uppercase() if line.upper else values


def in_type(work: Work, values: pl.Series, name: str) -> Outcome:
    """The values as the variable's type wants them: number or text."""
    if work.line.numeric:
        return _as_number(work, values, name)
    return Outcome(_text(values))


def _text(values: pl.Series) -> pl.Series:
    if values.dtype.is_numeric():
        return values.to_frame("v").select(text_of(pl.col("v").cast(pl.Float64))).to_series()
    return values.cast(pl.String)


def _as_number(work: Work, values: pl.Series, name: str) -> Outcome:
    if values.dtype.is_numeric():
        return Outcome(values.cast(pl.Float64))
    frame = work.frame.select("_source", value=values)
    numbers = frame.select(_number(work)).to_series()
    broken = problem(
        "NUMBER_UNREADABLE",
        Severity.MAJOR,
        f"{work.said(name)} says '{{value}}', which is no number; {work.line.variable} stays empty",
        at=values.is_not_null() & numbers.is_null(),
        values=values,
        variable=work.said(name),
        query=f"Please check {work.said(name)}: '{{value}}' is not a number.",
    )
    return Outcome(numbers, broken)


def _number(work: Work) -> pl.Expr:
    """Numbers with the decimal mark of each record's source."""
    sources = work.world.plan.study.sources
    comma = [name for name, source in sources.items() if source.decimal == ","]
    plain = number_of(pl.col("value"))
    if not comma:
        return plain
    other = number_of(pl.col("value"), ",")
    return pl.when(pl.col("_source").is_in(comma)).then(other).otherwise(plain)


def _part(work: Work, part: str | Constant) -> pl.Expr:
    if isinstance(part, Constant):
        return pl.lit(str(part.constant))
    column = work.column(part)
    return text_of(column.expr) if column.numeric else column.expr.cast(pl.String)


def _first_name(work: Work) -> str:
    parts = work.line.line.coalesce or []
    return next((part for part in parts if isinstance(part, str)), "")


def _result(work: Work, result: str | float | Assigned | None) -> pl.Expr:
    if not isinstance(result, Assigned):
        return pl.lit(_literal(work, result), pl.Float64 if work.line.numeric else pl.String)
    column = work.column(result.assign)
    if work.line.numeric:
        return column.expr if column.numeric else number_of(column.expr)
    return text_of(column.expr) if column.numeric else column.expr.cast(pl.String)


def _literal(work: Work, value: str | float | None) -> str | float | None:
    if value is None:
        return None
    return float(value) if work.line.numeric else str(value)
