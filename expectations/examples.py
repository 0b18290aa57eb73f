"""Suites tried on their own examples: what is meant to pass passes, what is meant to fail fails.

An example is checked alone, exactly as a delivery would be, by the one expectation that it stands
at. It names every column that the expectation reads (also its ``when``, also joined columns);
``_source`` names the source whose date formats count, without it dates are ISO 8601.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from expectations.suite import Check, Row, Value
from expectations.table_check import NOT_CHECKED, check_table
from expectations.table_plan import TablePlan, plans_by_file
from sdtmflow.errors import StudyError
from sdtmflow.finding import Stage
from sdtmflow.study import Study, StudyFolder


@dataclass(frozen=True, slots=True)
class Tried:
    """One expectation of a suite with its examples."""

    place: str
    """The suite's file."""
    rule: str
    expectation: str
    passes: int
    fails: int
    """How many examples there are of each."""
    problems: tuple[str, ...] = ()
    """What did not come out as the suite says, one sentence each."""

    @property
    def is_two_sided(self) -> bool:
        """Whether it has an example that passes and one that fails."""
        return bool(self.passes and self.fails)


def try_examples(folder: StudyFolder, only: Sequence[str] = ()) -> tuple[Tried, ...]:
    """Every expectation of the study's suites (of the files or tables that ``only`` names).

    Raises StudyErrors with every mistake of the suites, StudyError where ``only`` names none.
    """
    return tuple(
        _tried(plan, check, folder.study)
        for plan in _asked(plans_by_file(folder), only)
        for check in plan.checks
    )


def _asked(found: Sequence[TablePlan], only: Sequence[str]) -> list[TablePlan]:
    known = {name: plan for plan in found for name in (plan.table, Path(plan.place).name)}
    for name in only:
        if name not in known:
            raise StudyError(
                f"there is no suite '{name}'",
                place="expectations",
                remedy=f"name a table or a file: {', '.join(sorted(known)) or 'there are none'}",
            )
    return [plan for plan in found if not only or {plan.table, Path(plan.place).name} & set(only)]


def _tried(plan: TablePlan, check: Check, study: Study) -> Tried:
    # What the examples do not need: the table's joins (joined columns stand in the records).
    alone = replace(plan, checks=(check,), joins=())
    problems = (
        *_wrong(alone, check.passes, study, should="pass"),
        *_wrong(alone, check.fails, study, should="fail"),
    )
    sides = len(check.passes), len(check.fails)
    return Tried(plan.place, check.rule, check.expectation, *sides, problems)


def _wrong(
    plan: TablePlan, examples: Sequence[Sequence[Row]], study: Study, *, should: str
) -> Iterator[str]:
    """A sentence for each example that comes out otherwise."""
    check = plan.checks[0]
    for number, rows in enumerate(examples, start=1):
        about = f"example {number} of `{should}{'es' if should == 'pass' else 's'}`"
        named = {name for row in rows for name in row}
        gap = [n for n in (*check.columns, *check.condition_columns) if n not in named]
        if gap:
            yield f"{about} does not say {gap[0]}, which the expectation reads"
            continue
        rules = _found(plan, rows, study)
        if NOT_CHECKED in rules:
            yield f"{about} could not be evaluated; do its values fit the expectation?"
        elif bool(rules) != (should == "fail"):
            yield f"{about} {'fails' if should == 'pass' else 'passes'}"


def _found(plan: TablePlan, rows: Sequence[Row], study: Study) -> set[str]:
    """The rules of the findings that the records give."""
    with tempfile.TemporaryDirectory(prefix="sdtmflow-") as temporary:
        tables = Path(temporary)
        _frame(rows, plan.stage).write_parquet(tables / f"{plan.table}.parquet")
        found = check_table(plan, study, "", tables, tables / "result.json")
    return {rule for part in found.findings for rule in part["rule"]}


def _frame(rows: Sequence[Row], stage: str) -> pl.DataFrame:
    """Text as sent for a raw table; SDTM has numbers too."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame([_series(name, [row.get(name) for row in rows], stage) for name in names])


def _series(name: str, values: Sequence[Value], stage: str) -> pl.Series:
    numbers = [value for value in values if isinstance(value, int | float)]
    if stage == Stage.SDTM and numbers:
        return pl.Series(name, values, dtype=pl.Float64, strict=False)
    texts = [None if value is None or value == "" else str(value) for value in values]
    return pl.Series(name, texts, dtype=pl.String)
