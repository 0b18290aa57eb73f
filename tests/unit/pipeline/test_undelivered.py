"""Raw columns that the study's own lines read and no source delivers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import Collect
from sdtmflow.pipeline.undelivered import undelivered

SPEC = """version: 1
domain: AE
extends: standard
variables:
  AECAT: {{assign: {column}}}
"""


@pytest.fixture
def told(tmp_path: Path):
    root = Path(shutil.copytree(TEMPLATE, tmp_path / "study"))
    events = root / "raw/site01/ae.csv"
    events.write_text(events.read_text().replace("AESPID", "AESPID,KINDOFEVENT", 1))

    def of(column: str, *, collected: bool = True) -> list[tuple[str, bool]]:
        (root / "mappings" / "ae.yaml").write_text(SPEC.format(column=column))
        run = Run.of(root)
        if collected:
            keys = delivery_keys(run).items()
            take_in(run, {name: Collect(run, name, key).perform() for name, key in keys}, {})
        found = undelivered(plan_of(run), run.workspace)
        return [(str(each.told), each.misspelt) for each in found]

    return of


def test_a_column_that_is_delivered_is_not_told(told):
    assert told("KINDOFEVENT") == []


def test_the_letters_case_of_a_column_does_not_matter(told):
    assert told("KindOfEvent") == []


def test_a_misspelt_column_is_told_with_the_one_that_is_meant(told):
    place = "mappings/ae.yaml:5: no source delivers KINDOFEVNT in ae"
    assert told("KINDOFEVNT") == [(f"{place}; did you mean KINDOFEVENT?", True)]


def test_a_column_like_no_other_may_come_with_a_later_delivery(told):
    ((text, misspelt),) = told("MOOD")
    assert text.startswith("mappings/ae.yaml:5: no source delivers MOOD in ae; correct it")
    assert not misspelt


def test_before_a_delivery_nothing_is_known(told):
    assert told("MOOD", collected=False) == []
