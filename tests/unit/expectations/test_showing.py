"""A standard suite is shown as YAML that is a suite of a study."""

import pytest

from expectations.showing import suite_text
from expectations.suite import TableSuite
from sdtmflow.errors import StudyError
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import load_yaml


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "study.yaml").write_text(
        "version: 1\nstudy: T1\ntitle: T\ncutoff: 2024-06-30\n"
        'standards: {sdtmig: "3.4", ct: 2025-03-28}\n'
        'sites: {"01": {name: One, country: DEU}}\n'
        'sources: {edc: {kind: delimited, path: a, site: "01"}}\n',
        encoding="utf-8",
    )
    return StudyFolder(tmp_path)


def read(folder, text):
    path = folder.root / "shown.yaml"
    path.write_text(text, encoding="utf-8")
    return load_yaml(path, TableSuite)


@pytest.mark.parametrize("dataset", ["DM", "AE", "LB", "SUPPAE", "RELREC", "TS"])
def test_what_is_shown_is_a_suite(folder, dataset):
    suite = read(folder, suite_text(folder, dataset))
    assert (suite.table, suite.stage) == (dataset, "sdtm")
    assert {"SDTM001", "SDTM018"} <= {check.rule for check in suite.expectations}


def test_rules_are_shown_with_the_joins_that_they_read(folder):
    suite = read(folder, suite_text(folder, "AE", ["SDTM060", "SDTM091"]))
    assert [check.rule for check in suite.expectations] == ["SDTM060", "SDTM091"]
    assert [(join.to, join.found) for join in suite.joins] == [("DM", "IN_DM"), ("SE", "IN_EPOCH")]


def test_a_pointer_is_shown_where_it_is_read(folder):
    assert read(folder, suite_text(folder, "CO", ["SDTM098"])).pointer
    assert not read(folder, suite_text(folder, "CO", ["SDTM051"])).pointer


@pytest.mark.parametrize(
    ("dataset", "rules", "told"),
    [("AF", (), "there is no dataset 'AF'"), ("AE", ("SDTM080X",), "AE has no rule SDTM080X")],
)
def test_what_is_not_there_is_told(folder, dataset, rules, told):
    with pytest.raises(StudyError, match=told):
        suite_text(folder, dataset, rules)
