"""convert: results in standard units."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.spec import Convert
from sdtmflow.mapping.values.conversion import standard_results
from sdtmflow.mapping.verbs.work import Outcome, Work

_RESULTS = ("STRESC", "STRESN")
"""What a standard result is called, after the domain."""


def convert(work: Work) -> Outcome:
    """The standard result as a number or as text, or its unit."""
    spec = work.line.line.convert
    assert spec is not None  # noqa: S101 — the verb is convert
    results = _results(work, spec)
    if spec.give != "number":
        return Outcome(results[spec.give])
    found = _unmapped(work, spec, results["unmapped"])
    return Outcome(results["number"], found + _unreadable(work, spec, results["unreadable"]))


def _result(work: Work) -> str:
    """The column of the record's result: without one, a limit of its range needs no unit."""
    for line in work.world.plan.domains[work.line.domain].lines:
        same_records = line.record_set == work.line.record_set
        if line.line.convert and same_records and line.variable.endswith(_RESULTS):
            return line.references[line.line.convert.value].column
    return ""


def _unmapped(work: Work, spec: Convert, at: pl.Series) -> tuple[Problem, ...]:
    said, units, table = work.said(spec.unit), work.series(spec.unit), spec.table
    rest = f"{work.line.variable} stays empty"
    asked = f"Please check {said}, the unit of the result."
    strange = f"{said} says '{{value}}', which table {table} lacks for the test; {rest}"
    absent = f"{said} is missing, and table {table} converts the test by its unit; {rest}"
    words = {strange: units.is_not_null(), absent: units.is_null()}
    found: tuple[Problem, ...] = ()
    for message, where in words.items():
        found += problem(
            "UNIT_UNMAPPED",
            Severity.MAJOR,
            message,
            at=at & where,
            values=units,
            variable=said,
            query=asked,
            matters_with=_result(work),
        )
    return found


def _unreadable(work: Work, spec: Convert, at: pl.Series) -> tuple[Problem, ...]:
    said = work.said(spec.value)
    return problem(
        "NUMBER_UNREADABLE",
        Severity.MAJOR,
        f"{said} says '{{value}}', which is no number; {work.line.variable} stays empty",
        at=at,
        values=work.series(spec.value),
        variable=said,
        query=f"Please correct {said}: '{{value}}' is no number.",
    )


def _results(work: Work, spec: Convert) -> pl.DataFrame:
    """Number, text and unit at once, for the lines that give one of them each."""
    columns = [work.line.references[name].column for name in (spec.value, spec.unit, spec.test)]
    key = ("convert", work.line.domain, work.line.record_set, spec.table, *columns)
    if key not in work.shared:
        names = ("value", "unit", "test")
        values = work.frame.select(
            pl.col(column).alias(name) for column, name in zip(columns, names, strict=True)
        ).with_columns(_comma(work).alias("comma"))
        table = work.world.plan.conversions[spec.table]
        work.shared[key] = standard_results(values, table)
    return work.shared[key]


def _comma(work: Work) -> pl.Series:
    """Whether the record's source writes decimal commas."""
    sources = work.world.plan.study.sources
    comma = [name for name, source in sources.items() if source.decimal == ","]
    return work.frame["_source"].is_in(comma).fill_null(value=False)
