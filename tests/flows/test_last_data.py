"""The data that an impact is counted on: the last run's, else the last bundle's."""

from __future__ import annotations

import datetime as dt
import shutil

import polars as pl

from sdtmflow.impact import Kind, assess
from sdtmflow.pipeline.last_data import last_data
from sdtmflow.standards import packages
from sdtmflow.standards.nci_rows import Package
from sdtmflow.standards.terminology import carried
from sdtmflow.study import StudyFolder

NEW = dt.date(2025, 9, 26)


def heights(data):
    return {name: table.select(pl.len()).collect().item() for name, table in data.tables.items()}


def upgraded(folder: StudyFolder) -> None:
    """CT with another submission value for MILD."""
    package = carried(dt.date(2025, 3, 28))
    mild = (pl.col("codelist") == "C66769") & (pl.col("submission_value") == "MILD")
    value = pl.when(mild).then(pl.lit("LIGHT")).otherwise("submission_value")
    terms = package.terms.with_columns(submission_value=value)
    packages.put(
        Package(package.codelists, terms), NEW, folder.root / "study.yaml", folder.terminology
    )


def test_the_last_runs_data_then_the_last_bundles_then_none(study):
    folder = StudyFolder(study)
    upgraded(folder)
    of_run = last_data(folder)
    assert of_run.said.startswith("the last run, ")
    assert sorted(of_run.staged) == ["01", "02", "03"]
    mapped = assess(folder, NEW, of_run)
    assert {Kind.TERM, Kind.FINDING} <= {each.kind for each in mapped.effects}

    shutil.rmtree(folder.work)
    of_bundle = last_data(folder)
    assert (of_bundle.said, of_bundle.staged) == ("bundle v0001", {})
    assert heights(of_bundle) == heights(of_run)
    counted = assess(folder, NEW, of_bundle)
    assert [each for each in counted.effects if each.kind is Kind.TERM] == [
        each for each in mapped.effects if each.kind is Kind.TERM
    ]
    assert not [path for path in study.iterdir() if path.name.startswith(".bundle")]

    shutil.rmtree(study / "store")
    assert last_data(folder).said == ""
