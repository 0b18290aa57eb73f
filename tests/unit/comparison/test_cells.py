"""Which records came, went and differ: by natural key, and by --SEQ where a key was corrected."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdtmflow.comparison.cells import Named, changes

KEYS = ("STUDYID", "USUBJID", "AETERM")
NAMED = Named(KEYS, ("USUBJID", "AESEQ"))
SCHEMA = {
    "STUDYID": pl.String, "USUBJID": pl.String, "AESEQ": pl.Float64,
    "AETERM": pl.String, "AESEV": pl.String, "AESTDY": pl.Float64,
}  # fmt: skip


def ae(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame([("S", *row) for row in rows], schema=SCHEMA, orient="row")


BEFORE = ae(
    ("S-1", 1.0, "HEADACHE", "MILD", 3.0),
    ("S-1", 2.0, "NAUSEA", None, None),
    ("S-2", 1.0, "RASH", "MILD", 1.0),
)


def told(before: pl.DataFrame, after: pl.DataFrame, named: Named = NAMED) -> list[tuple]:
    found = changes(before, after, named)
    return found.select("change", "subject", "record", "variable", "before", "after").rows()


def test_equal_frames_have_no_changes():
    assert told(BEFORE, BEFORE) == []


def test_values_that_differ_are_cells():
    after = ae(
        ("S-1", 1.0, "HEADACHE", "SEVERE", 4.5),
        ("S-1", 2.0, "NAUSEA", "MILD", None),
        ("S-2", 1.0, "RASH", None, 1.0),
    )
    assert told(BEFORE, after) == [
        ("changed", "S-1", "AESEQ=1, AETERM=HEADACHE", "AESEV", "MILD", "SEVERE"),
        ("changed", "S-1", "AESEQ=2, AETERM=NAUSEA", "AESEV", None, "MILD"),
        ("changed", "S-2", "AESEQ=1, AETERM=RASH", "AESEV", "MILD", None),
        ("changed", "S-1", "AESEQ=1, AETERM=HEADACHE", "AESTDY", "3", "4.5"),
    ]


def test_records_that_came_and_went():
    after = ae(("S-1", 1.0, "HEADACHE", "MILD", 3.0), ("S-3", 1.0, "FEVER", None, None))
    assert told(BEFORE, after) == [
        ("removed", "S-1", "AESEQ=2, AETERM=NAUSEA", None, None, None),
        ("removed", "S-2", "AESEQ=1, AETERM=RASH", None, None, None),
        ("added", "S-3", "AESEQ=1, AETERM=FEVER", None, None, None),
    ]


def test_a_corrected_key_is_the_same_record_by_its_number():
    after = BEFORE.with_columns(pl.col("AETERM").replace("RASH", "SKIN RASH"))
    assert told(BEFORE, after) == [
        ("key changed", "S-2", "AESEQ=1, AETERM=SKIN RASH", "AETERM", "RASH", "SKIN RASH")
    ]


def test_records_of_one_key_are_paired_in_their_order():
    twins = ae(("S-1", 1.0, "RASH", "MILD", 1.0), ("S-1", 2.0, "RASH", "SEVERE", 2.0))
    after = ae(("S-1", 1.0, "RASH", "MILD", 1.0), ("S-1", 2.0, "RASH", "MODERATE", 2.0))
    assert told(twins, after) == [
        ("changed", "S-1", "AESEQ=2, AETERM=RASH", "AESEV", "SEVERE", "MODERATE")
    ]


def test_a_key_that_is_missing_is_a_key_too():
    before = BEFORE.with_columns(pl.col("AETERM").replace("RASH", None))
    after = before.with_columns(pl.col("AESEV").replace("MILD", "SEVERE"))
    assert [row[0] for row in told(before, after)] == ["changed", "changed"]


def test_a_number_that_became_text_is_compared_as_text():
    after = BEFORE.with_columns(pl.col("AESTDY").cast(pl.Int64).cast(pl.String))
    assert told(BEFORE, after) == []


def test_variables_of_one_side_alone_are_not_compared():
    assert told(BEFORE, BEFORE.drop("AESEV")) == []


def test_qualifiers_name_their_rule():
    supp = pl.DataFrame({"USUBJID": ["S-1"], "IDVARVAL": ["1"], "QNAM": ["AETRTEM"], "QVAL": ["N"]})
    found = changes(
        supp, supp.with_columns(pl.lit("Y").alias("QVAL")), Named(("USUBJID", "QNAM"), ())
    )
    assert found["_column"].to_list() == ["supp.AETRTEM"]


@pytest.mark.parametrize("number", [("USUBJID", "AESEQ"), ()])
@given(data=st.data())
def test_the_changes_make_the_later_frame_of_the_earlier(data, number):
    """Every record and cell of the later frame follows from the earlier one and the changes."""
    record = st.tuples(
        st.sampled_from(["S-1", "S-2"]),
        st.sampled_from("ABCD"),
        st.sampled_from([None, "MILD", "SEVERE"]),
        st.sampled_from([None, 1.0, 2.5]),
    )
    frames = [
        data.draw(st.lists(record, max_size=6, unique_by=lambda row: row[:2])) for _ in range(2)
    ]
    before, after = (
        ae(*((subject, float(ord(term)), term, sev, day) for subject, term, sev, day in rows))
        for rows in frames
    )
    made = {(row[1], row[3]): list(row) for row in before.rows()}
    for change, subject, record_text, variable, _, value in told(
        before, after, Named(KEYS, number)
    ):
        key = (subject, record_text.rpartition("AETERM=")[2])
        if change == "removed":
            del made[key]
        elif change == "added":
            made[key] = next(list(row) for row in after.rows() if (row[1], row[3]) == key)
        else:
            at = after.columns.index(variable)
            numeric = after.schema[variable].is_numeric()
            made[key][at] = float(value) if numeric and value is not None else value
    assert sorted(map(repr, made.values())) == sorted(repr(list(row)) for row in after.rows())
