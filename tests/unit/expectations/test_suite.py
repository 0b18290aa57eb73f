"""Suites as people write them, and what they are told about their mistakes."""

import pytest

from expectations.suite import Join, TableSuite, placeholders
from expectations.table_plan import load_suites, plans
from sdtmflow.finding import Severity
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors, load_yaml

HEAD = "version: 1\ntable: ae\nstage: raw\nexpectations:\n"
GOOD = """  - expect_column_values_to_not_be_null: {column: AETERM}
    rule: AE001
    severity: major
    message: No term
"""


def load(tmp_path, text):
    path = tmp_path / "ae.yaml"
    path.write_text(text, encoding="utf-8")
    return load_yaml(path, TableSuite, name="expectations/ae.yaml")


def problems(tmp_path, items, head=HEAD):
    with pytest.raises(StudyErrors) as caught:
        load(tmp_path, head + items)
    return str(caught.value)


def test_an_item_is_an_expectation_with_what_makes_a_finding_of_it(tmp_path):
    check = load(
        tmp_path, HEAD + GOOD + "    when: AESER = 'Y' and AEOUT is missing\n"
    ).expectations[0]
    assert check.expectation == "expect_column_values_to_not_be_null"
    assert check.arguments == {"column": "AETERM"}
    assert check.severity is Severity.MAJOR
    assert check.columns == ("AETERM",)
    assert check.condition_columns == ("AESER", "AEOUT")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            GOOD.replace("to_not_be_null", "to_not_be_nul"),
            (
                "ae.yaml:5: expectations.1: unknown expectation "
                "'expect_column_values_to_not_be_nul'; "
                "did you mean 'expect_column_values_to_not_be_null'?"
            ),
        ),
        (
            GOOD.replace("column:", "colum:"),
            (
                "ae.yaml:5: expectations.1: unknown argument 'colum' of "
                "expect_column_values_to_not_be_null; did you mean 'column'?"
            ),
        ),
        (GOOD.replace("{column: AETERM}", "{}"), "needs 'column'; add it"),
        (
            GOOD.replace("{column: AETERM}", "{column: AETERM, mostly: 95}"),
            (
                "ae.yaml:5: expectations.1.expect_column_values_to_not_be_null.mostly: "
                "95 cannot stand here; write a share from 0 to 1 such as 0.95"
            ),
        ),
        (
            GOOD.replace("to_not_be_null", "to_be_between"),
            (
                "ae.yaml:5: expectations.1: expect_column_values_to_be_between compares numbers, "
                "and every value of a raw table is text; "
                "use expect_column_values_to_be_number_between"
            ),
        ),
        (
            GOOD.replace("to_not_be_null", "to_match_strftime_format"),
            "use expect_column_values_to_be_date",
        ),
        (
            GOOD.replace("major", "serious"),
            "'serious' cannot stand here; write critical, major or minor",
        ),
        (GOOD.replace("AE001", "ae 1"), "ae.yaml:6: expectations.1.rule"),
        (
            GOOD.replace("No term", "No {term"),
            "ae.yaml:8: expectations.1.message: 'No {term' has a",
        ),
        (GOOD + "    qery: Please\n", "unknown key 'qery'; did you mean 'query'?"),
        (GOOD + "    when: AESER =\n", "the condition 'AESER =' breaks off; complete it"),
        ("  - rule: AE001\n", "an item names one expectation, found none"),
        ("  []\n", "expectations: nothing is written here; write what is meant"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(tmp_path, wrong, told):
    assert told in problems(tmp_path, wrong)


def test_numbers_are_numbers_in_sdtm(tmp_path):
    text = HEAD.replace("raw", "sdtm") + GOOD.replace("to_not_be_null", "to_be_between")
    assert load(tmp_path, text).expectations[0].expectation == "expect_column_values_to_be_between"


def test_a_join_takes_columns_under_their_own_or_a_new_name():
    assert Join(to="dm", take=["RFICDAT"]).columns == {"RFICDAT": "RFICDAT"}
    assert Join(to="dm", take={"CONSENT": "RFICDAT"}).columns == {"CONSENT": "RFICDAT"}
    assert Join(to="dm", on="SUBJID").keys == {"SUBJID": "SUBJID"}
    assert Join(to="dm", on={"ACTARMCD": "ARMCD"}).keys == {"ACTARMCD": "ARMCD"}
    assert Join(to="dm").keys == {}
    assert Join(to="dm").found == "IN_DM"
    assert Join(to="ds", name="death").found == "IN_DEATH"


def test_placeholders_of_a_message():
    assert placeholders("{A} is after {B}.") == (("", "A"), (" is after ", "B"), (".", ""))
    assert placeholders("{{A}}") == (("{", ""), ("A}", ""))
    assert placeholders("") == ()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "expectations").mkdir()
    (tmp_path / "study.yaml").write_text(
        "version: 1\nstudy: T1\ntitle: T\ncutoff: 2024-06-30\n"
        'standards: {sdtmig: "3.4", ct: 2025-03-28}\nsites: {"01": {name: One, country: DEU}}\n'
        'sources: {edc: {kind: delimited, path: a, site: "01"}}\n',
        encoding="utf-8",
    )
    return StudyFolder(tmp_path)


def test_all_mistakes_of_all_files_are_told_at_once(folder):
    for name in ("ae", "cm"):
        wrong = HEAD + GOOD.replace("major", "big")
        (folder.expectations / f"{name}.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(StudyErrors) as caught:
        load_suites(folder)
    places = [str(problem).partition(": ")[0] for problem in caught.value.problems]
    assert places == ["expectations/ae.yaml:7", "expectations/cm.yaml:7"]


def test_suites_of_one_table_become_one_plan(folder):
    for name, head in (("ae", HEAD), ("ae_more", HEAD.replace("stage", "key: [AESPID]\nstage"))):
        (folder.expectations / f"{name}.yaml").write_text(head + GOOD, encoding="utf-8")
    plan = plans(folder, "raw")["ae"]
    assert len(plan.checks) == 2
    assert plan.key == ("AESPID",)
    assert plan.place == "expectations/ae.yaml, expectations/ae_more.yaml"
    assert plans(folder, "sdtm") == {}


def test_a_study_without_suites_expects_nothing(tmp_path, folder):
    folder.expectations.rmdir()
    assert load_suites(folder) == ()
