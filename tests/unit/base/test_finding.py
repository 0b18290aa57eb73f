import dataclasses

import polars as pl

from sdtmflow.finding import (
    FINDINGS_SCHEMA,
    Finding,
    Severity,
    Stage,
    findings_frame,
    findings_of,
    fingerprinted,
)

FINDING = Finding(
    rule="AE001",
    severity=Severity.MAJOR,
    stage=Stage.RAW,
    message="Adverse event without a term",
    site="03",
    subject="007",
    dataset="ae",
    record_key="AESPID=2",
    variable="AETERM",
    file="ae.csv",
    row=12,
)


def test_the_fingerprint_is_the_same_wherever_the_record_moves_to():
    moved = dataclasses.replace(FINDING, row=40, file="ae_v2.csv", value="x", message="reworded")
    assert moved.fingerprint == FINDING.fingerprint


def test_the_fingerprint_tells_rule_record_and_variable_apart():
    others = [
        dataclasses.replace(FINDING, **change)
        for change in (
            {"rule": "AE002"},
            {"site": "04"},
            {"subject": "008"},
            {"dataset": "cm"},
            {"record_key": "AESPID=3"},
            {"variable": "AESTDAT"},
        )
    ]
    assert len({finding.fingerprint for finding in [FINDING, *others]}) == 7


def test_a_fingerprint_is_written_down_so_it_must_not_change_between_versions():
    assert FINDING.fingerprint == "dbe6b7645bde8bdb"


def test_findings_survive_the_table():
    frame = findings_frame([FINDING])
    assert dict(frame.schema) == FINDINGS_SCHEMA
    assert findings_of(frame) == [FINDING]


def test_no_findings_is_an_empty_table_with_the_same_columns():
    assert findings_frame([]).equals(pl.DataFrame(schema=FINDINGS_SCHEMA))


def test_findings_of_one_identity_are_told_apart():
    one = Finding(rule="R1", severity=Severity.MAJOR, stage=Stage.RAW, message="m", value="99/99")
    table = findings_frame(
        [one, dataclasses.replace(one, value="spring"), dataclasses.replace(one, variable="X")]
    )
    assert table["record_key"].to_list() == ["", "|#2", ""]
    assert table["fingerprint"].n_unique() == 3
    assert table["fingerprint"][0] == one.fingerprint
    assert fingerprinted(table.drop("fingerprint")).equals(table)
