"""Great Expectations' Data Docs: the pages of a run's validations, built from stored results."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from great_expectations.core import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from expectations import own  # noqa: F401 — importing registers sdtmflow's own expectations
from expectations.context import context
from expectations.gx import EXAMPLE_LISTS
from expectations.offline import Page, in_html, index, offline


class _Run(RunIdentifier):  # type: ignore[misc]
    """A run whose time stays in its zone: GX stores it in the machine's and shows that as UTC."""

    def set_run_time_tz(self, tz: dt.tzinfo | None) -> None:
        """Change nothing."""


def build_data_docs(results: Mapping[str, Path], run: str, at: dt.datetime, out: Path) -> Path:
    """Static pages of stored results below ``out``; returns the start page, ``index.html``.

    ``results``: name of each validation (``site 03 · raw.ae``) → the file that ``validate`` stored.
    ``at`` stands for the time of the run, so that the same results give the same pages.
    """
    identifier = _Run(run_name=run, run_time=at)
    stored = {name: json.loads(path.read_text("utf-8")) for name, path in results.items()}
    with context() as made:
        made.add_data_docs_site("local", _site(out))
        for name, data in stored.items():
            made.validation_results_store.set(
                _key(name, data, identifier), _restored(name, data, identifier)
            )
        made.build_data_docs(site_names=["local"], build_index=False)
    shutil.rmtree(out / "static", ignore_errors=True)
    for path in out.rglob("*.html"):
        path.write_text(offline(path.read_text("utf-8")), encoding="utf-8")
    pages = [_page(name, data, out) for name, data in stored.items()]
    (out / "index.html").write_text(index(run, pages), encoding="utf-8")
    return out / "index.html"


def _site(out: Path) -> dict[str, Any]:
    backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(out)}
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": backend,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", name)


def _key(name: str, data: Mapping[str, Any], run: RunIdentifier) -> ValidationResultIdentifier:
    suite = ExpectationSuiteIdentifier(name=data["suite_name"])
    return ValidationResultIdentifier(suite, run, _slug(name))


def _restored(
    name: str, data: Mapping[str, Any], run: RunIdentifier
) -> ExpectationSuiteValidationResult:
    results = [_escaped(found) for found in data["results"]]
    return ExpectationSuiteValidationResult(
        success=data["success"],
        results=results,
        suite_name=data["suite_name"],
        statistics=data["statistics"],
        meta=data["meta"] | {"run_id": run, "batch_spec": {"data_asset_name": name}},
    )


def _escaped(found: Mapping[str, Any]) -> ExpectationValidationResult:
    """A result with its texts as HTML: GX puts values and descriptions into pages as they are."""
    config = dict(found["expectation_config"])
    config["description"] = in_html(config["description"])
    result = {
        key: in_html(value) if key in EXAMPLE_LISTS else value
        for key, value in found["result"].items()
    }
    return ExpectationValidationResult(
        success=found["success"],
        expectation_config=ExpectationConfiguration(**config),
        result=result,
        exception_info=found["exception_info"],
    )


def _page(name: str, data: Mapping[str, Any], out: Path) -> Page:
    target = next(out.rglob(f"{_slug(name)}.html"))
    counts = data["statistics"]
    return Page(
        name=name,
        target=target.relative_to(out).as_posix(),
        success=data["success"],
        evaluated=counts["evaluated_expectations"],
        failed=counts["unsuccessful_expectations"],
    )
