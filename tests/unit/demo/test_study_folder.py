"""The demo's study.yaml agrees with the files that the generator makes."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from sdtmflow.study import StudyFolder

DEMO = Path(__file__).parents[3] / "studies" / "demo"


@pytest.fixture(scope="module")
def study():
    return StudyFolder(DEMO).study


@pytest.fixture(scope="module")
def trial():
    sys.path.insert(0, str(DEMO))
    try:
        from generator.trial import clean_trial

        return clean_trial()
    finally:
        sys.path.remove(str(DEMO))


def test_every_site_has_its_system_and_the_laboratory_serves_all(study):
    kinds = {source.site or "all": source.kind for source in study.sources.values()}
    assert kinds == {
        "01": "odm",
        "02": "redcap",
        "03": "xpt",
        "04": "excel",
        "05": "delimited",
        "06": "odm",
        "all": "delimited",
    }


def test_every_edc_source_delivers_the_same_study_tables(study):
    tables = {"dm", "rand", "ex", "ae", "cm", "mh", "ds", "vs"}
    assert all(source.tables.keys() == tables for source in study.sources.values() if source.site)


def test_the_trial_summary_tells_the_truth(study, trial):
    summary = study.design.summary
    demographics = [record for forms in trial.sites.values() for record in forms["dm"]]
    ends = [record["DSSTDAT"] for forms in trial.sites.values() for record in forms["ds"]]
    randomised = sum(len(forms["rand"]) for forms in trial.sites.values())
    assert summary["SSTDTC"][0].value == min(record["RFICDAT"] for record in demographics)
    assert summary["SENDTC"][0].value == max(ends)
    assert summary["ACTSUB"][0].value == str(randomised)
    assert summary["DCUTDTC"][0].value == study.cutoff.isoformat()
    assert sorted(summary["FCNTRY"][0].value) == sorted(
        site.country for site in study.sites.values()
    )


def test_clean_visits_keep_their_windows(study, trial):
    windows = {visit.visit: visit.window for visit in study.visits if visit.window}
    late = []
    for site, forms in trial.sites.items():
        first_dose = {record["SUBJID"]: record["EXSTDAT"] for record in reversed(forms["ex"])}
        for record in forms["vs"]:
            if record["SUBJID"] in first_dose and record["VISIT"] in windows:
                day = _study_day(record["VSDAT"], first_dose[record["SUBJID"]])
                low, high = windows[record["VISIT"]]
                if not low <= day <= high:
                    late.append((site, record["SUBJID"], record["VISIT"], day))
    assert late == []


def _study_day(date, reference):
    days = (dt.date.fromisoformat(date) - dt.date.fromisoformat(reference)).days
    return days + (days >= 0)
