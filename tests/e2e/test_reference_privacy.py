"""Identifiers in every published export of the reference inputs: each one there is, and no other.

``FOUND`` was written by looking at the files. Everything that is not in it must not be flagged:
visit dates, results, subject numbers, codes, free text.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sdtmflow.privacy import Privacy
from sdtmflow.sources.collect import collect
from sdtmflow.sources.conform import Delivered, conformed
from sdtmflow.sources.delivery import InPlace
from sdtmflow.sources.privacy_findings import identifiers_found
from sdtmflow.study import StudyFolder
from tests.e2e.test_reference_inputs import EXPECTED, INPUTS, Expected

pytestmark = pytest.mark.skipif(
    not INPUTS.is_dir(),
    reason=f"THE REFERENCE INPUTS ARE NOT HERE ({INPUTS}): no real export is searched",
)

PEOPLE = {
    ("NAME_LAST", "NAME"),
    ("NAME_FIRST", "NAME"),
    ("ADDRESS", "ADDRESS"),
    ("PHONE", "PHONE"),
    ("EMAIL", "EMAIL"),
    ("DOB", "BIRTH_DATE"),
}
FOUND = {
    "raw2sdtm/bootcamp_ABC-01/dm_raw.csv": {("BRTHDTC", "BIRTH_DATE")},
    "odm/odmlib/odm-data-snapshot.xml": {("DATE OF BIRTH", "BIRTH_DATE")},
    "odm/odmlib/cdash-odm-source.xml": {
        ("BIRTH DAY", "BIRTH_DATE"),
        ("BIRTH MONTH", "BIRTH_DATE"),
    },
    "redcap/clinical-trial-1/data.csv": PEOPLE,
    "redcap/clinical-trial-1/project.xml": PEOPLE,
    "redcap/decimal-comma/data.csv": {("NAME", "NAME")},
    "redcap/decimal-comma/project.xml": {("NAME", "NAME")},
    "redcap/repeating-instruments/data.csv": {("FIRST_NAME", "INITIALS"), ("DOB", "BIRTH_DATE")},
    "redcap/repeating-instruments/project.xml": {("FIRST_NAME", "INITIALS"), ("DOB", "BIRTH_DATE")},
    "redcap/redcap-etl/Visits.REDCap.xml": {
        ("NAME", "NAME"),
        ("EMAIL1", "EMAIL"),
        ("EMAIL2", "EMAIL"),
        ("PHONE", "PHONE"),
        ("DOB", "BIRTH_DATE"),
    },
    "redcap/pycap/test_long_project.xml": {("FIRST_NAME", "NAME")},
    "sas/xportr/adsl.sas7bdat": {("BRTHDT", "BIRTH_DATE")},
}
"""File → (column, kind); the strictest birth date policy (year) is asked for."""
SUBJECT = {"odm": "SubjectKey", "redcap": "record_id"}


def delivered(export: Expected, root: Path) -> Delivered:
    settings = dict(export.settings)
    if "dictionary" in settings:
        settings["dictionary"] = str(INPUTS / str(settings["dictionary"]))
    source = {
        "kind": export.kind,
        "path": str(INPUTS / export.path),
        "site": "01",
        "subject_column": SUBJECT.get(export.kind, "SUBJID"),
    }
    study = {
        "version": 1,
        "study": "S1",
        "title": "A study",
        "cutoff": "2026-01-01",
        "standards": {"ct": "2025-03-28"},
        "sites": {"01": {"name": "A site", "country": "USA"}},
        "sources": {"edc": source | settings},
    }
    (root / "study.yaml").write_text(json.dumps(study), encoding="utf-8")
    folder, out = StudyFolder(root), root / "collected"
    out.mkdir()
    report = collect(folder, "edc", InPlace(), out)
    return Delivered("edc", folder.study.sources["edc"], out, report, Privacy(birth_date="year"))


@pytest.mark.parametrize(
    "export", [each for each in EXPECTED if not each.refusal], ids=lambda export: export.path
)
def test_every_identifier_is_found_and_nothing_else(export, tmp_path):
    opened = delivered(export, tmp_path)
    findings = [
        finding
        for table in conformed(opened)
        for finding in identifiers_found(opened, table, "01", "USA")
    ]
    found = {(each.variable, each.rule.removeprefix("PRIVACY_")) for each in findings}
    assert found == FOUND.get(export.path, set())
    assert {each.value for each in findings} <= {""}
