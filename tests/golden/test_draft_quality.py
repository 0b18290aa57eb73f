"""How good drafts are: proposals against what is known to be right, on data nobody wrote for us.

Right, wrong and left open are counted by raw column; a column that belongs to no variable and is
left open is right to be open, and not counted. Precision is right / proposed, coverage right /
wanted. The floors are what was measured, less a margin of one or two columns.
"""

import shutil
from pathlib import Path

import pytest

from sdtmflow.drafting import Draft, draft_specs
from sdtmflow.study import Study, StudyFolder
from sdtmflow.typed_yaml import load_yaml

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT.parent / "shared" / "reference"
needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"the reference data is not at {REFERENCE}"
)

STUDY = """version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources:
  edc: {kind: delimited, path: raw, site: "01", subject_column: SUBJECT}
"""


def same(*names):
    return {name: {name} for name in names}


BOOTCAMP = {
    "ae_raw": same("AETERM", "AESEV", "AESER", "AEREL", "AEOUT")
    | {"AESTDT": {"AESTDTC"}, "AEENDT": {"AEENDTC"}},
    "cm_raw": same("CMTRT", "CMINDC", "CMDOSE", "CMDOSU", "CMROUTE")
    | {"CMSTDT": {"CMSTDTC"}, "CMENDT": {"CMENDTC"}, "CMFREQ": {"CMDOSFRQ"}},
    "dm_raw": same("BRTHDTC", "SEX", "RACE", "ETHNIC", "COUNTRY", "ARM", "RFICDTC"),
    "ds_raw": {"EOSSTAT": {"DSDECOD"}, "EOSDT": {"DSSTDTC"}, "EOSREAS": {"DSDECOD"},
               "EOSOTH": {"DSTERM"}},
    "ex_raw": same("EXTRT", "EXDOSE", "EXDOSU", "EXROUTE", "EXSTDTC", "EXENDTC")
    | {"EXFREQ": {"EXDOSFRQ"}},
    "lb_raw": same("LBORRES", "LBORRESU", "LBORNRLO", "LBORNRHI")
    | {"LBDT": {"LBDTC"}, "LBTEST": {"LBTEST", "LBTESTCD"},
       "VISIT": {"VISIT", "VISITNUM", "VISITDY"}},
    "vs_raw": {each: {each} for each in ("SYSBP", "DIABP", "PULSE", "TEMP", "HEIGHT", "WEIGHT")}
    | {"VSDT": {"VSDTC"}, "VISIT": {"VISIT", "VISITNUM", "VISITDY"}, "VSND": {"VSSTAT"}},
}  # fmt: skip
CODED = ("LLT", "LLTCD", "DECOD", "PTCD", "HLT", "HLTCD", "HLGT", "HLGTCD", "SOC", "SOCCD")
OAK = {
    "ae": same(*(f"AE{end}" for end in CODED))
    | same("AESPID", "AETERM", "AESEV", "AESER", "AEACN", "AEREL", "AEOUT", "AESCAN", "AESCONG")
    | same("AESDISAB", "AESDTH", "AESHOSP", "AESLIFE", "AESOD")
    | {"AESTDAT": {"AESTDTC"}, "AEENDAT": {"AEENDTC"}, "AEDAT": {"AEDTC"}, "AEONGO": {"AEENRTPT"}},
    "dm": same("AGE", "AGEU", "SEX", "ETHNIC", "RACE", "COUNTRY") | {"DMDAT": {"DMDTC"}},
}
PHARMAVERSE = {
    "ae_raw": same(*(f"AE{end}" for end in (*CODED, "BODSYS", "BDSYCD")), "AESCAN", "AESOD")
    | {f"IT.AE{e}": {f"AE{e}"} for e in ("TERM", "SEV", "SER", "REL", "ACN")}
    | {f"IT.AES{e}": {f"AES{e}"} for e in ("DTH", "HOSP", "LIFE")}
    | {"AEOUTCOME": {"AEOUT"}, "AESCNO": {"AESCONG"}, "AEDIS": {"AESDISAB"}}
    | {"AEDTCOL": {"AEDTC"}, "IT.AESTDAT": {"AESTDTC"}, "IT.AEENDAT": {"AEENDTC"}},
    "dm_raw": {f"IT.{name}": {name} for name in ("AGE", "SEX", "ETHNIC", "RACE")}
    | {"COUNTRY": {"COUNTRY"}, "PLANNED_ARM": {"ARM"}, "PLANNED_ARMCD": {"ARMCD"}}
    | {"ACTUAL_ARM": {"ACTARM"}, "ACTUAL_ARMCD": {"ACTARMCD"}}
    | {"COL_DT": {"DMDTC"}, "IC_DT": {"RFICDTC"}},
}


def scored(draft: Draft, truth: dict[str, dict[str, set[str]]]) -> tuple[int, int, int]:
    """Right, wrong, wanted."""
    said: set[tuple[str, str, str]] = set()
    for sheet in draft.sheets:
        table = sheet.choice.table.name
        said |= {(table, c, line.variable) for line in sheet.lines for c in line.columns}
        if sheet.wide and sheet.wide.template:
            said |= {(table, column.name, code) for code, column in sheet.wide.results.items()}
    right = {(t, c) for t, c, variable in said if variable in truth.get(t, {}).get(c, set())}
    wrong = {(t, c) for t, c, _ in said} - right
    return len(right), len(wrong), sum(map(len, truth.values()))


@needs_reference
@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "truth", "precision", "coverage"),
    [
        ("inputs/raw2sdtm/bootcamp_ABC-01", BOOTCAMP, 0.97, 0.83),
        ("inputs/raw2sdtm/360i_oak/raw", OAK, 0.97, 0.97),
        ("pharmaverse/raw", PHARMAVERSE, 0.97, 0.75),
    ],
)
def test_drafts_of_public_raw_data(tmp_path, folder, truth, precision, coverage):
    (tmp_path / "study.yaml").write_text(STUDY)
    (tmp_path / "raw").mkdir()
    for path in (REFERENCE / folder).glob("*.csv"):
        shutil.copy(path, tmp_path / "raw" / path.name)
    right, wrong, wanted = scored(draft_specs(StudyFolder(tmp_path), "edc"), truth)
    assert right / (right + wrong) >= precision, (right, wrong, wanted)
    assert right / wanted >= coverage, (right, wrong, wanted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "precision", "coverage"),
    [("boston_redcap", 0.9, 0.6), ("leeds_xpt", 0.93, 0.45), ("basel_odm", 0.93, 0.55)],
)
def test_drafts_of_the_demo_s_exports_without_their_names_in_study_yaml(
    tmp_path, source, precision, coverage
):
    demo = ROOT / "studies" / "demo"
    truth = load_yaml(demo / "study.yaml", Study).sources[source]
    subject = truth.tables["dm"].columns["SUBJID"]
    bare = truth.model_copy(update={"tables": {}, "subject_column": subject, "site": "01"})
    said = bare.model_dump_json(by_alias=True, exclude_defaults=True)
    (tmp_path / "study.yaml").write_text(STUDY[: STUDY.index("  edc:")] + f"  {source}: {said}\n")
    shutil.copytree(demo / "raw", tmp_path / "raw")
    wanted = {
        (table, sent.upper()): own
        for table, spec in truth.tables.items()
        for own, sent in spec.columns.items()
        if own != "SUBJID"
    }
    right = wrong = 0
    for sheet in draft_specs(StudyFolder(tmp_path), source).sheets:
        for column, name in _names(sheet):
            known = wanted.get((sheet.domain.lower(), column.sent.upper()))
            is_right = known == name or (known is None and column.name == name)
            right, wrong = right + is_right, wrong + (not is_right)
    assert right / (right + wrong) >= precision, (right, wrong, len(wanted))
    assert right / len(wanted) >= coverage, (right, wrong, len(wanted))


def _names(sheet):
    """Each column that is read, and the standard spec's raw name for what it makes."""
    for line in sheet.lines:
        target = sheet.choice.domain.targets[line.variable]
        for own, standard in zip(line.columns, target.raw or (line.variable,), strict=False):
            yield sheet.choice.table.column(own), standard
    for code, column in sheet.wide.results.items() if sheet.wide else ():
        yield column, f"{code}_VSORRES"
