"""Why an arm is missing, and what is said where the study speaks of no arms."""

from pathlib import Path

import polars as pl
import pytest

from sdtmflow.mapping import load_plan, map_partition
from sdtmflow.study import StudyFolder

STUDY = """
version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01", dates: [DD-MON-YYYY]}}
"""
DESIGN = """
design:
  elements: {TRT: {element: Treatment, start_rule: First dose}}
  arms: {A: {arm: Drug, elements: [{etcd: TRT, epoch: TREATMENT}]}}
"""
EX = {"EXTRT": "Drug", "EXSTDAT": "02-JAN-2025"}


def demographics(tmp_path: Path, design: str = "", **tables: dict[str, str | None]):
    for folder in ("mappings", "staged", "mapped"):
        (tmp_path / folder).mkdir()
    (tmp_path / "study.yaml").write_text(STUDY + design)
    for name, row in {"dm": {"SEX": "F"}, **tables}.items():
        lineage = {"_source": "edc", "_site": "01", "_subject": "1", "_file": "f", "_place": ""}
        frame = pl.DataFrame([{"SUBJID": "1", **row, **lineage, "_row": 1}])
        frame.write_parquet(tmp_path / "staged" / f"{name}.parquet")
    map_partition(load_plan(StudyFolder(tmp_path)), tmp_path / "staged", "01", tmp_path / "mapped")
    findings = pl.read_parquet(tmp_path / "mapped" / "findings.parquet")
    (row,) = pl.read_parquet(tmp_path / "mapped" / "DM.parquet").to_dicts()
    return row, findings.filter(rule="ARM_NO_SOURCE")


@pytest.mark.parametrize("tables", [{}, {"ex": EX}])
def test_without_any_word_of_arms_their_variables_stay_empty_and_that_is_told_once(
    tmp_path, tables
):
    row, findings = demographics(tmp_path, **tables)
    assert [row[name] for name in ("ARMCD", "ARM", "ACTARMCD", "ACTARM", "ARMNRS")] == [None] * 5
    assert findings.select("dataset", "severity", "variable").rows() == [("DM", "minor", "ARMCD")]


@pytest.mark.parametrize(
    ("design", "tables"),
    [
        (DESIGN, {}),
        ("", {"rand": {"ARMCD": None, "NO": "1"}}),
        ("", {"dm": {"SEX": "F", "ARM": None, "BRTHDAT": "1990"}}),
    ],
)
def test_who_has_no_arm_of_those_that_there_are_was_not_assigned(tmp_path, design, tables):
    row, findings = demographics(tmp_path, design, **tables)
    assert row["ARMNRS"] == "NOT ASSIGNED"
    assert findings.is_empty()


def test_a_screening_failure_is_one_without_arms_too(tmp_path):
    ds = {"DSDECOD": "SCREEN FAILURE", "DSTERM": "Screen failure", "DSSTDAT": "02-JAN-2025"}
    row, _ = demographics(tmp_path, ds=ds)
    assert row["ARMNRS"] == "SCREEN FAILURE"
