"""An ODM form with several item groups, staged as one table."""

import polars as pl
import pytest

from sdtmflow.sources.forms import FORM_KEYS, form_table
from sdtmflow.sources.report import TableReport


def group(name, repeating, *rows):
    """Rows are (subject, repeat key, item → value)."""
    table = pl.DataFrame(
        [
            dict.fromkeys(FORM_KEYS)
            | {"SubjectKey": subject, "FormOID": "F.VS", "StudyEventOID": "V1"}
            | {"ItemGroupOID": name, "ItemGroupRepeatKey": repeat}
            | items
            | {"_file": "f", "_row": number, "_place": f"{name} {number}", "_missing": None}
            for number, (subject, repeat, items) in enumerate(rows, start=1)
        ],
        schema_overrides=dict.fromkeys((*FORM_KEYS, "_missing"), pl.String),
    )
    forms = {"F.VS": "Vital signs"}
    report = TableReport(name=name, path="", rows=1, columns=[], forms=forms, repeating=repeating)
    return report, table


def joined(*groups, form="F.VS"):
    reports, tables = zip(*groups, strict=True)
    return form_table(form, reports, tables)


HEAD = group("HEAD", False, ("1", "1", {"DATE": "2020-01-01"}), ("2", "1", {"DATE": "2020-01-02"}))


def test_single_groups_stand_side_by_side():
    foot = group("FOOT", False, ("2", "1", {"DONE": "Y"}))
    rows = joined(HEAD, foot, form="vital signs")
    assert rows.select("SubjectKey", "DATE", "DONE", "_place").rows() == [
        ("1", "2020-01-01", None, "HEAD 1"),
        ("2", "2020-01-02", "Y", "HEAD 2"),
    ]


@pytest.mark.parametrize("declared", [True, None])
def test_repeating_groups_give_rows_that_carry_the_single_groups(declared):
    lines = group("LINES", declared, ("1", "1", {"X": "a"}), ("1", "2", {"X": "b"}))
    assert joined(HEAD, lines).select("DATE", "X", "ItemGroupRepeatKey", "_place").rows() == [
        ("2020-01-01", "a", "1", "LINES 1"),
        ("2020-01-01", "b", "2", "LINES 2"),
        ("2020-01-02", None, None, "HEAD 2"),
    ]


def test_two_repeating_groups_do_not_multiply():
    one = group("ONE", True, ("1", "1", {"X": "a"}), ("1", "2", {"X": "b"}))
    two = group("TWO", True, ("1", "1", {"Y": "c"}))
    assert joined(one, two).select("X", "Y").rows() == [("a", None), ("b", None), (None, "c")]


def test_an_item_name_that_two_groups_share_stays_two_columns():
    other = group("OTHER", False, ("1", "1", {"DATE": "2021-12-31"}))
    assert joined(HEAD, other).select("DATE", "OTHER.DATE").row(0) == ("2020-01-01", "2021-12-31")


def test_kinds_of_missing_of_all_groups_are_kept():
    report, rows = HEAD
    marked = (report, rows.with_columns(pl.lit("DATE=IsNull").alias("_missing")))
    foot = group("FOOT", False, ("1", "1", {"DONE": "Y"}))
    assert joined(marked, foot)["_missing"].to_list() == ["DATE=IsNull", "DATE=IsNull"]


def test_rows_of_another_form_with_the_same_group_are_left_out():
    report, rows = HEAD
    other = rows.with_columns(pl.lit("F.OTHER").alias("FormOID"))
    assert joined((report, pl.concat([rows, other]))).height == 2
