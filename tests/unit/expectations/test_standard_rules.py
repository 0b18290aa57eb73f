"""Every standard rule finds its defect and only that: one study, one subject a case, one run.

The sound subject is the example of each rule that passes; each case changes it in one place.
"""

import copy

import polars as pl
import pytest

from expectations.check import check_tables
from expectations.standard import standard_suites
from sdtmflow.documents.guide.rules import rule_text
from sdtmflow.finding import Stage
from sdtmflow.study import StudyFolder

SOUND = {
    "DM": [
        {
            "SUBJID": "001", "RFSTDTC": "2024-01-10", "RFENDTC": "2024-03-20",
            "RFXSTDTC": "2024-01-10", "RFXENDTC": "2024-03-01", "RFICDTC": "2024-01-02",
            "RFPENDTC": "2024-03-20", "DTHDTC": "2024-03-20", "DTHFL": "Y", "SITEID": "01",
            "AGE": 60.0, "AGEU": "YEARS", "SEX": "F", "RACE": "MULTIPLE", "ARMCD": "A",
            "ARM": "Active", "ACTARMCD": "A", "ACTARM": "Active", "ARMNRS": None, "COUNTRY": "DEU",
        }
    ],
    "AE": [
        {
            "AESEQ": 1.0, "AETERM": "STROKE", "AEDECOD": "Stroke", "AESEV": "SEVERE",
            "AESER": "Y", "AEOUT": "FATAL", "AESDTH": "Y", "EPOCH": "TREATMENT",
            "AESTDTC": "2024-02", "AEENDTC": "2024-03-20", "AESTDY": None, "AEENDY": 71.0,
            "AEDUR": "P1M",
        },
        {
            "AESEQ": 2.0, "AETERM": "RASH", "AEDECOD": "Rash", "AESEV": "MILD", "AESER": "N",
            "AEOUT": "RECOVERED/RESOLVED", "AESDTH": None, "EPOCH": "SCREENING",
            "AESTDTC": "2024-01-09", "AEENDTC": "2024-01", "AESTDY": -1.0, "AEENDY": None,
            "AEDUR": None,
        },
    ],
    "CO": [{"RDOMAIN": "AE", "COSEQ": 1.0, "IDVAR": "AESEQ", "IDVARVAL": "2", "COVAL": "Mild"}],
    "DD": [
        {"DDSEQ": 1.0, "DDTESTCD": "PRCDTH", "DDTEST": "Primary Cause of Death",
         "DDORRES": "STROKE", "DDSTRESC": "STROKE", "DDDTC": "2024-03-25"}
    ],
    "DS": [
        {"DSSEQ": 1.0, "DSTERM": "DEATH", "DSDECOD": "DEATH", "DSCAT": "DISPOSITION EVENT",
         "DSSTDTC": "2024-03-20T10:00"},
        {"DSSEQ": 2.0, "DSTERM": "CONSENT", "DSDECOD": "INFORMED CONSENT OBTAINED",
         "DSCAT": "PROTOCOL MILESTONE", "DSSTDTC": "2024-01-02"},
    ],
    "DV": [{"DVSEQ": 1.0, "DVTERM": "LATE", "DVSTDTC": "2024-01-20"}],
    "EX": [
        {"EXSEQ": 1.0, "EXTRT": "DRUG", "EXDOSE": 5.0, "EXDOSU": "mg", "EPOCH": "TREATMENT",
         "EXSTDTC": "2024-01-10", "EXENDTC": "2024-03-01"}
    ],
    "IE": [
        {"IESEQ": 1.0, "IETESTCD": "INC1", "IETEST": "Adult", "IECAT": "INCLUSION",
         "IEORRES": "N", "IESTRESC": "N"}
    ],
    "LB": [
        {
            "LBSEQ": 1.0, "LBTESTCD": "GLUC", "LBTEST": "Glucose", "LBCAT": "CHEMISTRY",
            "LBORRES": "5.5", "LBORRESU": "mmol/L", "LBORNRLO": "4", "LBORNRHI": "6",
            "LBSTRESC": "5.5", "LBSTRESN": 5.5, "LBSTRESU": "mmol/L", "LBSTNRLO": 4.0,
            "LBSTNRHI": 6.0, "LBSTAT": None, "LBSPEC": "SERUM", "LBLOBXFL": "Y", "LBBLFL": "Y",
            "VISITNUM": 1.0, "VISIT": "BASELINE", "VISITDY": 1.0, "EPOCH": "SCREENING",
            "LBDTC": "2024-01-10",
        },
        {
            "LBSEQ": 2.0, "LBTESTCD": "GLUC", "LBTEST": "Glucose", "LBCAT": "CHEMISTRY",
            "LBORRES": None, "LBORRESU": None, "LBORNRLO": None, "LBORNRHI": None,
            "LBSTRESC": None, "LBSTRESN": None, "LBSTRESU": None, "LBSTNRLO": None,
            "LBSTNRHI": None, "LBSTAT": "NOT DONE", "LBSPEC": "SERUM", "LBBLFL": None,
            "LBLOBXFL": None, "VISITNUM": 9.0, "VISIT": "UNSCHEDULED", "VISITDY": None,
            "EPOCH": None, "LBDTC": None,
        },
    ],
    "MH": [{"MHSEQ": 1.0, "MHTERM": "ASTHMA", "MHSTDTC": "1999"}],
    "RELREC": [
        {"RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "2", "RELTYPE": None, "RELID": "R1"},
        {"RDOMAIN": "EX", "IDVAR": "EXSEQ", "IDVARVAL": "1", "RELTYPE": None, "RELID": "R1"},
    ],
    "SE": [
        {"SESEQ": 1.0, "ETCD": "SCRN", "EPOCH": "SCREENING", "SESTDTC": "2024-01-02",
         "SEENDTC": "2024-01-10"},
        {"SESEQ": 2.0, "ETCD": "ACT", "EPOCH": "TREATMENT", "SESTDTC": "2024-01-10",
         "SEENDTC": "2024-03-20"},
    ],
    "SS": [
        {"SSSEQ": 1.0, "SSTESTCD": "SURVSTAT", "SSTEST": "Survival Status", "SSORRES": "DEAD",
         "SSSTRESC": "DEAD", "SSDTC": "2024-03-21"}
    ],
    "SUPPAE": [
        {"RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "1", "QNAM": "AETRTEM",
         "QLABEL": "Treatment Emergent Flag", "QVAL": "Y", "QORIG": "Derived"}
    ],
    "SUPPDM": [
        {"RDOMAIN": "DM", "IDVAR": None, "IDVARVAL": None, "QNAM": "RACE1", "QLABEL": "Race 1",
         "QVAL": "WHITE", "QORIG": "CRF"}
    ],
    "SV": [
        {"VISITNUM": 1.0, "VISIT": "BASELINE", "SVPRESP": "Y", "VISITDY": 1.0,
         "SVSTDTC": "2024-01-10", "SVENDTC": "2024-01-10"},
        {"VISITNUM": 9.0, "VISIT": "UNSCHEDULED", "SVPRESP": None, "VISITDY": None,
         "SVSTDTC": "2024-02-10", "SVENDTC": "2024-02-10"},
    ],
}  # fmt: skip
DESIGN = {
    "TA": [
        {"ARMCD": "A", "ARM": "Active", "TAETORD": 1.0, "ETCD": "SCRN", "EPOCH": "SCREENING"},
        {"ARMCD": "A", "ARM": "Active", "TAETORD": 2.0, "ETCD": "ACT", "EPOCH": "TREATMENT"},
        {"ARMCD": "A", "ARM": "Active", "TAETORD": 3.0, "ETCD": "GONE", "EPOCH": "FOLLOW-UP"},
    ],
    "TE": [
        {"ETCD": "SCRN", "ELEMENT": "Screening", "TESTRL": "Consent"},
        {"ETCD": "ACT", "ELEMENT": "Active", "TESTRL": "First dose"},
    ],
    "TS": [
        {"TSSEQ": 1.0, "TSPARMCD": "TITLE", "TSPARM": "Trial Title", "TSVAL": "One"},
        {"TSSEQ": 2.0, "TSPARMCD": "TITLE", "TSPARM": "Title", "TSVAL": "Two"},
    ],
    "TV": [
        {"VISITNUM": 1.0, "VISIT": "BASELINE", "VISITDY": 1.0, "ARMCD": None},
        {"VISITNUM": 2.0, "VISIT": "WEEK 2", "VISITDY": 15.0, "ARMCD": "B"},
    ],
}
OF_DESIGN = {"SDTM032 TS.TSPARM", "SDTM092 TA.ETCD", "SDTM097 TV.ARMCD"}

# Name → what is changed ("dataset row": values; "dataset": other rows), and what must be found.
CASES = {
    "no term": ({"AE 1": {"AETERM": None}}, {"SDTM002 AE.AETERM"}),
    "another study": ({"MH 0": {"STUDYID": "T2"}}, {"SDTM004 MH.STUDYID"}),
    "another domain": ({"MH 0": {"DOMAIN": "AE"}}, {"SDTM005 MH.DOMAIN"}),
    "another parent": ({"SUPPAE 0": {"RDOMAIN": "CM"}},
                       {"SDTM005 SUPPAE.RDOMAIN", "SDTM099 SUPPAE.RDOMAIN"}),
    "twice in DM": ({"DM": [*SOUND["DM"], *SOUND["DM"]]}, {"SDTM006 DM.USUBJID"}),
    "not in DM": ({dataset: [] for dataset in SOUND if dataset != "MH"}, {"SDTM007 MH.USUBJID"}),
    "number used twice": ({"MH": [*SOUND["MH"], *SOUND["MH"]]}, {"SDTM008 MH.MHSEQ"}),
    "qualifier twice": ({"SUPPAE": [*SOUND["SUPPAE"], *SOUND["SUPPAE"]]}, {"SDTM009 SUPPAE.QNAM"}),
    "no date": ({"AE 1": {"AESTDTC": "9 Jan 2024", "AESTDY": None}}, {"SDTM010 AE.AESTDTC"}),
    "day that is not": ({"MH 0": {"MHSTDTC": "1999-02-30"}}, {"SDTM010 MH.MHSTDTC"}),
    "end before start": ({"AE 1": {"AEENDTC": "2023-12"}}, {"SDTM011 AE.AESTDTC"}),
    "day zero": ({"AE 1": {"AESTDY": 0.0}}, {"SDTM012 AE.AESTDY"}),
    "no day": ({"AE 1": {"AESTDY": None}}, {"SDTM012 AE.AESTDY"}),
    "day of a partial date": ({"AE 0": {"AESTDY": 30.0}}, set()),
    "no term of a closed list": ({"AE 1": {"AESEV": "Mild"}}, {"SDTM013 AE.AESEV"}),
    "no name": ({"IE 0": {"IETESTCD": "1INC"}}, {"SDTM014 IE.IETESTCD"}),
    "long label": ({"SUPPAE 0": {"QNAM": "OTHER", "QLABEL": "x" * 41}},
                   {"SDTM016 SUPPAE.QLABEL"}),
    "no duration": ({"AE 0": {"AEDUR": "1 month"}}, {"SDTM017 AE.AEDUR"}),
    "negative duration": ({"AE 0": {"AEDUR": "-P1D"}}, {"SDTM017 AE.AEDUR"}),
    "empty duration": ({"AE 0": {"AEDUR": "PT"}}, {"SDTM017 AE.AEDUR"}),
    "long duration": ({"AE 0": {"AEDUR": "P1Y2M3DT4H5M6.5S"}}, set()),
    "spelling": ({"LB 0": {"LBORRESU": "MMOL/L"}}, {"SDTM019 LB.LBORRESU"}),
    "own term": ({"LB 0": {"LBORRESU": "spoons"}}, set()),
    "number zero": ({"MH 0": {"MHSEQ": 0.0}}, {"SDTM020 MH.MHSEQ"}),
    "two names of a test": ({"LB 0": {"LBTEST": "Sugar"}}, {"SDTM030 LB.LBTEST"}),
    "two labels": ({"SUPPAE 0": {"QLABEL": "Emergent"}}, {"SDTM031 SUPPAE.QLABEL"}),
    "two names of a visit": (
        {"LB 0": {"VISIT": "DAY 1"}, "SV 0": {"VISIT": "DAY 1"}},
        {"SDTM033 LB.VISIT", "SDTM033 SV.VISIT", "SDTM083 SV.VISIT"},
    ),
    "result of a test not done": ({"LB 1": {"LBORRES": "5"}}, {"SDTM034 LB.LBORRES"}),
    "another number": ({"LB 0": {"LBSTRESN": 5.6}}, {"SDTM035 LB.LBSTRESN"}),
    "number is missing": ({"LB 0": {"LBSTRESN": None}}, {"SDTM035 LB.LBSTRESN"}),
    "number of no number": ({"LB 0": {"LBSTRESC": "<5.5"}}, {"SDTM035 LB.LBSTRESN"}),
    "two units": ({"LB 0": {"LBSTRESU": "g/L"}}, {"SDTM036 LB.LBSTRESU"}),
    "range upside down": (
        {"LB 0": {"LBSTNRLO": 7.0, "LBORNRLO": "7"}},
        {"SDTM037 LB.LBSTNRHI", "SDTM038 LB.LBORNRHI"},
    ),
    "flags without result": (
        {"LB 0": {"LBSTRESC": None, "LBSTRESN": None}},
        {"SDTM039 LB.LBSTRESC", "SDTM040 LB.LBSTRESC"},
    ),
    "criterion, not serious": ({"AE 0": {"AESER": "N"}}, {"SDTM041 AE.AESER"}),
    "end of what goes on": ({"AE 1": {"AEOUT": "NOT RECOVERED/NOT RESOLVED"}},
                            {"SDTM042 AE.AEOUT"}),
    "resolved, no end": ({"AE 1": {"AEENDTC": None}}, {"SDTM043 AE.AEENDTC"}),
    "death that was not fatal": ({"AE 0": {"AEOUT": "UNKNOWN"}}, {"SDTM044 AE.AEOUT"}),
    "negative age": ({"DM 0": {"AGE": -44.0}}, {"SDTM045 DM.AGE"}),
    "negative dose": ({"EX 0": {"EXDOSE": -5.0}}, {"SDTM046 EX.EXDOSE"}),
    "late consent": (
        {"DM 0": {"RFICDTC": "2024-01-11"}},
        {"SDTM047 DM.RFICDTC", "SDTM048 DM.RFICDTC", "SDTM074 DS.DSSTDTC"},
    ),
    "reason for an arm": ({"DM 0": {"ARMNRS": "SCREEN FAILURE"}}, {"SDTM049 DM.ARMNRS"}),
    "no arm, no reason": (
        {"DM 0": {"ACTARMCD": None, "ACTARM": None}}, {"SDTM050 DM.ARMNRS"}
    ),
    "variable without value": (
        {"CO 0": {"IDVARVAL": None}}, {"SDTM051 CO.IDVARVAL", "SDTM098 CO.IDVARVAL"}
    ),
    "value without variable": (
        {"CO 0": {"IDVAR": None}}, {"SDTM052 CO.IDVAR", "SDTM098 CO.IDVARVAL"}
    ),
    "criterion that was met": (
        {"IE 0": {"IEORRES": "Y"}}, {"SDTM053 IE.IEORRES"}
    ),
    "element without start": ({"SE 0": {"SESTDTC": None}}, {"SDTM002 SE.SESTDTC"}),
    "no death in DM": (
        {"DM 0": {"DTHFL": None, "DTHDTC": None}},
        {"SDTM060 AE.AEOUT", "SDTM061 AE.AESDTH", "SDTM062 DS.DSDECOD", "SDTM063 DD.USUBJID",
         "SDTM064 SS.SSSTRESC"},
    ),
    "no date of death": ({"DM 0": {"DTHDTC": None}}, {"SDTM065 DM.DTHDTC"}),
    "date of death alone": (
        {"DM 0": {"DTHFL": None}, "AE": SOUND["AE"][1:], "DS": SOUND["DS"][1:], "DD": [], "SS": [],
         "SUPPAE": []},
        {"SDTM066 DM.DTHFL"},
    ),
    "no disposition of it": ({"DS": SOUND["DS"][1:]}, {"SDTM067 DM.DTHFL"}),
    "another date in DS": ({"DS 0": {"DSSTDTC": "2024-03-19"}}, {"SDTM068 DS.DSSTDTC"}),
    "same month of death": ({"DS 0": {"DSSTDTC": "2024-03"}}, set()),
    "another date in AE": ({"AE 0": {"AEENDTC": "2024-03-18", "AEENDY": 69.0}},
                           {"SDTM069 AE.AEENDTC"}),
    "after participation": (
        {"DV 0": {"DVSTDTC": "2024-03-21"}}, {"SDTM070 DV.DVSTDTC"}
    ),
    "perhaps after participation": ({"DV 0": {"DVSTDTC": "2024-03"}}, set()),
    "ends after participation": (
        {"AE 1": {"AEENDTC": "2024-05"}}, {"SDTM071 AE.AEENDTC"}
    ),
    "deviation before consent": ({"DV 0": {"DVSTDTC": "2024-01-01"}}, {"SDTM072 DV.DVSTDTC"}),
    "history of today": ({"MH 0": {"MHSTDTC": "2024-02"}}, {"SDTM073 MH.MHSTDTC"}),
    "consent of old": ({"DS 1": {"DSSTDTC": "2023-12-30"}}, {"SDTM074 DS.DSSTDTC"}),
    "second consent": ({"DS 1": {"DSSTDTC": "2024-02-01"}}, set()),
    "dose before the first": (
        {"EX 0": {"EXSTDTC": "2024-01-05", "EPOCH": None}}, {"SDTM075 EX.EXSTDTC"}
    ),
    "dose after the last": ({"EX 0": {"EXENDTC": "2024-03-02"}}, {"SDTM076 EX.EXENDTC"}),
    "dose in screening": (
        {"EX 0": {"EPOCH": "SCREENING"}}, {"SDTM077 EX.EPOCH"}
    ),
    "dose without arm": (
        {"DM 0": {"ARMCD": None, "ARM": None, "ARMNRS": "UNPLANNED TREATMENT"}},
        {"SDTM078 EX.USUBJID"},
    ),
    "no dose, no reason": ({"EX": [], "RELREC": []}, {"SDTM079 DM.ARMNRS"}),
    "visit that was not": ({"SV": SOUND["SV"][1:]}, {"SDTM080 LB.VISITNUM"}),
    "unplanned plan": ({"SV 1": {"SVPRESP": "Y"}}, {"SDTM081 SV.VISITNUM"}),
    "planned, not said": ({"SV 0": {"SVPRESP": None}}, {"SDTM082 SV.SVPRESP"}),
    "another planned day": ({"LB 0": {"VISITDY": 2.0}}, {"SDTM084 LB.VISITDY"}),
    "day of no plan": ({"LB 1": {"VISITDY": 40.0}}, {"SDTM085 LB.VISITDY"}),
    "unknown epoch": (
        {"LB 0": {"EPOCH": "WASHOUT"}}, {"SDTM090 LB.EPOCH", "SDTM091 LB.EPOCH"}
    ),
    "another epoch": ({"LB 0": {"LBDTC": "2024-01-11"}}, {"SDTM091 LB.EPOCH"}),
    "day between two epochs": ({"LB 0": {"EPOCH": "TREATMENT"}}, set()),
    "partial date in an epoch": ({"LB 0": {"LBDTC": "2024-01"}}, set()),
    "unknown element": ({"SE 0": {"ETCD": "RUNIN"}}, {"SDTM092 SE.ETCD"}),
    "unknown arms": (
        {"DM 0": {"ARMCD": "X", "ACTARMCD": "Y"}}, {"SDTM093 DM.ARMCD", "SDTM094 DM.ACTARMCD"}
    ),
    "other names of arms": (
        {"DM 0": {"ARM": "Aktiv", "ACTARM": "Aktiv"}}, {"SDTM095 DM.ARM", "SDTM096 DM.ACTARM"}
    ),
    "points to nothing": ({"RELREC 0": {"IDVARVAL": "7"}}, {"SDTM098 RELREC.IDVARVAL"}),
    "points to no variable": ({"SUPPAE 0": {"IDVAR": "AESPID"}}, {"SDTM098 SUPPAE.IDVARVAL"}),
    "points to no dataset": ({"RELREC 1": {"RDOMAIN": "CM"}}, {"SDTM099 RELREC.RDOMAIN"}),
    "which races": ({"SUPPDM": []}, {"SDTM100 DM.RACE"}),
}  # fmt: skip
_ELSEWHERE = {"SDTM001", "SDTM003", "SDTM015", "SDTM018"}
"""Rules of whole columns: test_standard.py."""


def _subject(changes):
    """The sound subject's datasets with the changes."""
    datasets = copy.deepcopy(SOUND)
    for place, values in changes.items():
        dataset, _, row = place.partition(" ")
        if row:
            datasets[dataset][int(row)] |= values
        else:
            datasets[dataset] = copy.deepcopy(values)
    return datasets


def _rows():
    """Dataset → rows of all subjects: the sound one, and one for each case."""
    rows = {
        dataset: [_identified(dataset, row) for row in given] for dataset, given in DESIGN.items()
    }
    for name, (changes, _) in {"sound": ({}, set()), **CASES}.items():
        for dataset, given in _subject(changes).items():
            own = [_identified(dataset, row, name) for row in given]
            rows.setdefault(dataset, []).extend(own)
    return rows


def _identified(dataset, row, subject=""):
    related = dataset.startswith("SUPP") or dataset == "RELREC"
    identity = {"STUDYID": "T1"} | ({} if related else {"DOMAIN": dataset})
    relation = {"RDOMAIN": row["RDOMAIN"]} if "RDOMAIN" in row else {}
    return identity | relation | ({"USUBJID": subject} if subject else {}) | row


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Subject (empty: the design) → ``rule dataset.variable`` of each finding."""
    root = tmp_path_factory.mktemp("study")
    (root / "study.yaml").write_text(
        "version: 1\nstudy: T1\ntitle: T\ncutoff: 2024-06-30\n"
        'standards: {sdtmig: "3.4", ct: 2025-03-28}\n'
        'sites: {"01": {name: One, country: DEU}}\n'
        'sources: {edc: {kind: delimited, path: a, site: "01"}}\n',
        encoding="utf-8",
    )
    given, out = root / "datasets", root / "out"
    given.mkdir()
    out.mkdir()
    for dataset, rows in _rows().items():
        frame = pl.DataFrame(rows, infer_schema_length=None).cast({pl.Null: pl.String})
        frame.write_parquet(given / f"{dataset}.parquet")
    check_tables(StudyFolder(root), Stage.SDTM, "study", given, out)
    findings = pl.read_parquet(out / "findings.parquet").filter(
        pl.col("rule").is_in(["SDTM001", "SDTM003"]).not_()  # columns that this study leaves out
    )
    by_subject = {}
    for rule, subject, dataset, variable in findings.select(
        "rule", "subject", "dataset", "variable"
    ).iter_rows():
        by_subject.setdefault(subject, set()).add(f"{rule} {dataset}.{variable}")
    return by_subject


@pytest.mark.parametrize("case", CASES)
def test_each_rule_finds_its_defect_and_only_that(found, case):
    assert found.get(case, set()) == CASES[case][1]


def test_a_sound_subject_has_no_finding(found):
    assert found.get("sound", set()) == set()


def test_the_design_of_the_trial_is_judged_too(found):
    assert found[""] == OF_DESIGN


def test_every_rule_has_an_example():
    shown = {told[:7] for _, wanted in CASES.values() for told in wanted}
    rules = {rule.rule for suite in standard_suites() for rule in suite.rules}
    assert shown | {told[:7] for told in OF_DESIGN} | _ELSEWHERE == rules


def test_every_rule_has_words_for_the_reviewers_guide():
    rules = [rule.rule for suite in standard_suites() for rule in suite.rules]
    assert [rule for rule in rules if rule_text(rule, {}).upper() == rule] == []
