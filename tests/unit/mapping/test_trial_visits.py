"""TV: made of visits that a design or their own start rules describe."""

from __future__ import annotations

import pytest

from sdtmflow.mapping.design.datasets import design_datasets
from sdtmflow.standards.terminology import terminology
from sdtmflow.study import Study

STUDY = {
    "version": 1,
    "study": "S1",
    "title": "A study",
    "cutoff": "2025-12-31",
    "standards": {"sdtmig": "3.4", "ct": "2025-03-28"},
    "sites": {"01": {"name": "One", "country": "CHE"}},
    "sources": {"edc": {"kind": "delimited", "path": "raw", "site": "01"}},
}


@pytest.mark.parametrize(("rule", "rows"), [("", 0), ("Informed consent", 2)])
def test_visits_that_only_give_numbers_make_no_dataset(rule: str, rows: int) -> None:
    visits = [{"visitnum": 1, "visit": "V1", "start_rule": rule}, {"visitnum": 2, "visit": "V2"}]
    study = Study.model_validate({**STUDY, "visits": visits})
    assert design_datasets(study, terminology(study.standards.ct))["TV"].height == rows
