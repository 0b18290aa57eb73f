"""Standard suites of SDTM datasets: what is made of the metadata, and rules of whole columns."""

import json

import polars as pl
import pytest

from expectations.check import check_tables
from expectations.standard import StandardSuite, dataset_target, standard_plan
from sdtmflow.finding import Stage
from sdtmflow.standards.sdtmig import VERSIONS, sdtmig
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors, load_yaml

STUDY = """\
version: 1
study: T1
title: T
cutoff: 2024-06-30
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: DEU}, "02": {name: Two, country: FRA}}
sources: {edc: {kind: delimited, path: a, site: "01"}}
"""
DM = {
    "STUDYID": ["T1", "T1"],
    "DOMAIN": ["DM", "DM"],
    "USUBJID": ["T1-01-001", "T1-02-001"],
    "SUBJID": ["001", "001"],
    "RFSTDTC": ["2024-01-10", None],
    "SITEID": ["01", "02"],
    "SEX": ["F", "M"],
    "COUNTRY": ["DEU", "FRA"],
}
AE = {
    "STUDYID": ["T1", "T1"],
    "DOMAIN": ["AE", "AE"],
    "USUBJID": ["T1-01-001", "T1-02-001"],
    "AESEQ": [1.0, 1.0],
    "AETERM": ["HEADACHE", "RASH"],
    "AEDECOD": ["Headache", "Rash"],
    "AESER": ["N", "Y"],
    "AESTDTC": ["2024-01-09", "2024-02"],
    "AEENDTC": ["2024-01", None],
    "AESTDY": [-1.0, None],
}
LB = {
    "STUDYID": ["T1"],
    "DOMAIN": ["LB"],
    "USUBJID": ["T1-01-001"],
    "LBSEQ": [1.0],
    "LBTESTCD": ["GLUC"],
    "LBTEST": ["Glucose"],
}
SUPPAE = {
    "STUDYID": ["T1"],
    "RDOMAIN": ["AE"],
    "USUBJID": ["T1-01-001"],
    "IDVAR": ["AESEQ"],
    "IDVARVAL": ["1"],
    "QNAM": ["AETRTEM"],
    "QLABEL": ["Treatment Emergent Flag"],
    "QVAL": ["Y"],
    "QORIG": ["Derived"],
    "QEVAL": [None],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return StudyFolder(tmp_path)


@pytest.fixture
def check(folder, tmp_path):
    def run(keys=None, **datasets):
        given, out = tmp_path / "datasets", tmp_path / "out"
        given.mkdir()
        out.mkdir()
        for name, columns in ({"DM": DM} | datasets).items():
            pl.DataFrame(columns, schema_overrides={"QEVAL": pl.String}).write_parquet(
                given / f"{name}.parquet"
            )
        if keys:
            metadata = [{"name": name, "keys": list(key)} for name, key in keys.items()]
            (given / "datasets.json").write_text(json.dumps(metadata), encoding="utf-8")
        check_tables(folder, Stage.SDTM, "study", given, out)
        findings = pl.read_parquet(out / "findings.parquet")
        return findings.filter(pl.col("rule") != "SDTM003")  # expected variables, tested apart

    return run


def found(findings):
    return findings.select("rule", "dataset", "variable", "record_key", "value").rows()


def test_sound_datasets_have_no_finding(check):
    keys = {"AE": ("STUDYID", "USUBJID", "AETERM", "AESTDTC")}
    assert found(check(keys, AE=AE, LB=LB, SUPPAE=SUPPAE)) == []


def test_a_required_variable_that_is_not_there(check):
    without = {name: values for name, values in AE.items() if name != "AEDECOD"}
    findings = check(AE=without)
    assert findings.select("rule", "variable", "severity").rows() == [
        ("SDTM001", "AEDECOD", "critical"),
    ]


@pytest.mark.parametrize("told_apart", [(), ("AESEQ",)])
def test_records_with_the_same_key(check, told_apart):
    twice = AE | {"USUBJID": ["T1-01-001"] * 2, "AESEQ": [1.0, 2.0], "AETERM": ["RASH"] * 2}
    findings = check(
        {"AE": ("STUDYID", "USUBJID", "AETERM", *told_apart)}, AE=twice | {"AESTDY": [-1.0, None]}
    )
    same = "STUDYID=T1; USUBJID=T1-01-001; AETERM=RASH"
    assert found(findings) == [
        ("SDTM009", "AE", "AETERM", "USUBJID=T1-01-001|AESEQ=1", same),
        ("SDTM009", "AE", "AETERM", "USUBJID=T1-01-001|AESEQ=2", same),
    ]
    assert findings["message"].unique().to_list() == ["More than one record has AETERM RASH"]


def test_a_finding_knows_its_site_subject_and_value(check):
    findings = check(AE=AE | {"AESER": ["N", "YES"]})
    row = findings.row(0, named=True)
    assert (row["site"], row["subject"], row["value"]) == ("02", "T1-02-001", "YES")
    assert row["message"] == "'YES' is not in codelist NY, which cannot be extended"


def test_a_number_that_was_stored_as_text(check):
    findings = check(AE=AE | {"AESTDY": ["-1", "early"], "AESTDTC": ["2024-01-09", None]})
    told = [row for row in found(findings) if row[0] != "SDTM012"]
    assert [row[:3] + row[4:] for row in told] == [("SDTM015", "AE", "AESTDY", "early")]


def test_variables_that_do_not_stand_in_the_order_of_the_guide(check):
    turned = {name: AE[name] for name in sorted(AE, key=lambda name: name == "AESER")}
    findings = check(AE=turned)
    assert found(findings) == [("SDTM018", "AE", "", "", "AESER after AESTDY")]


def test_the_suite_file_refuses_what_it_does_not_know(tmp_path):
    path = tmp_path / "sdtm.yaml"
    path.write_text(
        "version: 1\ntitle: T\nrules:\n  - for: every_variable\n    rule: X\n", encoding="utf-8"
    )
    with pytest.raises(StudyErrors, match=r"sdtm.yaml:4: rules.1.for: unknown 'every_variable'"):
        load_yaml(path, StandardSuite)


def test_a_codelist_that_may_be_extended_is_not_enforced(folder):
    checks = standard_plan(dataset_target(folder, "VS")).checks
    closed = {check.columns[0] for check in checks if check.rule == "SDTM013"}
    spelled = {check.columns[0] for check in checks if check.rule == "SDTM019"}
    assert "VSLOBXFL" in closed - spelled
    assert "VSORRESU" in spelled - closed  # UNIT is extensible


@pytest.mark.parametrize("version", VERSIONS)
def test_every_dataset_of_the_guide_has_its_suite(tmp_path, version):
    text = STUDY.replace('"3.4"', f'"{version}"')
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    study = StudyFolder(tmp_path)
    for name in sdtmig(version).datasets:
        if name != "SUPPQUAL":
            plan = standard_plan(dataset_target(study, name))
            assert {"SDTM001", "SDTM002", "SDTM018"} <= {check.rule for check in plan.checks}
