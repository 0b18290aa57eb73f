"""Every published export in the reference inputs: collected with the right counts, or refused.

One row a file says what has to come out. The counts are counted again here, in other ways than the
readers count: with ``csv``, with a pattern over the XML's text, with openpyxl, with pyreadstat.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pyreadstat
import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.collect import collect
from sdtmflow.sources.report import CollectReport
from sdtmflow.store import Snapshots, open_store
from sdtmflow.study import StudyFolder

INPUTS = Path(__file__).parents[2].parent / "shared" / "reference" / "inputs"

pytestmark = pytest.mark.skipif(
    not INPUTS.is_dir(),
    reason=f"THE REFERENCE INPUTS ARE NOT HERE ({INPUTS}): no reader is tried on real exports",
)


@dataclass(frozen=True)
class Expected:
    """What a file must give: rows by table, or the words of its refusal."""

    path: str
    kind: str
    tables: dict[str, int] = field(default_factory=dict)
    refusal: str = ""
    left_out: int = 0
    settings: dict[str, object] = field(default_factory=dict)


def refused(kind: str, refusal: str, *paths: str) -> list[Expected]:
    return [Expected(path, kind, refusal=refusal) for path in paths]


def delimited(folder: str, **rows: int) -> list[Expected]:
    return [
        Expected(f"{folder}/{stem}.csv", "delimited", {stem: count}) for stem, count in rows.items()
    ]


def redcap(project: str, dictionary: str, **rows: int) -> Expected:
    settings: dict[str, object] = {"dictionary": f"redcap/{project}/{dictionary}.csv"}
    return Expected(f"redcap/{project}/data.csv", "redcap", rows, settings=settings)


FHIR = "this is HL7 FHIR .*; FHIR is not yet a kind of source; export the data as CSV"
DATASET_JSON = "this is a (compressed )?Dataset-JSON file; send the dataset as a SAS transport file"
SECUTRIAL = {
    "ae": 1,
    "allmedi": 17,
    "atae": 0,
    "atae1": 0,
    "atallmedi": 2,
    "atbaseline": 0,
    "atcn": 0,
    "atcvp": 0,
    "atesurgeries": 0,
    "atmiv": 0,
    "atoutcome": 5,
    "atsae": 0,
    "atstudyterminat": 1,
    "attreatment": 0,
    "baseline": 17,
    "cl": 205,
    "cn": 11,
    "ctr": 3,
    "cts": 0,
    "esurgeries": 18,
    "fs": 8,
    "is": 85,
    "miv": 0,
    "outcome": 13,
    "qac": 0,
    "qs": 29,
    "sae": 2,
    "studyterminat": 10,
    "treatment": 11,
    "vp": 4,
    "vpfs": 8,
}

EXPECTED = [
    *delimited("castor", CastorStudy=2, CastorComorbidities=1),
    Expected("castor/data_file_study_labels.xlsx", "excel", {"Blad1": 5}),
    *delimited("ctms", **{"sites": 5, "schedule-of-events": 8}),
    *delimited("lab", rho_labs_dictionary=23),
    Expected("irt/viedoc_randomization_list.xlsx", "excel", {"Slots": 560}),
    *delimited("raw2sdtm/360i_oak/raw", AE=1272, DM=306),
    *delimited(
        "raw2sdtm/360i_oak/sdtm", AE_from_sdtm_oak_codegen=1272, DM_from_sdtm_oak_codegen=306
    ),
    *delimited("raw2sdtm/360i_oak", study_ct=56),
    *delimited(
        "raw2sdtm/bootcamp_ABC-01",
        ae_raw=10,
        cm_raw=8,
        dm_raw=8,
        ds_raw=8,
        ex_raw=8,
        lb_raw=48,
        vs_raw=24,
    ),
    *delimited(
        "raw2sdtm/bootcamp_ABC-01/sdtm",
        ae=10,
        cm=8,
        dm=8,
        ds=24,
        ex=8,
        lb=48,
        suppae=10,
        vs=128,
    ),
    Expected(
        "terminology/cdisc_sdtm_dataset_specializations_latest.csv.gz",
        "delimited",
        {"cdisc_sdtm_dataset_specializations_latest": 11124},
    ),
    *delimited("wearable", ActiGraph13=999, activity_daily_step_count=125),
    *refused(
        "delimited",
        "line 1: no header found: this line does not hold column names",
        "wearable/ax6_testfile_formatted_timestamps.csv",
    ),
    *(
        Expected(f"secutrial/s_export_CSV-xls_CTU05_short_{name}.zip", "delimited", SECUTRIAL)
        for name in ("meta_ref_miss_en_utf8", "ref_miss_fr_utf8bom")
    ),
    # CDISC ODM
    Expected("odm/rave/test_double_byte_chars.xml", "odm", {"SURGERY_LOG_LINE": 1}),
    Expected(
        "odm/openclinica/extract.xml",
        "odm",
        {
            "SubjectData": 13,
            "IG_VERIF_UNGROUPED": 12,
            "IG_ELIGI_UNGROUPED": 11,
            "IG_PHYSI_UNGROUPED": 18,
            "IG_CONCO_CONCOMITANTMEDICATIONS": 4,
            "IG_AGENT_UNGROUPED": 6,
            "IG_AGENT_DOSETABLE": 4,
            "IG_ADVER_UNGROUPED": 1,
        },
    ),
    Expected(
        "odm/odmlib/odm-data-snapshot.xml",
        "odm",
        {
            "IG.AE": 1,
            "IG.AE.AE_ARRAY1": 20,
            "IG.CM": 2,
            "IG.DM": 2,
            "IG.DS": 1,
            "IG.EC": 1,
            "IG.EC.EC_ARRAY1": 8,
            "IG.LB.LB_ARRAY1": 18,
            "IG.VS": 2,
        },
        left_out=5,
    ),
    Expected("odm/odmlib/cdash-odm-source.xml", "odm", {"ODM.IG.COMMON": 3, "ODM.IG.DM": 3}),
    Expected(
        "odm/misc/odmxmltools_nvtest.xml",
        "odm",
        {"AN_IG_2": 2, "DE_IG_1": 1, "VIT_IG_1": 2},
        left_out=1,
    ),
    *refused(
        "odm",
        "this ODM file describes forms and items but holds no clinical data",
        "odm/misc/CDISC_ODM_1.3.2_example_sdtm_annotated.xml",
    ),
    *refused(
        "odm",
        "this is a Dataset-XML file, not ODM clinical data; send the datasets as SAS transport",
        "odm/odmlib/dataset-xml-ae.xml",
        "odm/odmlib/dataset-xml-dm.xml",
    ),
    *refused(
        "odm",
        r"this is an ODM 2\.0 file; only ODM 1\.1 to 1\.3\.2 can be read; ask for an ODM 1\.3\.2",
        "odm/odm2/Atlas_QS_ODMv2.xml",
        "odm/odm2/CDASH_1-1_MH_Example_Stroke_LungDisease_IBD_CancerHistory.xml",
        "odm/odm2/Demographics_RACE_check_all_that_apply.xml",
    ),
    *refused(
        "odm",
        "this is a Define-XML file .*, not ODM clinical data; it describes datasets",
        "submission/datasetjson/define.xml",
        "submission/define/defineV21-SDTM.xml",
        "submission/define/defineV21-ADaM.xml",
    ),
    # REDCap, as CSV with its dictionary and as XML
    redcap("checkboxes-1", "dictionary", form_1=4, form_2=4),
    redcap("clinical-trial-1", "dictionary", demographics=500),
    redcap("decimal-comma", "dictionay", demographics=4),
    redcap("repeating-instruments", "dictionary", demographics=2, bp=4),
    Expected(
        "redcap/checkboxes-1/project.xml",
        "odm",
        {
            "SubjectData": 4,
            "form_1.record_id": 4,
            "form_1.form_1_complete": 4,
            "form_2.check_one___1": 4,
            "form_2.form_2_complete": 3,
        },
    ),
    Expected(
        "redcap/clinical-trial-1/project.xml",
        "odm",
        {
            "SubjectData": 500,
            "demographics.record_id": 500,
            "demographics.demographics_complete": 500,
        },
    ),
    Expected(
        "redcap/decimal-comma/project.xml",
        "odm",
        {
            "SubjectData": 4,
            "demographics.record_id": 4,
            "demographics.demographics_complete": 4,
        },
    ),
    Expected(
        "redcap/repeating-instruments/project.xml",
        "odm",
        {
            "SubjectData": 2,
            "demographics.record_id": 2,
            "demographics.demographics_complete": 2,
            "bp.date_bp": 4,
            "bp.bp_complete": 4,
        },
    ),
    Expected(
        "redcap/redcap-etl/Visits.REDCap.xml",
        "odm",
        {
            "SubjectData": 1,
            "demography.record_id": 1,
            "demography.demography_complete": 1,
            "demographyextras.phone": 1,
            "demographyextras.demographyextras_complete": 1,
            "visit.visit_date": 2,
            "visit.visit_complete": 2,
            "visitsurvey.satisfaction": 2,
            "visitsurvey.visitsurvey_complete": 2,
            "visitresults.lab1": 2,
            "visitresults.visitresults_complete": 2,
            "followup.impression1": 2,
            "followup.followup_complete": 2,
        },
    ),
    Expected(
        "redcap/pycap/test_long_project.xml",
        "odm",
        {
            # Item groups without an OID (fields that a form hides) stand under their form.
            "Form.baseline_data": 2,
            "Form.completion_data": 1,
            "Form.contact_info": 3,
            "Form.patient_morale_questionnaire": 7,
            "Form.visit_blood_workup": 4,
            "SubjectData": 2,
            "baseline_data.baseline_data_complete": 2,
            "completion_data.completion_data_complete": 1,
            "completion_project_questionnaire.completion_project_questionnaire_complete": 1,
            "completion_project_questionnaire.cpq1": 1,
            "demographics.aerobics___0": 2,
            "contact_info.contact_info_complete": 3,
            "demographics.date_enrolled": 2,
            "demographics.demographics_complete": 2,
            "demographics.first_name": 2,
            "demographics.gym___0": 2,
            "demographics.study_id": 2,
            "patient_morale_questionnaire.patient_morale_questionnaire_complete": 9,
            "patient_morale_questionnaire.pmq1": 1,
            "visit_blood_workup.vbw1": 1,
            "visit_blood_workup.visit_blood_workup_complete": 5,
            "visit_lab_data.vld1": 4,
            "visit_lab_data.visit_lab_data_complete": 4,
            "visit_observed_behavior.vob1": 4,
            "visit_observed_behavior.visit_observed_behavior_complete": 5,
            "visit_observed_behavior.vob2": 2,
        },
    ),
    # SAS
    Expected("sas/charset/charset_lat1.sas7bdat", "sas7bdat", {"charset_lat1": 150}),
    Expected("sas/haven/hadley.sas7bdat", "sas7bdat", {"hadley": 8}),
    Expected("sas/pyreadstat/sample.sas7bdat", "sas7bdat", {"sample": 5}),
    Expected(
        "sas/pyreadstat/sample_bincompressed.sas7bdat", "sas7bdat", {"sample_bincompressed": 5}
    ),
    Expected("sas/pyreadstat/test_data_linux.sas7bdat", "sas7bdat", {"test_data_linux": 3}),
    Expected("sas/saslib/cp950.sas7bdat", "sas7bdat", {"cp950": 1}),
    Expected("sas/xportr/adsl.sas7bdat", "sas7bdat", {"adsl": 24}),
    Expected("sas/pyreadstat/sample.xpt", "xpt", {"SAMPLE": 5}),
    Expected("sas/pyreadstat/dates_xpt_v8.xpt", "xpt", {"DATES": 19}),
    *refused(
        "sas7bdat",
        "this is a SAS format catalog: it holds labels, not data; put it beside the sas7bdat",
        "sas/haven/formats.sas7bcat",
        "sas/pyreadstat/test_formats_linux.sas7bcat",
    ),
    *(
        Expected(f"submission/datasetjson/{name}.xpt", "xpt", {name.upper(): rows})
        for name, rows in {"dm": 18, "ae": 74, "suppdm": 3, "relrec": 6, "ts": 51, "ta": 8}.items()
    ),
    # Kinds that are not read: the refusal says what the file is and what to do
    *refused(
        "delimited",
        DATASET_JSON,
        *(
            f"submission/datasetjson/{name}.{form}"
            for name in ("dm", "ae", "suppdm", "relrec", "ts", "ta")
            for form in ("json", "ndjson", "dsjc")
        ),
    ),
    *refused(
        "delimited",
        FHIR,
        "fhir/synthea/Liz_Conn_27c911c6-f045-4ffa-af5d-6eba57ac94b2.json",
        "fhir/hl7be_lab/uzg_1a_bundle_2204041357.json",
        "fhir/hl7be_lab/uzg_7_bundle_2204051716.json",
        "fhir/ndjson/patient.ndjson",
        *(
            f"fhir/resources/{name}.json"
            for name in ("Patient.1", "Condition.1", "Observation.1", "MedicationRequest.1")
        ),
        "fhir/resources/AllergyIntolerance.json",
    ),
    *refused(
        "delimited",
        "this is an HL7 v2 message; HL7 v2 is not yet a kind of source; ask the laboratory",
        "hl7v2/LAB-ORU-2.hl7",
    ),
    *refused(
        "delimited",
        "this is a Parquet file; export it as CSV",
        "edc-extract/ex.parquet",
        "edc-extract/studcomp.parquet",
    ),
    *refused(
        "delimited", "this is a JSON file; correct the source's", "edc-extract/ex_metadata.json"
    ),
]


def collected(expected: Expected, folder: Path) -> CollectReport:
    """Collect one reference file as the only source of a study."""
    source = {"kind": expected.kind, "path": str(INPUTS / expected.path), "site": "01"}
    settings = {name: str(INPUTS / str(value)) for name, value in expected.settings.items()}
    study = {
        "version": 1,
        "study": "REF",
        "title": "Reference inputs",
        "cutoff": "2026-01-01",
        "standards": {"ct": "2025-03-28"},
        "sites": {"01": {"name": "One", "country": "CHE"}},
        "sources": {"edc": source | settings},
    }
    (folder / "study.yaml").write_text(json.dumps(study), encoding="utf-8")
    out = folder / "out"
    out.mkdir()
    snapshots = Snapshots(open_store("store", folder), folder / "cache")
    return collect(StudyFolder(folder), "edc", snapshots, out)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected.path)
def test_collected_with_the_right_counts_or_refused_in_one_line(expected, tmp_path):
    if expected.refusal:
        with pytest.raises(DeliveryError, match=expected.refusal) as caught:
            collected(expected, tmp_path)
        assert "\n" not in str(caught.value)
        assert Path(expected.path).name in str(caught.value)
        assert list((tmp_path / "out").iterdir()) == []
        return
    report = collected(expected, tmp_path)
    assert {table.name: table.rows for table in report.tables} == expected.tables
    assert report.quarantined == 0
    assert sum(sum(file.left_out.values()) for file in report.files) == expected.left_out
    assert report.records == counted_again(INPUTS / expected.path)


def test_every_reference_file_has_its_row():
    dictionaries = {expected.settings.get("dictionary") for expected in EXPECTED}
    listed = {expected.path for expected in EXPECTED} | dictionaries
    there = {
        path.relative_to(INPUTS).as_posix()
        for path in INPUTS.rglob("*")
        if path.is_file() and path.name != "MANIFEST.md"
    }
    assert there - listed == set()


def counted_again(path: Path) -> int:
    """The file's records, counted without our readers."""
    if path.suffix == ".csv":
        return csv_records(
            path.read_text(encoding="utf-8-sig"), ";" if "castor" in str(path) else ","
        )
    if path.suffix == ".gz":
        return csv_records(gzip.decompress(path.read_bytes()).decode(), ",")
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".xls")]
            return sum(csv_records(archive.read(name).decode("utf-8-sig"), "\t") for name in names)
    if path.suffix == ".xml":
        return len(re.findall(r"<(?:\w+:)?ItemGroupData\b", path.read_text(encoding="utf-8-sig")))
    if path.suffix == ".xlsx":
        sheets = openpyxl.load_workbook(path).worksheets
        return sum(sum(any(row) for row in sheet.values) - 1 for sheet in sheets)
    read = pyreadstat.read_xport if path.suffix == ".xpt" else pyreadstat.read_sas7bdat
    frame, _ = read(str(path), disable_datetime_conversion=True)
    return len(frame)


def csv_records(text: str, separator: str) -> int:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return sum(1 for row in rows if row) - 1


@pytest.mark.parametrize(
    ("project", "dictionary", "differing"),
    [
        ("clinical-trial-1", "dictionary", set()),
        ("repeating-instruments", "dictionary", set()),
        ("decimal-comma", "dictionay", set()),
        # REDCap itself writes these two differently: a status of 0 only as CSV, line breaks as
        # blanks in CSV.
        ("checkboxes-1", "dictionary", {"FORM_2_COMPLETE", "DESIRED_RESULT"}),
    ],
)
def test_redcap_gives_the_same_data_as_csv_and_as_xml(project, dictionary, differing, tmp_path):
    """The same project exported twice; the XML's item groups are joined to forms by staging."""
    import polars as pl

    from sdtmflow.sources.stage import stage

    staged = {}
    for kind, path, extra in (
        ("redcap", "data.csv", {"dictionary": str(INPUTS / f"redcap/{project}/{dictionary}.csv")}),
        ("odm", "project.xml", {}),
    ):
        folder = tmp_path / kind
        folder.mkdir()
        expected = Expected(f"redcap/{project}/{path}", kind, settings=extra)
        report = collected(expected, folder)
        forms = sorted(
            {name.rpartition(".")[2] for table in report.tables for name in table.forms}
            or {table.name for table in report.tables}
        )
        study = json.loads((folder / "study.yaml").read_text())
        study["sources"]["edc"]["tables"] = {
            form: {"from": f"Form.{form}" if kind == "odm" else form} for form in forms
        }
        (folder / "study.yaml").write_text(json.dumps(study))
        partition = folder / "staged"
        partition.mkdir()
        stage(StudyFolder(folder).study, "01", {"edc": folder / "out"}, partition)
        staged[kind] = {form: pl.read_parquet(partition / f"{form}.parquet") for form in forms}
    assert staged["redcap"].keys() == staged["odm"].keys()
    for form, by_csv in staged["redcap"].items():
        by_xml = staged["odm"][form]
        keys = {"REDCAP_REPEAT_INSTRUMENT", "REDCAP_REPEAT_INSTANCE"} | differing
        shared = [name for name in by_csv.columns if not name.startswith("_") and name not in keys]
        if "RECORD_ID" not in by_xml.columns:
            by_xml = by_xml.rename({"SUBJECTKEY": "RECORD_ID"})
        elif by_xml["RECORD_ID"].null_count():
            by_xml = by_xml.with_columns(pl.col("SUBJECTKEY").alias("RECORD_ID"))
        assert by_xml.select(shared).sort(shared).equals(by_csv.select(shared).sort(shared)), form


@pytest.mark.parametrize("cut", [0.05, 0.3, 0.7, 0.999])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("sas/xportr/adsl.sas7bdat", "sas7bdat"),
        ("sas/pyreadstat/sample_bincompressed.sas7bdat", "sas7bdat"),
        ("submission/datasetjson/ae.xpt", "xpt"),
        ("odm/openclinica/extract.xml", "odm"),
        ("irt/viedoc_randomization_list.xlsx", "excel"),
        ("secutrial/s_export_CSV-xls_CTU05_short_ref_miss_fr_utf8bom.zip", "delimited"),
    ],
)
def test_a_real_file_that_is_cut_off_is_refused(path, kind, cut, tmp_path):
    content = (INPUTS / path).read_bytes()
    short = tmp_path / Path(path).name
    short.write_bytes(content[: int(len(content) * cut)])
    with pytest.raises(DeliveryError) as caught:
        collected(Expected(str(short), kind), tmp_path)
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []
