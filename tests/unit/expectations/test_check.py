"""Suites run by Great Expectations on real tables: the right records fail, with the right words."""

import json

import pandas as pd
import polars as pl
import pytest

from expectations.check import check_tables
from expectations.report import read_check_report
from sdtmflow.errors import StudyError
from sdtmflow.finding import Finding, Stage, findings_frame, findings_of
from sdtmflow.study import StudyFolder

STUDY = """
version: 1
study: T1
title: A trial
cutoff: 2024-06-30
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites:
  "01": {name: One, country: DEU}
  "02": {name: Two, country: FRA}
sources:
  edc01: {kind: delimited, path: a, site: "01", dates: [DD-MM-YYYY], decimal: ","}
  edc02: {kind: delimited, path: b, site: "02", dates: [DD-MON-YYYY]}
"""

AE = {
    "_source": ["edc01", "edc01", "edc01", "edc02"],
    "_site": ["01", "01", "01", "02"],
    "_subject": ["001", "001", "002", "101"],
    "_file": ["f" * 64, "f" * 64, "f" * 64, "e" * 64],
    "_row": [1, 2, 3, 1],
    "SUBJID": ["001", "001", "002", "101"],
    "AESPID": ["1", "2", "1", "1"],
    "AETERM": ["HEADACHE", None, "FEVER", "RASH"],
    "AESEV": ["MILD", "MODERATE", "BAD", "MILD"],
    "AESER": ["N", "Y", "Y", "N"],
    "AESTDAT": ["03-02-2024", "31-02-2024", "02-2024", "05-MAR-2024"],
    "AEENDAT": ["01-02-2024", None, "01-01-2024", "UN-MAR-2024"],
    "AEDOSE": ["5", "<5", "20", None],
}
DM = {
    "SUBJID": ["001", "101"],
    "_subject": ["001", "101"],
    "RFICDAT": ["01-02-2024", "06-MAR-2024"],
}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "study"
    (root / "expectations").mkdir(parents=True)
    (root / "study.yaml").write_text(STUDY, encoding="utf-8")
    return StudyFolder(root)


@pytest.fixture
def check(folder, tmp_path):
    """Check tables with one suite of table ae; returns the report and its findings."""

    def run(items, *, head="key: [AESPID]", partition="01", stage=Stage.RAW, **tables):
        suite = f"version: 1\ntable: ae\nstage: raw\n{head}\nexpectations:\n{items}"
        (folder.expectations / "ae.yaml").write_text(suite, encoding="utf-8")
        given, out = tmp_path / "tables", tmp_path / "out"
        given.mkdir()
        out.mkdir()
        for name, columns in ({"ae": AE} | tables).items():
            if columns is not None:
                pl.DataFrame(columns).write_parquet(given / f"{name}.parquet")
        report = check_tables(folder, stage, partition, given, out)
        assert read_check_report(out) == report
        return report, pl.read_parquet(out / "findings.parquet")

    return run


def item(expectation, rule="AE001", severity="major", message="wrong", **more):
    lines = [f"- {expectation}", f"  rule: {rule}", f"  severity: {severity}"]
    lines += [
        f"  {key}: {json.dumps(value)}" for key, value in (("message", message), *more.items())
    ]
    return "\n".join(f"  {line}" for line in lines) + "\n"


def keys(findings):
    return findings["record_key"].to_list()


def test_a_failing_row_becomes_a_finding_with_everything_that_names_it(check):
    text = item(
        "expect_column_values_to_not_be_null: {column: AETERM}",
        message="Adverse event {AESPID} ({AESEV}) has no term",
        query="Please enter the term of event {AESPID}.",
    )
    report, findings = check(text)
    assert findings_of(findings) == [
        Finding(
            rule="AE001",
            severity="major",
            stage="raw",
            message="Adverse event 2 (MODERATE) has no term",
            site="01",
            subject="001",
            dataset="ae",
            record_key="SUBJID=001|AESPID=2",
            variable="AETERM",
            query="Please enter the term of event 2.",
            file="f" * 64,
            row=2,
        )
    ]
    assert findings.equals(findings_frame(findings_of(findings)))  # the same fingerprints
    assert report.findings == {"critical": 0, "major": 1, "minor": 0}
    assert [(t.table, t.rows, t.expectations, t.failed) for t in report.tables] == [("ae", 4, 1, 1)]


def test_nothing_is_found_in_what_is_right(check):
    report, findings = check(item("expect_column_values_to_not_be_null: {column: AESEV}"))
    assert findings.is_empty()
    assert report.tables[0].failed == 0
    assert report.unchecked == ()


def test_a_condition_limits_the_rows_and_positions_stay_those_of_the_table(check):
    text = item(
        "expect_column_values_to_be_in_set: {column: AESEV, value_set: [MODERATE]}",
        when="AESER = 'Y'",
    )
    _, findings = check(text)
    assert keys(findings) == ["SUBJID=002|AESPID=1"]
    assert findings["value"].to_list() == ["BAD"]


def test_dates_are_read_in_the_formats_of_their_own_source(check):
    _, findings = check(item("expect_column_values_to_be_date: {column: AESTDAT}"))
    assert findings["value"].to_list() == ["31-02-2024", "02-2024"]
    assert findings["variable"].unique().to_list() == ["AESTDAT"]


def test_a_pair_of_dates_is_compared_as_far_as_both_are_known(check):
    text = item(
        "expect_column_pair_dates_a_to_be_on_or_before_b: {column_A: AESTDAT, column_B: AEENDAT}",
        message="{AESTDAT} is after {AEENDAT}",
    )
    _, findings = check(text)
    assert findings["message"].to_list() == ["03-02-2024 is after 01-02-2024"]
    assert findings["value"].to_list() == ["AESTDAT=03-02-2024; AEENDAT=01-02-2024"]


def test_a_bound_may_be_the_cut_off(check):
    bound = "{column: AESTDAT, max_value: {$PARAMETER: cutoff}}"
    late = AE | {"AESTDAT": ["01-07-2024", "30-06-2024", "06-2024", "JUL"]}
    _, findings = check(item(f"expect_column_values_to_be_date_between: {bound}"), ae=late)
    assert findings["value"].to_list() == ["01-07-2024"]


def test_text_is_compared_as_the_number_it_says(check):
    bounds = "{column: AEDOSE, min_value: 0, max_value: 10}"
    _, findings = check(item(f"expect_column_values_to_be_number_between: {bounds}"))
    assert findings["value"].to_list() == ["<5", "20"]


def test_several_columns_together(check):
    text = item("expect_compound_columns_to_be_unique: {column_list: [SUBJID, AESPID]}")
    twice = AE | {"AESPID": ["1", "1", "1", "1"]}
    _, findings = check(text, ae=twice)
    assert keys(findings) == ["SUBJID=001|AESPID=1", "SUBJID=001|AESPID=1|#2"]
    assert findings["fingerprint"].n_unique() == 2


def test_an_expectation_of_the_whole_table(check):
    text = item(
        "expect_table_row_count_to_be_between: {min_value: 10}", message="Too few adverse events"
    )
    _, findings = check(text)
    found = findings_of(findings)[0]
    assert (found.value, found.row, found.site, found.record_key) == ("4", 0, "01", "")


def test_a_column_that_is_not_there_is_one_finding_as_severe_as_its_worst_check(check):
    text = item("expect_column_values_to_not_be_null: {column: AEREL}", severity="minor")
    text += item("expect_column_values_to_be_unique: {column: AEREL}", "AE002", "critical")
    text += item("expect_column_values_to_be_unique: {column: AEACN}", "AE003", optional=True)
    report, findings = check(text)
    assert findings.select("rule", "severity", "variable").rows() == [
        ("COLUMN_MISSING", "critical", "AEREL")
    ]
    assert [(gap.rule, gap.reason) for gap in report.unchecked] == [
        ("AE001", "there is no column AEREL"),
        ("AE002", "there is no column AEREL"),
        ("AE003", "there is no column AEACN"),
    ]


def test_columns_of_another_table_are_joined_first(check):
    head = "key: [AESPID]\njoin: {to: dm, on: SUBJID, take: [RFICDAT]}"
    text = item("expect_column_values_to_not_be_null: {column: IN_DM}", variable="SUBJID")
    text += item(
        "expect_column_pair_dates_a_to_be_on_or_before_b: {column_A: RFICDAT, column_B: AESTDAT}",
        "AE002",
        message="{RFICDAT} after {AESTDAT}",
    )
    report, findings = check(text, head=head, dm=DM)
    assert findings.select("rule", "record_key", "variable").rows() == [
        ("AE001", "SUBJID=002|AESPID=1", "SUBJID"),
        ("AE002", "SUBJID=101|AESPID=1", "RFICDAT"),
    ]
    assert [(gap.table, gap.reason) for gap in report.unchecked] == [("dm", "no suite names it")]


def test_a_joined_date_is_read_in_the_formats_of_the_source_that_sent_it(check):
    dm = {"_source": ["edc02"], "_subject": ["001"], "RFICDAT": ["04-FEB-2024"]}
    text = item(
        "expect_column_pair_dates_a_to_be_on_or_before_b: {column_A: RFICDAT, column_B: AESTDAT}",
        message="{RFICDAT} after {AESTDAT}",
    )
    _, findings = check(text, head="join: {to: dm, take: [RFICDAT]}", dm=dm)
    assert findings["message"].to_list() == ["04-FEB-2024 after 03-02-2024"]


def test_numbers_are_read_with_the_decimal_mark_of_their_source(check):
    ae = AE | {"AEDOSE": ["1,5", "x", "15,0", "1.5"]}  # the last row is of a source with a point
    bounds = "{column: AEDOSE, min_value: 1, max_value: 2}"
    _, findings = check(item(f"expect_column_values_to_be_number_between: {bounds}"), ae=ae)
    assert findings["value"].to_list() == ["x", "15,0"]


def test_two_suites_of_a_table_share_their_join(check, folder):
    head = "join: {to: dm, on: _subject, take: [RFICDAT]}"
    (folder.expectations / "more.yaml").write_text(
        "version: 1\ntable: ae\nstage: raw\n"
        "join: {to: dm, take: {CONSENT: RFICDAT}}\nexpectations:\n"
        + item("expect_column_values_to_not_be_null: {column: CONSENT}", "AE002"),
        encoding="utf-8",
    )
    text = item("expect_column_values_to_not_be_null: {column: IN_DM}", variable="SUBJID")
    report, findings = check(text, head=head, dm=DM)
    assert [table.expectations for table in report.tables] == [2]
    assert findings.select("rule", "subject", "value").rows() == [
        ("AE001", "002", "002"),
        ("AE002", "002", ""),
    ]


def test_without_the_other_table_the_check_is_reported_as_not_done(check):
    head = "join: {to: dm, take: [RFICDAT]}"
    report, findings = check(
        item("expect_column_values_to_not_be_null: {column: IN_DM}"), head=head
    )
    assert findings.is_empty()
    assert [gap.reason for gap in report.unchecked] == ["there is no table dm to join"]


def test_a_join_may_not_hide_a_column(check):
    with pytest.raises(StudyError, match=r"ae.yaml: the join with dm takes 'AETERM'.*DM_AETERM"):
        check(
            item("expect_column_values_to_not_be_null: {column: AETERM}"),
            head="join: {to: dm, take: [AETERM]}",
            dm=DM,
        )


def test_a_required_table_that_is_not_there(check):
    report, findings = check(
        item("expect_column_values_to_not_be_null: {column: AETERM}"),
        head="required: true",
        ae=None,
    )
    assert findings.select("rule", "severity", "dataset", "site").rows() == [
        ("TABLE_MISSING", "critical", "ae", "01")
    ]
    assert [(gap.table, gap.reason) for gap in report.unchecked] == [("ae", "not delivered")]


def test_a_check_that_gives_no_answer_does_not_pass(check, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("HEADACHE is beyond me")

    monkeypatch.setattr(pd.core.strings.accessor.StringMethods, "contains", broken)
    text = item(
        "expect_column_values_to_match_regex: {column: AETERM, regex: A}", severity="critical"
    )
    report, findings = check(text)
    found = findings_of(findings)[0]
    assert (found.rule, found.severity, found.record_key) == ("NOT_CHECKED", "critical", "AE001")
    assert report.unchecked[0].reason.startswith("it could not be evaluated (")
    assert "HEADACHE" not in found.message


def test_an_argument_that_gx_refuses_is_the_suites_mistake(check):
    with pytest.raises(StudyError, match=r"expectations/ae.yaml.*mostly"):
        check(item("expect_column_values_to_not_be_null: {column: AETERM, mostly: 7}"))


def test_mostly_forgives_a_share_of_the_rows(check):
    text = item("expect_column_values_to_not_be_null: {column: AETERM, mostly: 0.5}")
    assert check(text)[1].is_empty()


def test_an_empty_table_has_nothing_wrong(check):
    empty = pl.DataFrame(AE).clear()
    text = item("expect_column_values_to_not_be_null: {column: AETERM}", when="AESER = 'Y'")
    text += item("expect_column_values_to_be_date: {column: AESTDAT}", "AE002")
    report, findings = check(text, ae=empty)
    assert findings.is_empty()
    assert report.tables[0].failed == 0


def test_the_stored_result_is_the_same_for_the_same_table(check, tmp_path):
    text = item("expect_column_values_to_not_be_null: {column: AETERM}")
    check(text)
    first = (tmp_path / "out/validation/raw.ae.json").read_text(encoding="utf-8")
    for name in ("tables", "out"):
        (tmp_path / name).rename(tmp_path / f"{name} of the first run")
    check(text)
    assert (tmp_path / "out/validation/raw.ae.json").read_text(encoding="utf-8") == first
    stored = json.loads(first)
    assert stored["results"][0]["expectation_config"]["meta"]["rule"] == "AE001"
    assert "unexpected_list" not in stored["results"][0]["result"]
