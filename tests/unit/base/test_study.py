import datetime as dt

import pytest
from pydantic import ValidationError

from sdtmflow.design import Parameter, Visit
from sdtmflow.errors import StudyError
from sdtmflow.finding import Severity
from sdtmflow.study import Gates, Source, StudyFolder


def test_a_folder_without_study_yaml_is_no_study(tmp_path):
    with pytest.raises(StudyError, match="sdtmflow init"):
        StudyFolder(tmp_path)


def test_a_study_wide_source_says_which_column_holds_the_site():
    with pytest.raises(ValidationError, match="either 'site' or 'site_column'"):
        Source(kind="delimited", path="lab.csv")


def test_there_is_no_study_day_zero():
    with pytest.raises(ValidationError, match="no study day 0"):
        Visit(visit="BASELINE", visitnum=1, day=0)


def test_only_critical_findings_stop_a_publication_unless_the_study_says_more():
    assert Gates().stopping() == (Severity.CRITICAL,)
    assert Gates(major="stop").stopping() == (Severity.CRITICAL, Severity.MAJOR)


def test_dates_in_study_yaml_are_dates(tmp_path):
    (tmp_path / "study.yaml").write_text(
        "version: 1\nstudy: S1\ntitle: T\ncutoff: 2026-01-31\nstandards: {ct: 2025-03-28}\n"
        'sites: {"01": {name: Basel, country: CHE}}\n'
        'sources: {edc: {kind: odm, site: "01", path: raw}}\n'
    )
    folder = StudyFolder(tmp_path)
    assert folder.study.cutoff == dt.date(2026, 1, 31)
    assert folder.work == tmp_path.resolve() / "work"


def test_a_summary_parameter_of_several_values_has_a_code_for_each():
    parameter = Parameter(value=["EFFICACY", "SAFETY"], code=["C49666", "C49667"])
    assert parameter.rows() == (("EFFICACY", "C49666"), ("SAFETY", "C49667"))
    assert Parameter(value="Y", code="C49488").rows() == (("Y", "C49488"),)
    with pytest.raises(ValidationError, match="one code for each value"):
        Parameter(value=["EFFICACY", "SAFETY"], code=["C49666"])
