"""convert: results in standard units."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.conversion import standard_results
from sdtmflow.mapping.problems import problem
from sdtmflow.mapping.verbs.work import Outcome, Work


def convert(work: Work) -> Outcome:
    """The standard result as a number or as text, or its unit."""
    spec = work.line.line.convert
    assert spec is not None  # noqa: S101 — the verb is convert
    values = pl.DataFrame(
        {
            "value": work.series(spec.value),
            "unit": work.series(spec.unit),
            "test": work.series(spec.test),
            "comma": _comma(work),
        }
    )
    table = work.world.plan.conversions[spec.table]
    results = standard_results(values, table)
    if spec.give != "number":
        return Outcome(results[spec.give])
    said = work.said(spec.unit)
    broken = problem(
        "UNIT_UNMAPPED",
        Severity.MAJOR,
        f"{said} says '{{value}}', which table {spec.table} lacks for the test; "
        f"{work.line.variable} stays empty",
        at=results["unmapped"],
        values=work.series(spec.unit),
        variable=said,
    )
    return Outcome(results["number"], broken)


def _comma(work: Work) -> pl.Series:
    """Whether the record's source writes decimal commas."""
    sources = work.world.plan.study.sources
    comma = [name for name, source in sources.items() if source.decimal == ","]
    return work.frame["_source"].is_in(comma).fill_null(value=False)
