"""Identifiers in a delivery become findings without a value; what study.yaml settles is done."""

from __future__ import annotations

import json

import polars as pl
import pytest

from sdtmflow.errors import StudyError
from sdtmflow.finding import Severity, findings_of
from sdtmflow.sources.privacy_findings import columns_not_found
from sdtmflow.sources.stage import opened_delivery, stage

DM = (
    "SUBJID,Initials,Date of birth,E-Mail,Comment\n"
    "001,JQX,1961-05-03,jane.q@example.org,well\n"
    "002,KRZ,1970-11-30,k.r@example.org,call +41 61 265 25 25\n"
    ",LLX,1980-01-02,l@example.org,nobody's\n"
)
VALUES = ("JQX", "KRZ", "jane.q", "1961-05-03", "265 25", "1970")


@pytest.fixture
def staged(workshop):
    def _staged(privacy=None):
        workshop.write({"dm.csv": DM}, "study/raw")
        source = {"kind": "delimited", "path": "raw", "site": "01"}
        folder = workshop.study({"edc": source}, **({"privacy": privacy} if privacy else {}))
        collected = workshop.collect(folder).out
        out = workshop.root / "staged"
        out.mkdir()
        stage(folder.study, "01", {"edc": collected}, out)
        return folder.study, collected, out

    return _staged


def privacy_findings(out):
    found = findings_of(pl.read_parquet(out / "findings.parquet"))
    return [finding for finding in found if finding.rule.startswith("PRIVACY_")]


def test_one_finding_a_column_and_one_a_text_without_a_value(staged):
    _, _, out = staged({"birth_date": "year"})
    found = privacy_findings(out)
    assert [
        (each.rule, each.variable, each.severity, each.subject, each.row) for each in found
    ] == [
        ("PRIVACY_INITIALS", "INITIALS", Severity.MINOR, "", 0),
        ("PRIVACY_BIRTH_DATE", "DATE OF BIRTH", Severity.MAJOR, "", 0),
        ("PRIVACY_EMAIL", "E-MAIL", Severity.MAJOR, "", 0),
        ("PRIVACY_PHONE", "COMMENT", Severity.MAJOR, "002", 2),
    ]
    assert found[0].message == (
        "column INITIALS (sent as Initials) holds initials in 3 records, as its name says"
    )
    assert {each.value for each in found} == {""}
    assert {each.file for each in found} == {"dm.csv"}
    told = repr(found)
    assert not [value for value in VALUES if value in told]


def test_severities_and_birth_dates_are_the_studys_to_say(staged):
    _, _, out = staged({"severities": {"initials": "critical"}})
    found = {each.rule: each.severity for each in privacy_findings(out)}
    assert found["PRIVACY_INITIALS"] is Severity.CRITICAL
    assert "PRIVACY_BIRTH_DATE" not in found  # full is the default: BRTHDTC is permissible


def test_an_allowed_column_is_left_alone(staged):
    _, _, out = staged({"columns": {"dm.initials": {"do": "allow", "reason": "protocol 5.2"}}})
    assert "PRIVACY_INITIALS" not in {each.rule for each in privacy_findings(out)}
    assert pl.read_parquet(out / "dm.parquet")["INITIALS"].to_list() == ["JQX", "KRZ"]


def test_a_dropped_column_is_staged_nowhere_and_a_masked_one_without_its_values(staged):
    settled = {
        "dm.INITIALS": {"do": "drop", "reason": "not needed"},
        "dm.E-MAIL": {"do": "mask", "reason": "only whether there is one"},
    }
    _, _, out = staged({"columns": settled})
    rows = pl.read_parquet(out / "dm.parquet")
    assert "INITIALS" not in rows.columns
    assert rows["E-MAIL"].to_list() == ["[masked]", "[masked]"]
    assert rows["DATE OF BIRTH"].to_list() == ["1961-05-03", "1970-11-30"]
    (left_out,) = pl.read_parquet(out / "quarantine.parquet")["record"].to_list()
    assert json.loads(left_out)["E-MAIL"] == "[masked]"
    assert "LLX" not in left_out
    assert {each.variable for each in privacy_findings(out)} == {"COMMENT"}


def test_a_column_that_no_delivery_has_is_told(staged):
    settled = {
        "dm.INITALS": {"do": "drop", "reason": "a typo"},
        "dm.comment": {"do": "allow", "reason": "read by hand"},
    }
    study, collected, _ = staged({"columns": settled})
    delivered = opened_delivery(study, "edc", collected)
    (found,) = columns_not_found(study.privacy, [delivered])
    assert (found.rule, found.dataset, found.variable) == (
        "PRIVACY_COLUMN_NOT_FOUND", "dm", "INITALS",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("privacy", "told"),
    [
        ({"birth_dates": "year"}, "birth_date"),
        (
            {"severities": {"nickname": "minor"}},
            "no kind of identifier; write one of name, initials",
        ),
        (
            {"columns": {"INITIALS": {"do": "drop", "reason": "x"}}},
            "write both, such as dm.INITIALS",
        ),
        ({"columns": {"dm.INITIALS": {"do": "drop"}}}, "reason"),
        ({"columns": {"dm.INITIALS": {"do": "drop", "reason": ""}}}, "nothing is written here"),
        ({"columns": {"dm.INITIALS": {"do": "hide", "reason": "x"}}}, "do"),
        ({"birth_date": "month"}, "year-month"),
    ],
)
def test_a_mistake_in_study_yaml_has_its_line(workshop, privacy, told):
    source = {"kind": "delimited", "path": "raw", "site": "01"}
    with pytest.raises(StudyError, match=r"study\.yaml:1: privacy") as refused:
        workshop.study({"edc": source}, privacy=privacy)
    assert told in str(refused.value)
