"""What every verb gets and gives."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from sdtmflow.mapping.conditions import Column, expression, parse
from sdtmflow.mapping.links import Links
from sdtmflow.mapping.plan import PlannedLine
from sdtmflow.mapping.problems import Problem
from sdtmflow.mapping.references import RAW
from sdtmflow.mapping.world import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """A column of values, row for row of the frame, and what went wrong on some rows.

    ``links`` tell the other records that values were taken from.
    """

    values: pl.Series
    problems: tuple[Problem, ...] = ()
    links: tuple[Links, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """One line to be carried out on some records."""

    line: PlannedLine
    frame: pl.DataFrame
    world: World
    shared: dict[tuple[object, ...], pl.DataFrame] = field(default_factory=dict)
    """What several lines make of the same frame (one conversion gives number, text and unit)."""

    def column(self, name: str) -> Column:
        """What a name of the line stands for, as a column of the frame."""
        column = self.line.references[name].column
        return Column(pl.col(column), numeric=self.frame.schema[column].is_numeric())

    def expr(self, name: str) -> pl.Expr:
        """The expression of a name of the line."""
        return self.column(name).expr

    def series(self, name: str) -> pl.Series:
        """The values of a name of the line."""
        return self.frame[self.line.references[name].column]

    def said(self, name: str) -> str:
        """How a finding calls it: the raw column, or the variable."""
        return self.line.references[name].name

    def is_raw(self, name: str) -> bool:
        """Whether the name is a raw column."""
        return self.line.references[name].kind == RAW

    def condition(self, text: str) -> pl.Expr:
        """A condition on the records, unknown counted as false."""
        return expression(parse(text), self.column).fill_null(value=False)

    def select(self, expr: pl.Expr) -> pl.Series:
        """An expression carried out: one value a record."""
        return self.frame.with_columns(expr.alias("_value"))["_value"]
