"""The standard suites over published SDTM data: each finding is a fact about that data.

A finding that is not named here would be a false alarm, or a rule that has changed.
"""

import json
from pathlib import Path

import polars as pl
import pytest

from expectations.check import check_tables
from sdtmflow.finding import Stage
from sdtmflow.study import StudyFolder

PUBLISHED = Path(__file__).parents[2].parent / "shared/reference/pharmaverse/sdtm"
pytestmark = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason=f"the published SDTM data of pharmaverse is not at {PUBLISHED}"
)

FACTS = {
    ("SDTM012", "AE", "AESTDY"): (1, "the study day of one event"),
    ("SDTM018", "DM", ""): (1, "variables added at the end of DM"),
    ("SDTM041", "AE", "AESER"): (36, "criteria of events that are not serious"),
    ("SDTM042", "AE", "AEOUT"): (250, "ends of events that have not resolved"),
    ("SDTM049", "DM", "ARMNRS"): (52, "screen failures of two versions"),
    ("SDTM069", "AE", "AEENDTC"): (1, "the day before death"),
}
"""Rule, dataset, variable → findings, and what they are:

* the study day of one event: 01-716-1063 has AESTDTC on the day of RFSTDTC and AESTDY 366; by
  SDTMIG 4.4.4 it is 1, as the notes beside the data say.
* variables added at the end of DM: ARMNRS and ACTARMUD stand behind DMDY; in SDTMIG 3.3 and 3.4
  they follow ACTARM.
* criteria of events that are not serious: 30 hospitalisations, 5 life-threatening events, 4
  cancers, 3 deaths and 1 disability (36 events) have AESER N; only 3 of 1191 events have Y.
* ends of events that have not resolved: 250 of 723 events with that outcome have an end date.
* screen failures of two versions: 52 subjects have ARMNRS of SDTMIG 3.4, and beside it the ARMCD
  Scrnfail of earlier ones; 3.4 leaves ARMCD empty.
* the day before death: one of three fatal events ends on 2014-10-31, and the subject died on
  2014-11-01.
"""


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    root = tmp_path_factory.mktemp("published")
    given, out = root / "datasets", root / "out"
    given.mkdir()
    out.mkdir()
    described = json.loads((PUBLISHED / "labels.json").read_text(encoding="utf-8"))
    for file in sorted(PUBLISHED.glob("*.csv")):
        variables = described[file.stem]["variables"]
        numbers = [each["name"] for each in variables if each["type"] == "num"]
        frame = pl.read_csv(file, infer_schema=False).with_columns(pl.col(numbers).cast(pl.Float64))
        frame.write_parquet(given / f"{file.stem.upper()}.parquet")
    study = pl.read_parquet(given / "DM.parquet")["STUDYID"][0]
    (root / "study.yaml").write_text(
        f"version: 1\nstudy: {study}\ntitle: T\ncutoff: 2016-01-01\n"
        'standards: {sdtmig: "3.4", ct: 2025-03-28}\n'
        'sites: {"701": {name: One, country: USA}}\n'
        'sources: {edc: {kind: delimited, path: a, site: "701"}}\n',
        encoding="utf-8",
    )
    check_tables(StudyFolder(root), Stage.SDTM, "study", given, out)
    return pl.read_parquet(out / "findings.parquet")


def test_each_finding_is_explained(findings):
    counted = findings.group_by("rule", "dataset", "variable").len()
    found = {tuple(row[:3]): row[3] for row in counted.iter_rows()}
    assert found == {key: number for key, (number, _) in FACTS.items()}


def test_the_subject_of_the_impossible_study_day_is_the_one_that_is_known(findings):
    days = findings.filter(pl.col("rule") == "SDTM012")
    assert days["subject"].to_list() == ["01-716-1063"]
