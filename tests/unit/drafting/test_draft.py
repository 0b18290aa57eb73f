"""Drafts of specs: what is proposed, what is left open, and that every draft loads."""

import re

import pytest

from sdtmflow.drafting import draft_specs
from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.study import StudyFolder

STUDY = """version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources:
  edc: {kind: KIND, path: raw, site: "01"}
"""
AE = """SUBJID,IT.AETERM,AE_SEVERITY,AESTDT,AEENDT,AESER,ASSESSOR
1,Headache,Mild,03-JAN-2025,01/02/2025,N,secret one
2,Nausea,Severe,14-FEB-2025,03/04/2025,Y,secret two
"""
VS = "SUBJID,VISIT,VSDT,SYSBP,DIABP,SYSBPU\n1,Week 1,2025-01-03,120,80,mmHg\n"
ODM = """<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot"
 FileOID="F" CreationDateTime="2025-01-01T00:00:00"><Study OID="S"><GlobalVariables>
<StudyName>S</StudyName></GlobalVariables><MetaDataVersion OID="M" Name="M">
<FormDef OID="F1" Name="Reactions" Repeating="No"><ItemGroupRef ItemGroupOID="G1"/></FormDef>
<ItemGroupDef OID="G1" Name="Adverse Events" Repeating="Yes">
<ItemRef ItemOID="I1"/><ItemRef ItemOID="I2"/><ItemRef ItemOID="I3"/></ItemGroupDef>
<ItemDef OID="I1" Name="Q1" DataType="text"><Alias Context="SDTM" Name="AE.AETERM"/></ItemDef>
<ItemDef OID="I2" Name="Q2" DataType="text" SDSVarName="AESEV"/>
<ItemDef OID="I3" Name="Q3" DataType="text"><Alias Context="SDTM" Name="NOT SUBMITTED"/></ItemDef>
</MetaDataVersion></Study></ODM>
"""


@pytest.fixture
def study(tmp_path):
    def make(kind="delimited", **files):
        (tmp_path / "study.yaml").write_text(STUDY.replace("KIND", kind))
        (tmp_path / "raw").mkdir()
        for name, text in files.items():
            (tmp_path / "raw" / name.replace("__", ".")).write_text(text)
        return StudyFolder(tmp_path)

    return make


def test_a_draft_loads_and_says_what_is_sure_doubtful_and_open(study):
    folder = study(ae_raw__csv=AE)
    text = draft_specs(folder, "edc").texts()["ae.yaml"]
    assert "\nfrom: ae_raw\n" in text
    assert 'where: "`IT.AETERM` is not missing"' in text
    assert "  AETERM: {assign: IT.AETERM}\n" in text
    assert "  AESEV: {assign_ct: AE_SEVERITY}\n" in text
    assert "  AESTDTC: {datetime: AESTDT, formats: [DD-MON-YYYY]}\n" in text
    assert "#   AEENDTC: {datetime: AEENDT, formats: [DD/MM/YYYY]}\n" in text
    assert "the same with day and month changed" in text
    assert "#   raw column ASSESSOR is not read" in text
    assert "#   AEDECOD (Dictionary-Derived Term) is required and has no source here" in text
    assert "AESER → AESER (0.95)" in text
    folder.mappings.mkdir()
    (folder.mappings / "ae.yaml").write_text(text)
    lines = {line.variable: line for line in load_plan(folder).domains["AE"].lines}
    assert lines["AESEV"].line.assign_ct == "AE_SEVERITY"
    assert lines["AESTDTC"].place.startswith("mappings/ae.yaml:")


def test_no_value_of_the_data_is_written(study):
    drafted = draft_specs(study(ae_raw__csv=AE, vs__csv=VS), "edc")
    text = "".join(drafted.texts().values())
    assert not any(value in text for value in ("secret", "Headache", "Severe", "Week 1", "120"))


def test_wide_results_become_an_unpivot(study):
    text = draft_specs(study(vs__csv=VS), "edc").texts()["vs.yaml"]
    columns = 'columns: {RESULT: "{}", UNIT: "{}U"}'
    assert f"unpivot: {{into: TESTCD, values: [DIABP, SYSBP], {columns}}}" in text


def test_annotations_of_an_odm_file_without_data_are_followed(study):
    text = draft_specs(study("odm", study__xml=ODM), "edc").texts()["ae.yaml"]
    assert "AETERM: {assign: Q1}" in text
    assert "annotated SDTM: AE.AETERM" in text
    assert "AESEV: {assign_ct: Q2}" in text
    assert "#   raw column Q3 is not read" in text


def test_a_proposal_below_the_threshold_is_left_open(study):
    folder = study(ae_raw__csv=AE)
    text = draft_specs(folder, "edc", threshold=0.9).texts()["ae.yaml"]
    assert "AESEV: {" not in text
    assert "raw column AE_SEVERITY is not read; nearest is AESEV" in text


def test_a_table_that_is_not_delivered_is_told(study):
    with pytest.raises(StudyError, match="delivers no table 'cm'; it delivers ae_raw"):
        draft_specs(study(ae_raw__csv=AE), "edc", tables=["cm"])


def test_a_source_that_the_study_does_not_have_is_told(study):
    with pytest.raises(StudyError, match="has no source 'ecd'"):
        draft_specs(study(ae_raw__csv=AE), "ecd")


def test_the_same_delivery_gives_the_same_draft(study):
    folder = study(ae_raw__csv=AE, vs__csv=VS)
    assert draft_specs(folder, "edc").texts() == draft_specs(folder, "edc").texts()


def test_the_domain_of_a_table_may_be_said(study):
    folder = study(messung__csv="SUBJID,WERT,DATUM\n1,5,2025-01-03\n")
    assert draft_specs(folder, "edc").sheets == ()
    drafted = draft_specs(folder, "edc", domains={"messung": "vs"})
    assert list(drafted.texts()) == ["vs.yaml"]
    assert "from the raw table messung" in drafted.texts()["vs.yaml"]
    assert [(table.name, silent) for table, silent in drafted.hardly_read()] == [("messung", 2)]


@pytest.mark.parametrize(
    ("domains", "told"),
    [
        ({"ae_raw": "XX"}, "no draft can be made of 'XX'; write one of: AE, "),
        ({"aee": "AE"}, "delivers no table 'aee'; it delivers ae_raw"),
    ],
)
def test_a_domain_that_cannot_be_drafted_is_told(study, domains, told):
    with pytest.raises(StudyError, match=re.escape(told)):
        draft_specs(study(ae_raw__csv=AE), "edc", domains=domains)


def test_texts_that_are_no_terms_are_counted_and_never_quoted(study):
    folder = study(ae_raw__csv=AE.replace("Mild", "leicht"))
    text = draft_specs(folder, "edc").texts()["ae.yaml"]
    assert "#   AESEV: 1 of 2 texts are no terms of AESEV, a closed codelist;\n" in text
    assert "#     say what they mean in terms/AESEV.csv (collected,submission)\n" in text
    assert "leicht" not in text
    folder.terms.mkdir()
    (folder.terms / "AESEV.csv").write_text("collected,submission\nleicht,MILD\n")
    assert "are no terms" not in draft_specs(folder, "edc").texts()["ae.yaml"]
