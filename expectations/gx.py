"""The border to Great Expectations: a table and its checks in, row positions out.

GX is asked for positions only. Its own row keys cost 50–80 µs a failing row, and its query strings
more; ``findings.py`` looks keys up for a whole expectation at once. Importing this module takes
about five seconds (GX), so it is imported where a table is really validated.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Patient data systems do not phone home.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import polars as pl
from great_expectations.core import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.expectations.row_conditions import Column

from expectations import own  # noqa: F401 — importing registers sdtmflow's own expectations
from expectations.batch import Outcome, Step
from expectations.suite import Check
from sdtmflow.errors import StudyError
from sdtmflow.finding import Severity

EXAMPLES = 20
"""Failing values that a stored result (and so the Data Docs) shows; findings hold them all."""

_RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
_LISTS = (
    "partial_unexpected_list",
    "partial_unexpected_index_list",
    "partial_unexpected_counts",
)
_SEVERITY = {Severity.CRITICAL: "critical", Severity.MAJOR: "warning", Severity.MINOR: "info"}

_ONE_AT_A_TIME = threading.Lock()
"""A GX context registers itself globally: threads take turns, processes do not need to."""


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
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
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


def context() -> AbstractDataContext:
    """A context in memory, without progress bars."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    memory = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)  # no folders left in /tmp
    config = DataContextConfig(store_backend_defaults=memory)
    made = gx.get_context(mode="ephemeral", project_config=config)
    made.variables.progress_bars = ProgressBarsConfig(globally=False)
    return made


def _run(
    name: str,
    expectations: Sequence[Expectation],
    rows: pl.DataFrame,
    parameters: Mapping[str, str],
) -> ExpectationSuiteValidationResult:
    made = context()
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
    columns = ", ".join(check.columns)
    where = f", where {check.when}" if check.when else ""
    return f"{check.rule} ({check.severity}): {check.message} — {columns}{where}"


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
            key: value[:EXAMPLES] if key in _LISTS else value for key, value in detail.items()
        }
    return data


def _without_traceback(info: Mapping[str, Any]) -> dict[str, Any]:
    error = _error(info)
    return {
        "raised_exception": bool(error),
        "exception_message": error or None,
        "exception_traceback": None,
    }


def build_data_docs(results: Mapping[str, Path], run: str, at: dt.datetime, out: Path) -> Path:
    """Static HTML of stored results below ``out``; returns its ``index.html``.

    ``results`` gives the batch's name (``site 03 · raw.ae``): the file that ``validate`` stored.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = context()
        made.add_data_docs_site("local", _site(out))
        suites: dict[str, list[dict[str, Any]]] = {}
        for batch, path in results.items():
            data = json.loads(path.read_text(encoding="utf-8"))
            suites.setdefault(data["suite_name"], []).extend(
                found["expectation_config"] for found in data["results"]
            )
            _store(made, data, batch, RunIdentifier(run_name=run, run_time=at))
        made.build_data_docs(site_names=["local"])
    return out / "index.html"


def _site(out: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(out),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }


def _store(made: AbstractDataContext, data: dict[str, Any], batch: str, run: RunIdentifier) -> None:
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    results = [
        ExpectationValidationResult(
            success=found["success"],
            expectation_config=gx.expectations.expectation_configuration.ExpectationConfiguration(
                **found["expectation_config"]
            ),
            result=found["result"],
            exception_info=found["exception_info"],
        )
        for found in data["results"]
    ]
    name = data["suite_name"]
    result = ExpectationSuiteValidationResult(
        success=data["success"],
        results=results,
        suite_name=name,
        statistics=data["statistics"],
        meta=data["meta"] | {"run_id": run, "active_batch_definition": {"data_asset_name": batch}},
    )
    key = ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(name=name),
        run_id=run,
        batch_identifier=batch,
    )
    made.validation_results_store.set(key, result)
