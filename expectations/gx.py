"""The border to Great Expectations: a table and its checks in, row positions out.

GX is asked for positions only. Its own row keys cost 50–80 µs a failing row, and its query strings
more; ``findings.py`` looks keys up for a whole expectation at once. Importing this module takes
about five seconds (GX), so it is imported where a table is really validated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import great_expectations as gx
import polars as pl
from great_expectations.core import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.expectations.row_conditions import Column

from expectations import own  # noqa: F401 — importing registers sdtmflow's own expectations
from expectations.batch import Outcome, Step
from expectations.context import context
from expectations.suite import Check
from sdtmflow.errors import StudyError
from sdtmflow.finding import Severity

EXAMPLES = 20
"""Failing values that a stored result (and so the Data Docs) shows; findings hold them all."""

_RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
EXAMPLE_LISTS = (
    "partial_unexpected_list",
    "partial_unexpected_index_list",
    "partial_unexpected_counts",
)
_SEVERITY = {Severity.CRITICAL: "critical", Severity.MAJOR: "warning", Severity.MINOR: "info"}


def validate(
    name: str,
    checks: Sequence[Step],
    rows: pl.DataFrame,
    *,
    parameters: Mapping[str, str],
    stored: Path,
) -> list[Outcome]:
    """Run ``checks`` on ``rows`` in one GX validation; keep its result in ``stored`` (JSON).

    ``name`` is the suite's (``raw.ae``), ``parameters`` answers ``{$PARAMETER: …}``. Outcomes come
    in the order of ``checks``. Raises StudyError where GX refuses an argument.
    """
    expectations = [_expectation(step) for step in checks]
    result = _run(name, expectations, rows, parameters)
    by_number = {found.expectation_config.meta["number"]: found for found in result.results}
    ordered = [by_number[step.number] for step in checks]
    outcomes = [_outcome(found) for found in ordered]
    for found in ordered:  # before GX copies and serialises them value by value
        found.result.pop("unexpected_list", None)
        found.result.pop("unexpected_index_list", None)
    result.results = ordered
    stored.write_text(json.dumps(_trimmed(result), indent=1), encoding="utf-8")
    return outcomes


def _run(
    name: str,
    expectations: Sequence[Expectation],
    rows: pl.DataFrame,
    parameters: Mapping[str, str],
) -> ExpectationSuiteValidationResult:
    with context() as made:
        asset = made.data_sources.add_pandas("sdtmflow").add_dataframe_asset(name)
        batch = asset.add_batch_definition_whole_dataframe("rows")
        suite = made.suites.add(gx.ExpectationSuite(name=name, expectations=list(expectations)))
        definition = gx.ValidationDefinition(name=name, data=batch, suite=suite)
        return made.validation_definitions.add(definition).run(
            batch_parameters={"dataframe": rows.to_pandas()},
            expectation_parameters=dict(parameters),
            result_format=_RESULT_FORMAT,
        )


def _expectation(step: Step) -> Expectation:
    check = step.check
    condition = {"row_condition": Column(step.condition) == True} if step.condition else {}  # noqa: E712 — GX builds a condition from ==
    try:
        return get_expectation_impl(check.expectation)(
            **step.arguments,
            **condition,
            description=_description(check),
            meta={"number": step.number, "rule": check.rule, "severity": check.severity.value},
            severity=_SEVERITY[check.severity],
        )
    except ValueError as error:
        raise StudyError(
            f"{check.expectation} does not take these arguments ({_first_line(error)})",
            place=step.place,
            remedy="correct them; the reference of expectations says what each one takes",
        ) from None


def _description(check: Check) -> str:
    """``AE001 (major) expects column values to not be null: AETERM. Else: No term``."""
    expected = check.expectation.removeprefix("expect_").replace("_", " ")
    columns = ", ".join(check.columns) or check.subject_of_finding
    about = f": {columns}" if columns else ""
    where = f", where {check.when}" if check.when else ""
    return (
        f"{check.rule} ({check.severity}) expects {expected}{about}{where}. Else: {check.message}"
    )


def _first_line(error: ValueError) -> str:
    """Pydantic's text of the first mistake, without its headline."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(lines[1:3]) or lines[0]


def _outcome(found: ExpectationValidationResult) -> Outcome:
    number = found.expectation_config.meta["number"]
    if error := _error(found.exception_info):
        return Outcome(number, success=False, error=error)
    observed = found.result.get("observed_value")
    return Outcome(
        number,
        success=bool(found.success),
        positions=[int(row) for row in found.result.get("unexpected_index_list") or []],
        observed="" if observed is None else str(observed),
    )


def _error(info: Mapping[str, Any]) -> str:
    """The kind of the exception GX caught; GX gives one dictionary, or one for each metric."""
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    for part in parts:
        if part.get("raised_exception"):
            last = str(part.get("exception_traceback") or "").strip().splitlines()[-1:]
            return last[0].partition(":")[0].rpartition(".")[2] if last else "exception"
    return ""


def _trimmed(result: ExpectationSuiteValidationResult) -> dict[str, Any]:
    """The result without clocks, random identities and long lists: the same input, same text."""
    data: dict[str, Any] = result.to_json_dict()
    data["meta"] = {"great_expectations_version": gx.__version__}
    data["id"] = None
    for found in data["results"]:
        found["expectation_config"].pop("id", None)
        found["expectation_config"]["kwargs"].pop("batch_id", None)
        found["exception_info"] = _without_traceback(found["exception_info"])
        detail = found["result"]
        found["result"] = {
            key: value[:EXAMPLES] if key in EXAMPLE_LISTS else value
            for key, value in detail.items()
        }
    return data


def _without_traceback(info: Mapping[str, Any]) -> dict[str, Any]:
    error = _error(info)
    return {
        "raised_exception": bool(error),
        "exception_message": error or None,
        "exception_traceback": None,
    }
