"""What Great Expectations gets to see of a table: its rows, and the columns that checks add.

Added columns: those of joined tables (``RFICDAT``, ``IN_DM``), one Boolean column for each ``when``
(``when 3``), and for date expectations on raw tables the ISO 8601 reading of the column by its
source's formats (``AESTDAT (ISO 8601)``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from expectations.suite import Check, Join
from expectations.table_plan import TablePlan
from sdtmflow.errors import StudyError
from sdtmflow.mapping import conditions, dates
from sdtmflow.sources.raw import FILE, ROW, SITE, SOURCE, SUBJECT

UNREADABLE = "?"
"""Stands in an ISO column where the text is no date in any of the source's formats."""

_DATE_EXPECTATIONS = {
    "expect_column_values_to_be_date",
    "expect_column_values_to_be_date_between",
    "expect_column_pair_dates_a_to_be_on_or_before_b",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A check that can run: its arguments as GX gets them, and its condition's column."""

    number: int
    check: Check
    arguments: Mapping[str, Any]
    condition: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check that cannot run, and why: a column or a joined table that is not there."""

    number: int
    check: Check
    column: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What GX answered to a step: failing row positions, or what it saw of the whole table."""

    number: int
    success: bool
    positions: list[int] = field(default_factory=list)
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


def make_batch(
    plan: TablePlan,
    tables: Path,
    formats: Mapping[str, Sequence[str]],
) -> Batch:
    """Read the plan's table below ``tables``, join, and add what its checks need.

    ``formats`` gives the date formats of each source of a raw table. Raises StudyError where a
    taken column would hide one of the table's own.
    """
    rows = read_rows(tables, plan.stage, plan.table)
    absent: dict[str, str] = {}
    for join in plan.joins:
        rows = _joined(rows, join, tables, plan, absent)
    steps, skipped = [], []
    for number, check in enumerate(plan.checks):
        gap = next((column for column in _needed(check) if column not in rows.columns), None)
        if gap is not None:
            skipped.append(Skipped(number, check, gap, absent.get(gap, "")))
            continue
        rows, step = _with_step(rows, plan, number, check, formats)
        steps.append(step)
    return Batch(rows, plan.checks, tuple(steps), tuple(skipped))


def read_rows(tables: Path, stage: str, table: str) -> pl.DataFrame:
    """A table with what names its records.

    A raw table has that from staging. An SDTM dataset gets ``SUBJECT`` from USUBJID, ``SITE`` from
    DM.SITEID, and ``FILE`` and ``ROW`` from ``lineage/`` where they stand beside it.
    """
    rows = pl.read_parquet(tables / f"{table}.parquet")
    if stage == "raw" or "USUBJID" not in rows.columns:
        return rows
    rows = rows.with_columns(pl.col("USUBJID").alias(SUBJECT))
    lineage = tables / "lineage" / f"{table}.parquet"
    if FILE not in rows.columns and lineage.is_file():
        beside = pl.read_parquet(lineage)
        found = [name for name in (FILE, ROW, SITE) if name in beside.columns]
        if beside.height == rows.height:
            rows = rows.hstack(beside.select(found))
    return rows if SITE in rows.columns else _with_site(rows, tables / "DM.parquet")


def _with_site(rows: pl.DataFrame, demographics: Path) -> pl.DataFrame:
    if not demographics.is_file():
        return rows
    sites = pl.read_parquet(demographics, columns=["USUBJID", "SITEID"]).unique(
        "USUBJID", keep="first"
    )
    sites = sites.rename({"SITEID": SITE})
    return rows.join(sites, on="USUBJID", how="left", maintain_order="left")


def _needed(check: Check) -> list[str]:
    return [*check.columns, *check.condition_columns]


def _joined(
    rows: pl.DataFrame,
    join: Join,
    tables: Path,
    plan: TablePlan,
    absent: dict[str, str],
) -> pl.DataFrame:
    found, on = (
        f"IN_{join.to.upper()}",
        list(join.keys) or [SUBJECT if plan.stage == "raw" else "USUBJID"],
    )
    hidden = [name for name in (*join.columns, found) if name in rows.columns]
    if hidden:
        raise StudyError(
            f"the join with {join.to} takes '{hidden[0]}', which {plan.table} has itself",
            place=plan.place,
            remedy=f"give it another name: take: {{{join.to.upper()}_{hidden[0]}: {hidden[0]}}}",
        )
    path = tables / f"{join.to}.parquet"
    if not path.is_file():
        absent |= dict.fromkeys((*join.columns, found), join.to)
        return rows
    other = pl.read_parquet(path)
    if gone := [name for name in on if name not in other.columns or name not in rows.columns]:
        absent |= dict.fromkeys((*join.columns, found), f"{join.to} with {gone[0]}")
        return rows
    taken = other.select(
        *on,
        *(pl.col(old).alias(new) for new, old in join.columns.items() if old in other.columns),
        pl.lit("Y").alias(found),
    ).unique(subset=on, keep="first", maintain_order=True)
    return rows.join(taken, on=on, how="left", maintain_order="left")


def _with_step(
    rows: pl.DataFrame,
    plan: TablePlan,
    number: int,
    check: Check,
    formats: Mapping[str, Sequence[str]],
) -> tuple[pl.DataFrame, Step]:
    arguments, condition = dict(check.arguments), ""
    if check.when:
        condition = f"when {number + 1}"
        rows = rows.with_columns(_condition(check, rows).alias(condition))
    if plan.stage == "raw" and check.expectation in _DATE_EXPECTATIONS:
        rows = rows.with_columns(
            _iso(rows, column, formats).alias(iso_name(column))
            for column in check.columns
            if iso_name(column) not in rows.columns
        )
        arguments |= {
            key: iso_name(arguments[key])
            for key in ("column", "column_A", "column_B")
            if key in arguments
        }
    return rows, Step(number, check, arguments, condition, plan.place)


def iso_name(column: str) -> str:
    """The name of the column that holds the ISO 8601 reading of ``column``."""
    return f"{column} (ISO 8601)"


def _condition(check: Check, rows: pl.DataFrame) -> pl.Expr:
    def column(name: str) -> conditions.Column:
        return conditions.Column(pl.col(name), numeric=rows.schema[name].is_numeric())

    condition = conditions.expression(conditions.parse(check.when), column)
    return condition.fill_null(value=False)


def _iso(rows: pl.DataFrame, column: str, formats: Mapping[str, Sequence[str]]) -> pl.Series:
    """The column as ISO 8601 text, each row by its own source's formats; ``?`` where unreadable."""
    texts = rows[column].cast(pl.String)
    if SOURCE not in rows.columns:
        return _read(texts, ())
    answer = pl.Series(column, [None] * rows.height, dtype=pl.String)
    for source in rows[SOURCE].unique(maintain_order=True):
        own = rows[SOURCE].eq_missing(source)
        answer = _read(texts, formats.get(source or "", ())).zip_with(own, answer)
    return answer


def _read(texts: pl.Series, formats: Sequence[str]) -> pl.Series:
    reading = dates.read(texts, dates.dates_of(formats))
    iso = dates.joined(reading)
    known = iso.str.contains(r"\d")
    return pl.select(
        pl.when(reading["problem"].is_not_null()).then(pl.lit(UNREADABLE)).when(known).then(iso)
    ).to_series()
