"""The design block: what it makes, what is wrong with it, what it leaves open; each at its line."""

import pytest

from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.mapping.design.datasets import design_datasets
from sdtmflow.study import StudyFolder

HEAD = """version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
"""
ELEMENTS = """design:
  elements:
    SCR: {element: Screening, start_rule: Consent}
    TRT: {element: Treatment, start_rule: First dose}
  arms:
    A: {arm: Arm A, elements: [{etcd: SCR, epoch: SCREENING}, {etcd: TRT, epoch: TREATMENT}]}
"""
SE = """version: 1
domain: SE
from: builtin.subject_elements
keys: [STUDYID, USUBJID, SESTDTC]
variables:
  SESEQ: {sequence: {by: keys}}
  ETCD: {assign: ETCD}
  SESTDTC: {assign: SESTDTC}
"""


@pytest.fixture
def load(tmp_path):
    """Load the plan of a study.yaml without mapping specs, or with those given."""

    def plan(text, **specs):
        (tmp_path / "standard").mkdir(exist_ok=True)
        for name, spec in specs.items():
            (tmp_path / "standard" / f"{name}.yaml").write_text(spec)
        (tmp_path / "study.yaml").write_text(HEAD + text)
        return load_plan(StudyFolder(tmp_path), tmp_path / "standard")

    return plan


def rows(plan, dataset, *columns):
    return design_datasets(plan.study, plan.terminology)[dataset].select(columns).rows()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            ELEMENTS.replace("{etcd: TRT,", "{etcd: TRX,"),
            "study.yaml:13: design.arms.A.elements.2: 'elements' has no element 'TRX'; did you",
        ),
        (
            ELEMENTS.replace("element: Screening, ", ""),
            "study.yaml:10: design.elements.SCR: 'element' is missing",
        ),
        (
            ELEMENTS.replace("Consent}", 'Consent, duration: "14 days"}'),
            "study.yaml:10: design.elements.SCR.duration: '14 days' is no ISO 8601 duration",
        ),
        (
            ELEMENTS.replace("Consent}", "Consent, starts: {plus_days: 1}}"),
            "a start is the 'earliest' or the 'latest' of dates; name one of them",
        ),
        (
            ELEMENTS.replace("Consent}", "Consent, starts: {earliest: DM.RFICDTC}}"),
            "study.yaml:10: design.elements.SCR.starts: no line makes DM.RFICDTC",
        ),
        (
            ELEMENTS.replace("Consent}", 'Consent, starts: {earliest: DM.X, where: "A == 1"}}'),
            "study.yaml:10: design.elements.SCR.starts: the condition 'A == 1' breaks at",
        ),
        (
            ELEMENTS + "  criteria:\n    INCL01: {text: Adult}\n",
            "study.yaml:15: design.criteria.INCL01: 'category' is missing",
        ),
        (
            ELEMENTS + '  summary:\n    TPHAS: {value: "3"}\n',
            "study.yaml:15: design.summary.TPHAS: 'TPHAS' is no term of TSPARMCD; did you mean",
        ),
        (
            ELEMENTS + "  summary:\n    SEXPOP: {value: ALL}\n",
            "'ALL' is no term of SEXPOP, the codelist of SEXPOP; use one of BOTH, F, M",
        ),
        (
            ELEMENTS + "  summary:\n    PCLAS: {}\n",
            "a parameter has either 'value' or 'null_flavor'; give one of the two",
        ),
        (
            "visits:\n  - {visit: A, visitnum: 1}\n  - {visit: B, visitnum: 1}\n" + ELEMENTS,
            "study.yaml:10: visits.2: VISITNUM 1 is also that of A",
        ),
        ("visits:\n  - {visit: A}\n" + ELEMENTS, "study.yaml:9: visits.1: 'visitnum' is missing"),
        (
            "visits:\n  - {visit: A, visitnum: 1, arms: [B]}\n" + ELEMENTS,
            "study.yaml:9: visits.1: the design has no arm 'B'",
        ),
    ],
)
def test_a_mistake_is_told_at_its_line(load, text, message):
    with pytest.raises(StudyError) as caught:
        load(text)
    assert message in str(caught.value)


def test_what_the_design_leaves_open_is_noted_at_its_line(load):
    text = ELEMENTS.replace("TREATMENT}", "DOSING}, {etcd: SCR, epoch: FOLLOW-UP}")
    long = "a" * 150 + " " + "b" * 60
    notes = load(
        "visits:\n  - {visit: A, visitnum: 1}\n"
        + text
        + f"  criteria:\n    INCL01: {{text: {long}, category: INCLUSION}}\n"
        + "  summary:\n    AGEMIN: {value: 18 YEARS}\n    TBLIND: {value: BLIND}\n"
        + "  expected_summary: [TITLE, AGEMIN, SSTDTC]\n",
        se=SE,
    ).design_notes
    assert [note.removeprefix("study.yaml:") for note in notes] == [
        "9: visits.1: TV requires a start rule (TVSTRL); add 'start_rule'",
        (
            "17: design.criteria.INCL01: the text has 211 bytes, IETEST holds 200 and is cut; "
            "say it shorter in 'short'"
        ),
        "19: design.summary.AGEMIN: '18 YEARS' is not an ISO 8601 duration, such as P18Y",
        "20: design.summary.TBLIND: 'BLIND' is no term of TBLIND, the codelist of TBLIND",
        (
            "18: design.summary: TS lacks TITLE, SSTDTC; add them, or 'null_flavor: NA' where one "
            "does not apply"
        ),
        (
            "15: design.arms.A.elements.2: nothing tells when TRT begins; SE goes without it, "
            "add 'starts'"
        ),
        (
            "15: design.arms.A.elements.3: nothing tells when SCR begins; SE goes without it, "
            "add 'starts'"
        ),
        (
            "11: design.elements: no line makes DM.RFICDTC, by which elements without 'starts' "
            "begin; add the line, or 'starts'"
        ),
        "15: design.arms.A: 'DOSING' is no term of the codelist EPOCH",
    ]


def test_a_criterion_is_there_for_each_protocol_version(load):
    plan = load(
        ELEMENTS + "  criteria:\n"
        "    INCL01: {text: Adult, category: INCLUSION, versions: ['1', '2']}\n"
        "    EXCL01: {text: Ill, category: EXCLUSION, subcategory: HEALTH, rule: ILL = Y}\n"
    )
    assert rows(plan, "TI", "IETESTCD", "IECAT", "IESCAT", "TIRL", "TIVERS") == [
        ("EXCL01", "EXCLUSION", "HEALTH", "ILL = Y", None),
        ("INCL01", "INCLUSION", None, None, "1"),
        ("INCL01", "INCLUSION", None, None, "2"),
    ]


def test_a_visit_of_some_arms_is_there_for_each(load):
    visits = """visits:
  - {visit: SCREENING, visitnum: 1, day: -7, start_rule: Consent}
  - {visit: EXTRA, visitnum: 2, arms: [A], start_rule: Relapse}
"""
    assert rows(load(visits + ELEMENTS), "TV", "VISITNUM", "VISIT", "ARMCD", "ARM") == [
        (1.0, "SCREENING", None, None),
        (2.0, "EXTRA", "A", "Arm A"),
    ]


def test_summary_values_are_numbered_coded_grouped_and_split(load):
    title = "word " * 50
    plan = load(
        ELEMENTS
        + f"""  summary:
    TITLE: {{value: {title.strip()}}}
    DOSE: [{{value: "10", group: G1}}, {{value: "20", group: G2}}]
    RANDOM: {{value: "Y"}}
    LENGTH: {{value: P16W}}
    PCLAS: {{null_flavor: NA}}
    OWNPAR: {{value: x, name: Sponsor's own}}
"""
    )
    columns = ("TSPARMCD", "TSPARM", "TSSEQ", "TSGRPID", "TSVAL", "TSVALNF", "TSVALCD", "TSVCDREF")
    found = [row for row in rows(plan, "TS", *columns) if row[0] != "TITLE"]
    assert found == [
        ("DOSE", "Dose per Administration", 1.0, "G1", "10", None, None, None),
        ("DOSE", "Dose per Administration", 2.0, "G2", "20", None, None, None),
        ("LENGTH", "Trial Length", 1.0, None, "P16W", None, None, "ISO 8601"),
        ("OWNPAR", "Sponsor's own", 1.0, None, "x", None, None, None),
        ("PCLAS", "Pharmacologic Class", 1.0, None, None, "NA", None, None),
        ("RANDOM", "Trial is Randomized", 1.0, None, "Y", None, "C49488", "CDISC CT"),
    ]
    whole = [row for row in rows(plan, "TS", "TSPARMCD", "TSVAL", "TSVAL1") if row[0] == "TITLE"]
    assert whole == [("TITLE", ("word " * 40).strip(), ("word " * 10).strip())]
