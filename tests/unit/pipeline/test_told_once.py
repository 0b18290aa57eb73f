"""A collected text outside a closed codelist is told once, by the mapping, with both causes."""

from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.pipeline.told_once import told_once

COLLECTED = Finding(
    "TERM_UNMAPPED",
    Severity.MAJOR,
    Stage.RAW,
    "SEV says '9', which is no term of AESEV; AESEV keeps the collected text",
    site="01",
    subject="S-1",
    dataset="ae",
    variable="SEV",
    value="9",
    file="f0",
    row=3,
)
CHECKED = Finding(
    "SDTM013",
    Severity.MAJOR,
    Stage.SDTM,
    "'9' is not in codelist AESEV, which cannot be extended",
    site="01",
    subject="S-1",
    dataset="AE",
    record_key="USUBJID=S-1|AESEQ=1",
    variable="AESEV",
    value="9",
    file="f0",
    row=3,
)


def changed(finding, **values):
    return type(finding)(**{name: getattr(finding, name) for name in finding.__slots__} | values)


def test_the_mappings_finding_says_both():
    told = told_once(findings_frame([COLLECTED, CHECKED]))
    assert told["rule"].to_list() == ["TERM_UNMAPPED"]
    assert told["message"].item() == COLLECTED.message + "; so AESEV has it in AE (SDTM013)"
    assert told["fingerprint"].item() == COLLECTED.fingerprint


def test_another_cell_is_another_finding():
    others = [
        changed(CHECKED, **difference)
        for difference in (
            {"variable": "AEOUT"},
            {"row": 4},
            {"file": "f1"},
            {"value": "8"},
            {"subject": "S-2"},
        )
    ]
    found = findings_frame([COLLECTED, *others])
    assert told_once(found).equals(found)


def test_each_is_told_where_the_other_step_saw_nothing():
    for alone in (COLLECTED, CHECKED):
        assert told_once(findings_frame([alone])).equals(findings_frame([alone]))
