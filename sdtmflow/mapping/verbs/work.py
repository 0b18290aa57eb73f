"""What every verb gets and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.provenance.links import Links
from sdtmflow.mapping.records.columns import Records, Shared
from sdtmflow.mapping.records.problems import Problem
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values.conditions import Column, expression, parse
from sdtmflow.mapping.values.days import days


@dataclass(frozen=True, slots=True)
class Outcome:
    """A column of values, row for row of the frame, and what went wrong on some rows.

    ``links`` tell the other records that values were taken from.
    """

    values: pl.Series
    problems: tuple[Problem, ...] = ()
    links: tuple[Links, ...] = ()


@dataclass(frozen=True)
class Work:
    """One line to be carried out on some records."""

    line: PlannedLine
    records: Records
    world: World
    shared: Shared = field(default_factory=dict)
    """What several lines make of the same records (one conversion gives number, text, unit)."""

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The records with all their columns."""
        return self.records.frame(self.records.columns)

    def column(self, name: str) -> Column:
        """What a name of the line stands for, as a column of the frame."""
        column = self.line.references[name].column
        return Column(pl.col(column), numeric=self.records.type_of(column).is_numeric())

    def expr(self, name: str) -> pl.Expr:
        """The expression of a name of the line."""
        return self.column(name).expr

    def series(self, name: str) -> pl.Series:
        """The values of a name of the line."""
        return self.records.series(self.line.references[name].column)

    def days(self, name: str) -> pl.Series:
        """The calendar days of a date, null where it is not complete."""
        key = ("days", self.line.references[name].column)
        if key not in self.shared:
            self.shared[key] = pl.DataFrame({"day": days(self.series(name))})
        return self.shared[key]["day"]

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
