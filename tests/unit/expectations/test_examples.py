"""Suites tried on their own examples."""

import pytest

from expectations.examples import try_examples
from sdtmflow.errors import StudyError
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors
from tests.unit.expectations.test_check import STUDY

HEAD = "version: 1\ntable: ae\nstage: {stage}\nexpectations:\n"
NOT_NULL = "expect_column_values_to_not_be_null: {column: AETERM}"
ORDER = "expect_column_pair_dates_a_to_be_on_or_before_b: {column_A: AESTDAT, column_B: AEENDAT}"
TWICE = "expect_compound_columns_to_be_unique: {column_list: [SUBJID, AESPID]}"
DAY = "expect_column_values_to_be_between: {column: AESTDY, min_value: 1}"


@pytest.fixture
def tried(tmp_path):
    """What becomes of one expectation with these lines below it."""

    def run(expectation, *lines, stage="raw"):
        (tmp_path / "expectations").mkdir()
        (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
        item = [f"- {expectation}", "  rule: AE001", "  severity: major", "  message: wrong"]
        text = HEAD.format(stage=stage) + "\n".join([*item, *(f"  {line}" for line in lines)])
        (tmp_path / "expectations/ae.yaml").write_text(text, encoding="utf-8")
        (found,) = try_examples(StudyFolder(tmp_path))
        return found

    return run


@pytest.mark.parametrize(
    ("expectation", "lines", "stage"),
    [
        (NOT_NULL, ["passes: [{AETERM: Cold}]", "fails: [{AETERM: }, {AETERM: ''}]"], "raw"),
        (
            NOT_NULL,
            [
                "when: AEYN = 'Y'",
                "passes: [{AETERM: , AEYN: N}]",
                "fails: [[{AETERM: Cold, AEYN: Y}, {AETERM: , AEYN: Y}]]",
            ],
            "raw",
        ),
        (
            ORDER,
            [
                "passes: [{AESTDAT: 2025-01-02, AEENDAT: 2025-01}]",
                "fails: [{_source: edc02, AESTDAT: 02-MAR-2024, AEENDAT: 01-MAR-2024}]",
            ],
            "raw",
        ),
        (
            TWICE,
            [
                "passes: [[{SUBJID: '1', AESPID: 1}, {SUBJID: '1', AESPID: 2}]]",
                "fails: [[{SUBJID: '1', AESPID: 1}, {SUBJID: '1', AESPID: 1}]]",
            ],
            "raw",
        ),
        (DAY, ["passes: [{AESTDY: 1}]", "fails: [{AESTDY: -1}]"], "sdtm"),
    ],
)
def test_examples_that_come_out_as_they_say(tried, expectation, lines, stage):
    found = tried(expectation, *lines, stage=stage)
    assert found.problems == ()
    assert found.is_two_sided


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("passes: [{AETERM: }]", "example 1 of `passes` fails"),
        ("fails: [{AETERM: }, {AETERM: Cold}]", "example 2 of `fails` passes"),
        ("fails: [{TERM: }]", "does not say AETERM, which the expectation reads"),
    ],
)
def test_examples_that_come_out_otherwise(tried, line, problem):
    found = tried(NOT_NULL, line)
    assert [problem in each for each in found.problems] == [True]
    assert not found.is_two_sided


def test_an_example_is_a_record_or_a_list_of_records(tried):
    with pytest.raises(StudyErrors, match=r"such as {AETERM: Cold}"):
        tried(NOT_NULL, "passes: [Cold]")


def test_a_suite_that_is_not_there(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    with pytest.raises(StudyError, match="there is no suite 'ae'"):
        try_examples(StudyFolder(tmp_path), ["ae"])
