"""A USDM v4 study definition becomes the design, and says what it does not say.

``crossover.usdm.json`` is a fictional two-period crossover in the layout of the USDM v4.0 API.
"""

import copy
import json
from pathlib import Path

import pytest

from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.mapping.design.datasets import design_datasets
from sdtmflow.study import StudyFolder
from sdtmflow.usdm.schedule import whole_days

FILE = Path(__file__).parent / "crossover.usdm.json"
STUDY = """
version: 1
study: DEMOXO
title: A crossover
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
"""
DESIGN = """
design:
  usdm: design/study.usdm.json
  names: {StudyElement_4: WASH}
"""
HERE = "design/study.usdm.json: $.study.versions[0].studyDesigns[0]"


@pytest.fixture
def study(tmp_path):
    """Load the plan of a study with a design block and a (changed) USDM file."""

    def load(design=DESIGN, change=None, visits=""):
        data = json.loads(FILE.read_text())
        if change:
            change(data)
        (tmp_path / "design").mkdir(exist_ok=True)
        (tmp_path / "design/study.usdm.json").write_text(json.dumps(data))
        (tmp_path / "study.yaml").write_text(STUDY + visits + design)
        (tmp_path / "standard").mkdir(exist_ok=True)
        return load_plan(StudyFolder(tmp_path), tmp_path / "standard")

    return load


def rows(plan, dataset, *columns):
    frame = design_datasets(plan.study, plan.terminology)[dataset]
    return frame.select(columns).rows()


def test_arms_are_the_cells_in_the_order_of_the_epochs(study):
    assert rows(study(), "TA", "ARMCD", "ETCD", "EPOCH") == [
        ("PV", "SCRN", "SCREENING"),
        ("PV", "PBO", "TREATMENT 1"),
        ("PV", "WASH", "WASHOUT"),
        ("PV", "VEL", "TREATMENT 2"),
        ("PV", "FU", "FOLLOW-UP"),
        ("VP", "SCRN", "SCREENING"),
        ("VP", "VEL", "TREATMENT 1"),
        ("VP", "WASH", "WASHOUT"),
        ("VP", "PBO", "TREATMENT 2"),
        ("VP", "FU", "FOLLOW-UP"),
    ]


def test_visits_are_the_encounters_with_their_days_on_the_main_timeline(study):
    plan = study()
    assert rows(plan, "TV", "VISITNUM", "VISIT", "VISITDY") == [
        (1.0, "Screening", -14.0),
        (2.0, "Period 1 Day 1", 1.0),
        (3.0, "Period 1 Day 14", 14.0),
        (4.0, "Period 2 Day 1", 28.0),
        (5.0, "Follow-up", None),
    ]
    windows = [visit.window for visit in plan.study.visits]
    assert windows == [(-21, -8), None, (13, 15), (28, 30), None]


def test_criteria_are_plain_text_with_their_references_filled_in(study):
    assert rows(study(), "TI", "IETESTCD", "IECAT", "TIVERS", "IETEST")[1:] == [
        ("INCL01", "INCLUSION", "2", "Aged 18 Years or older at informed consent"),
        ("INCL02", "INCLUSION", "2", "Sitting systolic blood pressure between 130 and 180 mmHg"),
    ]


@pytest.mark.parametrize(
    ("parameter", "value", "code", "dictionary"),
    [
        ("TPHASE", "PHASE II TRIAL", "C15601", "CDISC CT"),
        ("TBLIND", "DOUBLE BLIND", "C15228", "CDISC CT"),
        ("INTMODEL", "CROSS-OVER", "C82637", "CDISC CT"),
        ("SEXPOP", "BOTH", "C49636", "CDISC CT"),
        ("AGEMIN", "P18Y", None, "ISO 8601"),
        ("PLANSUB", "48", None, None),
        ("INDIC", "Hypertension", "38341003", "SNOMED"),
        ("REGID", "NCT00000000", "NCT00000000", "ClinicalTrials.gov"),
        ("SPONSOR", "Fictional Sponsor", None, None),
        ("ROUTE", "ORAL", "C38288", "CDISC CT"),
        ("DOSFRQ", "QD", "C25473", "CDISC CT"),
        ("LENGTH", "P10W", None, "ISO 8601"),
    ],
)
def test_summary_parameters_have_the_submission_values_of_their_codes(
    study, parameter, value, code, dictionary
):
    found = rows(study(), "TS", "TSPARMCD", "TSVAL", "TSVALCD", "TSVCDREF")
    assert (parameter, value, code, dictionary) in found


def test_several_values_of_a_parameter_are_numbered(study):
    found = rows(study(), "TS", "TSPARMCD", "TSSEQ", "TSVAL")
    assert [row for row in found if row[0] == "TTYPE"] == [
        ("TTYPE", 1.0, "EFFICACY"),
        ("TTYPE", 2.0, "SAFETY"),
    ]


def test_study_yaml_overrides_key_by_key_and_adds(study):
    design = (
        DESIGN
        + """
  elements:
    WASH: {start_rule: Day after the last dose of the period, duration: P14D}
    RUN: {element: Run-in, start_rule: Run-in medication is handed out}
  arms:
    VP: {arm: Active first}
  criteria:
    EXCL01: {short: Any disease that makes participation unsafe}
  summary:
    PLANSUB: {value: "60"}
    SSTDTC: {value: "2025-01-15"}
"""
    )
    visits = """
visits:
  - {visit: SCREENING, collected: [SCR], start_rule: Consent}
  - {visit: PERIOD 2, encounter: E4, day: 29}
  - {visit: EXTRA, visitnum: 3.5}
"""
    plan = study(design, visits=visits)
    elements = rows(plan, "TE", "ETCD", "ELEMENT", "TESTRL", "TEDUR")
    assert ("WASH", "Washout", "Day after the last dose of the period", "P14D") in elements
    assert ("RUN", "Run-in", "Run-in medication is handed out", None) in elements
    assert ("VP", "Active first", "SCRN") in rows(plan, "TA", "ARMCD", "ARM", "ETCD")
    texts = dict(rows(plan, "TI", "IETESTCD", "IETEST"))
    assert texts["EXCL01"] == "Any disease that makes participation unsafe"
    summary = dict(rows(plan, "TS", "TSPARMCD", "TSVAL"))
    assert (summary["PLANSUB"], summary["SSTDTC"]) == ("60", "2025-01-15")
    assert rows(plan, "TV", "VISITNUM", "VISIT", "VISITDY", "TVSTRL") == [
        (1.0, "SCREENING", -14.0, "Consent"),
        (2.0, "Period 1 Day 1", 1.0, "Randomization"),
        (3.0, "Period 1 Day 14", 14.0, "End of the first period"),
        (3.5, "EXTRA", None, None),
        (4.0, "PERIOD 2", 29.0, None),
        (5.0, "Follow-up", None, None),
    ]
    assert plan.study.visits[0].window == (-21, -8)


def test_what_the_file_does_not_say_stays_empty_and_is_noted(study):
    notes = "\n".join(study().design_notes)
    for note in (
        "not read of StudyDesign: activities",
        f"{HERE}.arms: no USDM says how subjects branch",
        f"{HERE}.eligibilityCriteria[2]: the text refers to egfr, not found",
        f"{HERE}.encounters[4]: no whole study day is said (VISITDY)",
        f"{HERE}.elements[3]: TE requires a start rule (TESTRL); add 'start_rule'",
        f"{HERE}.eligibilityCriteria[2]: the text has 257 bytes, IETEST holds 200 and is cut",
        "TS lacks ACTSUB",
    ):
        assert note in notes


def _design(data):
    return data["study"]["versions"][0]["studyDesigns"][0]


def _second(data):
    designs = data["study"]["versions"][0]["studyDesigns"]
    designs.append({**copy.deepcopy(designs[0]), "id": "Other", "name": "OTHER"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda data: data.update(usdmVersion="3.0"),
            "design/study.usdm.json: $.usdmVersion: the file is USDM 3.0, and 4.x is read; ",
        ),
        (
            lambda data: _design(data)["arms"][1].pop("name"),
            f"{HERE}.arms[1]: 'name' is missing; ",
        ),
        (
            lambda data: _design(data).update(epochs="all"),
            f"{HERE}.epochs: input should be a valid list; ",
        ),
        (
            lambda data: _design(data)["studyCells"][0].update(elementIds=["X"]),
            f"{HERE}.studyCells[0]: there is no element with the id 'X'; ",
        ),
        (
            lambda data: _design(data)["eligibilityCriteria"][0].update(criterionItemId="X"),
            f"{HERE}.eligibilityCriteria[0]: there is no criterion item with the id 'X'; ",
        ),
        (_second, "the file has 2 study designs; write 'study_design:' with one of CROSSOVER"),
        (lambda data: data.pop("study"), "the file is no USDM study definition; "),
    ],
)
def test_a_mistake_is_told_with_its_json_path(study, change, message):
    with pytest.raises(StudyError) as caught:
        study(change=change)
    assert message in str(caught.value)


def test_a_name_that_cannot_be_a_code_asks_for_one(study):
    with pytest.raises(StudyError) as caught:
        study("design:\n  usdm: design/study.usdm.json\n")
    assert str(caught.value) == (
        f"{HERE}.elements[3]: 'WASHOUT_PERIOD' cannot be an ETCD, or is not the only one; "
        "give a code: design.names: {StudyElement_4: …}"
    )


def test_one_of_several_study_designs_is_chosen_by_its_name(study):
    plan = study(DESIGN + "  study_design: OTHER\n", change=_second)
    assert len(rows(plan, "TA", "ARMCD")) == 10


def test_a_missing_file_is_told(study):
    with pytest.raises(StudyError, match=r"nowhere\.json: the file is missing"):
        study(DESIGN.replace("study.usdm.json", "nowhere.json"))


def test_an_attribute_that_is_null_counts_as_absent(study):
    plan = study(change=lambda data: _design(data).update(studyPhase=None, encounters=None))
    assert "TPHASE" not in dict(rows(plan, "TS", "TSPARMCD", "TSVAL"))
    assert rows(plan, "TV", "VISIT") == []


@pytest.mark.parametrize(
    ("duration", "days"),
    [
        ("P1D", 1),
        ("P2W", 14),
        ("-P3D", 3),
        ("PT0M", 0),
        ("PT48H", 2),
        ("PT6H", None),
        ("P1M", None),
        ("P", None),
        ("", None),
    ],
)
def test_a_duration_is_days_where_it_is_whole_days(duration, days):
    assert whole_days(duration) == days


def test_a_name_for_what_is_not_there_is_told(study):
    with pytest.raises(StudyError) as caught:
        study(DESIGN.replace("StudyElement_4: WASH", "StudyElement_4: WASH, StudyElemnt_5: F"))
    assert str(caught.value) == (
        "study.yaml:12: design.names.StudyElemnt_5: the USDM has no arm, element, epoch, criterion "
        "or encounter 'StudyElemnt_5'; did you mean StudyElement_5?"
    )
