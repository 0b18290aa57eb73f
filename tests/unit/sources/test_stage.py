import polars as pl
import pytest

from sdtmflow.finding import findings_of
from sdtmflow.sources.delivery_findings import unknown_tables
from sdtmflow.sources.report import read_stage_report
from sdtmflow.sources.stage import opened_delivery, stage, staged_tables
from sdtmflow.sources.study_wide import subjects_in_two_sites, unclaimed

DM1 = "PATID;Geschlecht;Gewicht\n001;m;70\n002;w;NA\n"
LAB = "SITE,SUBJID,TEST,VALUE\n01,001,ALT,12\n01,099,ALT,13\n02,001,ALT,14\n09,001,ALT,15\n"


class Staging:
    """Sources as keyword arguments: (kind, settings, files)."""

    def __init__(self, workshop):
        self.workshop = workshop

    def __call__(self, site="01", study=None, **sources):
        specs = {}
        for name, (kind, settings, files) in sources.items():
            self.workshop.write(files, f"study/{name}")
            specs[name] = {"kind": kind, "path": name} | settings
        self.folder = self.workshop.study(specs, **(study or {}))
        self.deliveries = {name: self.workshop.collect(self.folder, name).out for name in sources}
        return self.stage(site)

    def stage(self, site):
        self.out = self.workshop.root / "staged" / site
        self.out.mkdir(parents=True, exist_ok=True)
        self.report = stage(self.folder.study, site, self.deliveries, self.out)
        return self

    def table(self, name):
        return pl.read_parquet(self.out / f"{name}.parquet")

    def rows(self, name, *columns):
        return self.table(name).select(*columns).rows()

    @property
    def findings(self):
        return findings_of(pl.read_parquet(self.out / "findings.parquet"))

    @property
    def rules(self):
        return [finding.rule for finding in self.findings]


@pytest.fixture
def staging(workshop):
    return Staging(workshop)


def own(files, tables, **settings):
    return ("delimited", {"site": "01", "tables": tables} | settings, files)


def lab(files=LAB):
    settings = {"site_column": "SITE", "tables": {"lb": {"from": "lab"}}}
    return ("delimited", settings, {"lab.csv": files})


DEMOGRAPHICS = own(
    {"stamm.csv": DM1},
    {
        "dm": {
            "from": "Stamm",
            "columns": {"SUBJID": "patid", "SEX": "geschlecht", "AGE": "Alter"},
            "constants": {"COUNTRY": "DEU"},
            "values": {"SEX": {"m": "M", "w": "F"}},
        }
    },
    missing=["NA"],
)


def test_names_values_and_constants_become_the_study_s(staging):
    got = staging(edc=DEMOGRAPHICS)
    assert got.rows("dm", "SUBJID", "SEX", "AGE", "GEWICHT", "COUNTRY") == [
        ("001", "M", None, "70", "DEU"),
        ("002", "F", None, None, "DEU"),
    ]
    assert got.rows("dm", "_source", "_site", "_subject", "_row", "_place", "_missing") == [
        ("edc", "01", "001", 1, "line 2", None),
        ("edc", "01", "002", 2, "line 3", "GEWICHT=NA"),
    ]
    (table,) = got.report.tables
    assert (table.rows, table.staged, table.not_delivered) == (2, 2, ["AGE"])
    assert read_stage_report(got.out) == got.report
    assert [name for name, _ in staged_tables(got.out)] == ["dm"]


def test_several_sent_tables_become_one(staging):
    files = {"a.csv": "SUBJID,X\n1,a\n", "b.csv": "SUBJID,Y\n1,b\n"}
    got = staging(edc=own(files, {"t": {"from": ["a", "b"]}}))
    assert got.rows("t", "SUBJID", "X", "Y") == [("1", "a", None), ("1", None, "b")]


def test_an_unnamed_table_is_staged_under_its_own_name_and_reported(staging):
    got = staging(edc=own({"dm.csv": "SUBJID\n1\n", "Con Meds.csv": "SUBJID\n1\n"}, {"dm": {}}))
    assert got.rows("con_meds", "SUBJID") == [("1",)]
    delivered = opened_delivery(got.folder.study, "edc", got.deliveries["edc"])
    (finding,) = unknown_tables(delivered, read=["dm"])
    assert (finding.rule, finding.dataset) == ("TABLE_UNKNOWN", "Con Meds")
    assert "Con Meds (1 record) is not named in source edc" in finding.message
    assert not [*unknown_tables(delivered, read=["dm", "con_meds"])], "a mapping reads it"


def test_without_a_list_of_tables_every_table_is_meant(staging):
    got = staging(edc=own({"dm.csv": "SUBJID\n1\n", "ae.csv": "SUBJID\n1\n"}, {}))
    assert {table.table for table in got.report.tables} == {"dm", "ae"}
    assert got.rules == []


def test_an_explicit_name_wins_over_a_sent_one(staging):
    files = {"dm.csv": "ID,subjid\nA1,7\n"}
    got = staging(edc=own(files, {"dm": {"columns": {"SUBJID": "ID"}}}))
    assert got.rows("dm", "SUBJID", "SUBJID__SENT") == [("A1", "7")]


def test_codes_become_labels_where_the_source_says_so(staging):
    dictionary = (
        "field_name,form_name,field_type,field_label,select_choices_or_calculations\n"
        'id,dm,text,Id,\nsex,dm,radio,Sex,"1, Male | 2, Female"\nout,dm,radio,O,"1, Well"\n'
    )
    tables = {"dm": {"values": {"SEX": {"Male": "M"}, "OUT": {"1": "RECOVERED"}}}}
    settings = {"site": "01", "decode": True, "subject_column": "ID", "tables": tables}
    files = {"d.csv": "id,sex,out\n1,1,1\n2,2,\n3,9,1\n", "dict.csv": dictionary}
    got = staging(edc=("redcap", settings, files))
    assert got.rows("dm", "SEX", "OUT", "_subject") == [
        ("M", "RECOVERED", "1"),
        ("Female", None, "2"),
        ("9", "RECOVERED", "3"),
    ]


def test_the_kind_of_missing_follows_the_column_s_new_name(staging):
    xml = (
        '<ODM FileType="Snapshot" ODMVersion="1.3"><ClinicalData StudyOID="S">'
        '<SubjectData SubjectKey="1"><StudyEventData StudyEventOID="V"><FormData FormOID="F">'
        '<ItemGroupData ItemGroupOID="AE"><ItemData ItemOID="T" IsNull="Yes"/>'
        '<ItemData ItemOID="S" Value=""/></ItemGroupData></FormData></StudyEventData>'
        "</SubjectData></ClinicalData></ODM>"
    )
    tables = {"ae": {"columns": {"AETERM": "T", "SUBJID": "SubjectKey"}}}
    got = staging(edc=("odm", {"site": "01", "tables": tables}, {"a.xml": xml}))
    assert got.rows("ae", "AETERM", "_missing") == [(None, "AETERM=IsNull;S=empty")]


def test_study_wide_rows_go_to_their_site_and_must_have_a_known_subject(staging):
    got = staging(edc=DEMOGRAPHICS, central=lab())
    assert got.rows("lb", "_subject", "VALUE", "_site", "_source") == [
        ("001", "12", "01", "central"),
    ]
    (finding,) = got.findings
    assert (finding.rule, finding.subject, finding.row) == ("SUBJECT_UNKNOWN", "099", 2)
    assert finding.file == "lab.csv"
    quarantine = pl.read_parquet(got.out / "quarantine.parquet")
    assert quarantine["place"].to_list() == ["line 3"]
    assert got.report.other_sites == 2
    (lb,) = [table for table in got.report.tables if table.table == "lb"]
    assert (lb.rows, lb.staged, lb.quarantined) == (2, 1, 1)


def test_a_study_wide_subject_id_is_the_same_subject(staging):
    got = staging(edc=DEMOGRAPHICS, central=lab("SITE,SUBJID\n01,S1-01-002\n"))
    assert got.rows("lb", "_subject") == [("002",)]
    assert got.rules == []


def test_rows_that_no_site_claims(staging):
    got = staging(edc=DEMOGRAPHICS, central=lab(LAB + ",001,ALT,16\n"))
    found = unclaimed(got.folder.study, got.deliveries, {"02"})
    assert found.gaps == {"02": 1}
    assert [(f.rule, f.value, f.row) for f in found.findings] == [
        ("SITE_UNKNOWN", "09", 4),
        ("SITE_UNKNOWN", "", 5),
    ]


def test_a_record_without_a_subject_is_left_out_and_reported(staging):
    got = staging(edc=own({"ae.csv": "SUBJID,T\n1,a\n ,b\n"}, {}))
    assert got.rows("ae", "T") == [("a",)]
    assert got.rules == ["SUBJECT_MISSING"]
    assert pl.read_parquet(got.out / "quarantine.parquet")["record"][0] == '{"SUBJID":null,"T":"b"}'


def test_duplicate_records_are_found_and_kept(staging):
    files = {"ae.csv": "SUBJID,T\n1,a\n1,b\n1,a\n1,a\n2,a\n"}
    got = staging(edc=own(files, {}))
    assert got.table("ae").height == 5
    assert [(f.rule, f.row) for f in got.findings] == [
        ("DUPLICATE_RECORD", 3),
        ("DUPLICATE_RECORD", 4),
    ]
    assert len({f.fingerprint for f in got.findings}) == 2


def test_the_same_subject_at_two_sites(staging):
    second = ("delimited", {"site": "02"}, {"dm.csv": "SUBJID,SITEID\n001,01\n003,02\n"})
    first = staging(edc=DEMOGRAPHICS, other=second)
    staged = {"01": first.out, "02": staging.stage("02").out}
    (finding,) = subjects_in_two_sites(staging.folder.study, staged)
    assert (finding.rule, finding.severity) == ("SUBJECT_IN_TWO_SITES", "critical")
    assert finding.value == "S1-01-001"
    assert "01 and 02" in finding.message


def test_the_same_bytes_as_files_of_two_sites(staging):
    copy = ("delimited", {"site": "02"}, {"copy.csv": DM1})
    first = staging(edc=DEMOGRAPHICS, other=copy)
    staged = {"01": first.out, "02": staging.stage("02").out}
    (finding,) = subjects_in_two_sites(staging.folder.study, staged)
    assert (finding.rule, finding.severity) == ("FILE_IN_TWO_SITES", "critical")
    assert "01 and 02" in finding.message
    assert (finding.site, finding.file) == ("01", "stamm.csv")


def test_what_a_delivery_lacks_holds_too_much_or_cannot_place(staging):
    files = {"ae.csv": "SUBJID,T\n1,a\n2\n2\n", "notes.pdf": b"%PDF-1.4"}
    found = staging(edc=own(files, {"ae": {}, "dm": {"from": "Stamm"}})).findings
    assert [(f.rule, f.severity, f.dataset, f.file, f.row) for f in found] == [
        ("TABLE_MISSING_IN_DELIVERY", "major", "dm", "", 0),
        ("FILE_LEFT_OUT", "minor", "", "notes.pdf", 0),
        ("RECORD_QUARANTINED", "major", "", "ae.csv", 2),
        ("RECORD_QUARANTINED", "major", "", "ae.csv", 3),
    ]
    assert len({f.fingerprint for f in found}) == 4
    assert "1 fields, but the header has 2" in found[2].message


def test_a_study_wide_delivery_is_judged_once(staging):
    got = staging(edc=DEMOGRAPHICS, central=lab("SITE,SUBJID\n01,001\n02\n"))
    assert got.rules == []
    found = unclaimed(got.folder.study, got.deliveries, ()).findings
    assert [(f.rule, f.site, f.row) for f in found] == [("RECORD_QUARANTINED", "", 2)]


def test_the_same_number_at_two_sites_is_two_people_unless_the_template_says_otherwise(staging):
    second = ("delimited", {"site": "02"}, {"dm.csv": "SUBJID\n001\n"})
    for template, shared in (("{study}-{site}-{subject}", 0), ("{study}-{subject}", 1)):
        first = staging(edc=DEMOGRAPHICS, other=second, study={"usubjid": template})
        staged = {"01": first.out, "02": staging.stage("02").out}
        assert len(subjects_in_two_sites(staging.folder.study, staged)) == shared
