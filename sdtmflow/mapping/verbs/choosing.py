"""case, coalesce: the first of several values that counts; matched, where the line names a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sdtmflow.mapping.records.problems import Problem
from sdtmflow.mapping.spec import Assigned, Branch, Constant
from sdtmflow.mapping.values.numbers import number_of, text_of
from sdtmflow.mapping.verbs.copying import in_type, literal, part, shaped
from sdtmflow.mapping.verbs.dating import dated
from sdtmflow.mapping.verbs.matching import matched
from sdtmflow.mapping.verbs.work import Outcome, Work


@dataclass(frozen=True, slots=True)
class _Choice:
    """A value, whether it counts, and what findings call the place it comes from."""

    counts: pl.Expr
    value: pl.Expr
    said: str


def coalesce(work: Work) -> Outcome:
    """The first part that is there."""
    parts = work.line.line.coalesce or []
    choices = [_part(work, named) for named in parts]
    if work.line.matcher:
        return _matched(work, choices)
    if work.line.line.formats:
        return dated(work, [work.select(_first(choices))], [_said(choices)])
    first = next((named for named in parts if isinstance(named, str)), "")
    return in_type(work, shaped(work, work.select(_first(choices))), first)


def _said(choices: Sequence[_Choice]) -> str:
    return choices[0].said if len(choices) == 1 else ", ".join(choice.said for choice in choices)


def _part(work: Work, named: str | Constant) -> _Choice:
    value = part(work, named)
    said = work.said(named) if isinstance(named, str) else work.line.variable
    return _Choice(value.is_not_null(), value, said)


def case(work: Work) -> Outcome:
    """The value of the first branch whose condition is true."""
    choices = [_branch(work, branch) for branch in work.line.line.case or []]
    return _matched(work, choices) if work.line.matcher else Outcome(work.select(_first(choices)))


def _branch(work: Work, branch: Branch) -> _Choice:
    result = branch.else_ if branch.when is None else branch.then
    counts = pl.lit(value=True) if branch.when is None else work.condition(branch.when)
    said = work.said(result.assign) if isinstance(result, Assigned) else work.line.variable
    return _Choice(counts, _result(work, result), said)


def _result(work: Work, result: str | float | Assigned | None) -> pl.Expr:
    if not isinstance(result, Assigned):
        return pl.lit(literal(work, result), pl.Float64 if work.line.numeric else pl.String)
    column = work.column(result.assign)
    if work.line.numeric:
        return column.expr if column.numeric else number_of(column.expr)
    return text_of(column.expr) if column.numeric else column.expr.cast(pl.String)


def _first(choices: Sequence[_Choice]) -> pl.Expr:
    """The value of the first choice that counts, missing where none does."""
    result = pl.lit(None)
    for choice in reversed(choices):
        result = pl.when(choice.counts).then(choice.value).otherwise(result)
    return result


def _matched(work: Work, choices: Sequence[_Choice]) -> Outcome:
    """The first value that counts through the line's matcher; findings name where it came from."""
    values = pl.repeat(None, work.frame.height, dtype=pl.String, eager=True)
    problems: tuple[Problem, ...] = ()
    for at, choice in enumerate(choices):
        earlier = pl.any_horizontal(pl.lit(value=False), *(c.counts for c in choices[:at]))
        mine = work.select(pl.when(choice.counts & ~earlier).then(choice.value))
        found = matched(work, shaped(work, mine), choice.said)
        values = values.zip_with(found.values.is_null(), found.values)
        problems += found.problems
    return Outcome(values, problems)
