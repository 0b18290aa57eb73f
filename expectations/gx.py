"""The border to Great Expectations: a table and its checks in, row positions out.

GX is asked for verdicts, and our engine for the positions of the rows that fail: as lists of Python
objects, which is all that GX has, they cost more than the checks. ``findings.py`` looks keys up for
a whole expectation at once. Importing this module takes about five seconds (GX), so it is imported
where a table is really validated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import great_expectations as gx
import numpy as np
import polars as pl
from great_expectations.core import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.datasource.fluent import PandasDatasource
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.expectations.row_conditions import Column

from expectations import own, own_agreement  # noqa: F401 — importing registers our own
from expectations.batch import Outcome, Positions, Step
from expectations.context import context
from expectations.engine import PositionsEngine, row_metric
from expectations.suite import Check
from sdtmflow.errors import StudyError
from sdtmflow.finding import Severity

EXAMPLES = 20
"""Failing values that a stored result (and so the Data Docs) shows; findings hold them all."""

_OURS = {
    "result_format": "SUMMARY",
    "partial_unexpected_count": EXAMPLES,
    "return_unexpected_index_query": False,
}
_PLAIN = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
EXAMPLE_LISTS = (
    "partial_unexpected_list",
    "partial_unexpected_index_list",
    "partial_unexpected_counts",
)
_KIND = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception))(?::|$)", re.MULTILINE)
"""Names the exception in a traceback: ``great_expectations.exceptions.MetricError: …``."""
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
    expectations = [expectation_of(step) for step in checks]
    answer = answered(name, expectations, rows, parameters)
    if not answer.is_whole:  # a GX that our engine does not know: slower, and as right
        answer = answered(name, expectations, rows, parameters, plain=True)
    by_number = {found.expectation_config.meta["number"]: found for found in answer.result.results}
    answer.result.results = [by_number[step.number] for step in checks]
    stored.write_text(json.dumps(_trimmed(answer.result), indent=1), encoding="utf-8")
    return [_outcome(by_number[step.number], answer) for step in checks]


@dataclass(frozen=True, slots=True)
class Answer:
    """GX's result, and by number of the step the positions of the rows that fail."""

    result: ExpectationSuiteValidationResult
    failing: Mapping[int, Positions]

    @property
    def is_whole(self) -> bool:
        """Whether every row that GX has counted as failing is there."""
        return all(
            found.result.get("unexpected_count", 0) in {0, self.positions(found).size}
            for found in self.result.results
            if row_metric(found.expectation_config)
        )

    def positions(self, found: ExpectationValidationResult) -> Positions:
        """The positions of the rows that fail, ascending."""
        return self.failing.get(found.expectation_config.meta["number"], _NOWHERE)


_NOWHERE: Positions = np.array([], np.int64)


def answered(
    name: str,
    expectations: Sequence[Expectation],
    rows: pl.DataFrame,
    parameters: Mapping[str, str],
    *,
    plain: bool = False,
) -> Answer:
    """Run a suite on ``rows``; ``plain`` with nothing but what GX has itself."""
    with context() as made:
        add = made.data_sources.add_pandas if plain else made.data_sources.add_sdtmflow
        source: PandasDatasource = add("rows")
        whole = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("rows")
        batch = whole.get_batch({"dataframe": rows.to_pandas()})
        result = batch.validate(  # a ValidationDefinition would store it, copied and serialised
            gx.ExpectationSuite(name=name, expectations=list(expectations)),
            result_format=_PLAIN if plain else _OURS,
            expectation_parameters=dict(parameters),
        )
        return Answer(result, _failing(result, source.get_execution_engine()))


def _failing(
    result: ExpectationSuiteValidationResult, engine: PandasExecutionEngine
) -> dict[int, Positions]:
    """By number of the step: from our engine; with GX's own, the lists that it made."""
    failing = {}
    for found in result.results:
        if isinstance(engine, PositionsEngine):
            positions = engine.failing(found.expectation_config)
        else:
            found.result.pop("unexpected_list", None)  # GX would serialise it value by value
            positions = np.array(found.result.pop("unexpected_index_list", None) or [], np.int64)
        if not failure_of(found):
            failing[found.expectation_config.meta["number"]] = positions
    return failing


def expectation_of(step: Step) -> Expectation:
    """GX's expectation of a step. Raises StudyError where GX refuses an argument."""
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


def _outcome(found: ExpectationValidationResult, answer: Answer) -> Outcome:
    number = found.expectation_config.meta["number"]
    if error := failure_of(found):
        return Outcome(number, success=False, error=error)
    observed = found.result.get("observed_value")
    return Outcome(
        number,
        success=bool(found.success),
        positions=answer.positions(found),
        observed="" if observed is None else str(observed),
    )


def failure_of(found: ExpectationValidationResult) -> str:
    """The kind of the exception GX caught; it gives one dictionary, or one for each metric."""
    return _failure(found.exception_info)


def _failure(info: Mapping[str, Any]) -> str:
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    for part in parts:
        if part.get("raised_exception"):
            kinds = _KIND.findall(str(part.get("exception_traceback") or ""))
            return kinds[-1] if kinds else "exception"
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
    error = _failure(info)
    return {
        "raised_exception": bool(error),
        "exception_message": error or None,
        "exception_traceback": None,
    }
