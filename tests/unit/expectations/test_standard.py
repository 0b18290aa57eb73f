"""The standard rules of SDTM datasets: each with data that passes and data that fails."""

import json

import polars as pl
import pytest

from expectations.check import check_tables
from expectations.standard import StandardSuite, Target, standard_plan
from sdtmflow.finding import Stage
from sdtmflow.standards.sdtmig import sdtmig
from sdtmflow.standards.terminology import terminology
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors, load_yaml

DM = {
    "STUDYID": ["T1", "T1"],
    "DOMAIN": ["DM", "DM"],
    "USUBJID": ["T1-01-001", "T1-02-001"],
    "SUBJID": ["001", "001"],
    "SITEID": ["01", "02"],
    "RFSTDTC": ["2024-01-10", None],
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
    (tmp_path / "study.yaml").write_text(
        "version: 1\nstudy: T1\ntitle: T\ncutoff: 2024-06-30\n"
        'standards: {sdtmig: "3.4", ct: 2025-03-28}\n'
        'sites: {"01": {name: One, country: DEU}, "02": {name: Two, country: FRA}}\n'
        'sources: {edc: {kind: delimited, path: a, site: "01"}}\n',
        encoding="utf-8",
    )
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


@pytest.mark.parametrize(
    ("dataset", "change", "rule", "variable"),
    [
        ("AE", {"AETERM": ["HEADACHE", None]}, "SDTM002", "AETERM"),
        ("AE", {"STUDYID": ["T1", "T2"]}, "SDTM004", "STUDYID"),
        ("AE", {"DOMAIN": ["AE", "CM"]}, "SDTM005", "DOMAIN"),
        ("SUPPAE", {"RDOMAIN": ["CM"]}, "SDTM005", "RDOMAIN"),
        ("DM", {"USUBJID": ["T1-01-001", "T1-01-001"]}, "SDTM006", "USUBJID"),
        ("AE", {"USUBJID": ["T1-01-001", "T1-03-001"]}, "SDTM007", "USUBJID"),
        ("AE", {"USUBJID": ["T1-01-001", "T1-01-001"], "AESTDY": [-1.0, None]}, "SDTM008", "AESEQ"),
        ("AE", {"AESTDTC": ["2024-01-09", "2024-02-31"]}, "SDTM010", "AESTDTC"),
        ("AE", {"AEENDTC": ["2023-12", None]}, "SDTM011", "AESTDTC"),
        ("AE", {"AESTDY": [0.0, None]}, "SDTM012", "AESTDY"),
        ("AE", {"AESTDY": [None, None]}, "SDTM012", "AESTDY"),
        ("AE", {"AESER": ["N", "YES"]}, "SDTM013", "AESER"),
        ("DM", {"SEX": ["F", "female"]}, "SDTM013", "SEX"),
        ("LB", {"LBTESTCD": ["1GLUCOSE"]}, "SDTM014", "LBTESTCD"),
    ],
)
def test_each_rule_finds_its_defect_and_only_that(check, dataset, change, rule, variable):
    sound = {"DM": DM, "AE": AE, "LB": LB, "SUPPAE": SUPPAE}[dataset]
    findings = check(**{dataset: sound | change})
    assert {(row[0], row[1], row[2]) for row in found(findings)} == {(rule, dataset, variable)}


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


def test_the_suite_file_refuses_what_it_does_not_know(tmp_path):
    path = tmp_path / "sdtm.yaml"
    path.write_text("version: 1\nrules:\n  - for: every_variable\n    rule: X\n", encoding="utf-8")
    with pytest.raises(StudyErrors, match=r"sdtm.yaml:3: rules.1.for"):
        load_yaml(path, StandardSuite)


def test_a_codelist_that_may_be_extended_is_not_enforced(folder):
    facts = sdtmig("3.4").dataset("VS")
    columns = tuple(variable.name for variable in facts.variables)
    target = Target(
        facts, columns, folder.study, terminology(folder.study.standards.ct), facts.name
    )
    coded = {check.columns[0] for check in standard_plan(target).checks if check.rule == "SDTM013"}
    assert "VSLOBXFL" in coded
    assert "VSORRESU" not in coded  # UNIT is extensible
