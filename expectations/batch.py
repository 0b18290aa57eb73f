"""What Great Expectations gets to see of a table: its rows, and the columns that checks add.

Added columns: those of joined tables (``RFICDAT``, ``IN_DM``), ``POINTS_TO``, one Boolean column
for each ``when`` (``when 3``), and on raw tables the reading of a column by its source's formats,
for expectations of dates (``AESTDAT (ISO 8601)``) and numbers (``AGE (number)``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from expectations.pointer import with_pointer
from expectations.reading import Reading, as_dates, as_numbers, by_source
from expectations.suite import Check
from expectations.table_plan import TablePlan
from expectations.tables import Joined, holds, joined, read_rows
from sdtmflow.sources.raw import SOURCE
from sdtmflow.study import Source

Positions = np.ndarray[Any, np.dtype[np.int64]]
"""Rows of a table, ascending from 0."""

_READINGS: dict[str, tuple[str, Reading]] = {
    "expect_column_values_to_be_date": ("ISO 8601", as_dates),
    "expect_column_values_to_be_date_between": ("ISO 8601", as_dates),
    "expect_column_pair_dates_a_to_be_on_or_before_b": ("ISO 8601", as_dates),
    "expect_column_values_to_be_number_between": ("number", as_numbers),
    "expect_column_pair_numbers_a_to_be_greater_than_b": ("number", as_numbers),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A check that can run: its arguments as GX gets them, and its condition's column, if any."""

    number: int
    check: Check
    arguments: Mapping[str, Any]
    condition: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check that cannot run: the column that is not there, and the table it should come from."""

    number: int
    check: Check
    column: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What GX answered to a step: failing row positions, or what it saw of the whole table."""

    number: int
    success: bool
    positions: Positions = field(default_factory=lambda: np.array([], np.int64))
    observed: str = ""
    error: str = ""
    """The kind of exception that kept GX from an answer; its text may hold values, so it stays."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A table made ready for GX."""

    rows: pl.DataFrame
    checks: tuple[Check, ...]
    steps: tuple[Step, ...]
    skipped: tuple[Skipped, ...]


def make_batch(plan: TablePlan, tables: Path, sources: dict[str, Source]) -> Batch:
    """Read the plan's table below ``tables``, join, and add what its checks need.

    Raises StudyError where a joined column would hide one of the table's own.
    """
    rows = read_rows(tables, plan.stage, plan.table)
    if plan.pointer:
        rows = with_pointer(rows, tables)
    table = joined(rows, plan.joins, tables, plan.stage, plan.place)
    steps, skipped = [], []
    for number, check in enumerate(plan.checks):
        needed = (*check.columns, *check.condition_columns)
        gap = next((column for column in needed if column not in table.rows.columns), None)
        if gap is not None:
            skipped.append(Skipped(number, check, gap, table.absent.get(gap, "")))
        else:
            steps.append(_step(table, plan, number, sources))
    return Batch(table.rows, plan.checks, tuple(steps), tuple(skipped))


def _step(table: Joined, plan: TablePlan, number: int, sources: dict[str, Source]) -> Step:
    """The check as a step; its condition and readings are added to the table's rows."""
    check, condition = plan.checks[number], ""
    arguments = dict(check.arguments)
    if check.when:
        condition = f"when {number + 1}"
        table.rows = table.rows.with_columns(holds(check.when, table.rows).alias(condition))
    if plan.stage == "raw" and check.expectation in _READINGS:
        kind, read = _READINGS[check.expectation]
        _add_readings(table, check.columns, sources, kind, read)
        arguments |= {
            name: f"{arguments[name]} ({kind})"
            for name in ("column", "column_A", "column_B")
            if name in arguments
        }
    return Step(number, check, arguments, condition, plan.place)


def _add_readings(
    table: Joined, columns: tuple[str, ...], sources: dict[str, Source], kind: str, read: Reading
) -> None:
    for column in columns:
        name, source = f"{column} ({kind})", table.source.get(column, SOURCE)
        if name not in table.rows.columns:
            names = table.rows[source] if source in table.rows.columns else None
            answer = by_source(table.rows[column], names, sources, read)
            table.rows = table.rows.with_columns(answer.alias(name))
