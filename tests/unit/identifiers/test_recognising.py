"""A column as such, or single records of it: and nobody's value in what comes out."""

from __future__ import annotations

import polars as pl
import pytest

from sdtmflow.identifiers import Described, recognise
from sdtmflow.privacy import MASK, Kind


def found(values, described=None, **settings):
    rows = pl.DataFrame({"C": values}, schema={"C": pl.String})
    described = described or Described("C")
    return [
        (each.kind, each.why, each.rows, each.whole)
        for each in recognise(rows, {"C": described}, **settings)
    ]


def test_a_column_that_is_called_so_counts_the_values_that_look_like_it():
    assert found(["AB", "", None, "XX", "-", MASK, "C-D"], Described("Initials")) == [
        (Kind.INITIALS, "called", (0, 6), True)
    ]


def test_answers_and_codes_are_no_identifiers():
    assert found(["Yes", "No"], Described("phone")) == []
    assert found(["1", "2"], Described("email", coded=True)) == []
    assert found(["Home", "Work"], Described("address", coded=True)) == []


def test_what_the_source_marks_is_told_though_nothing_says_as_what():
    marked = Described("x17", "Something", marked=True)
    assert found(["a", None, "b"], marked) == [(Kind.MARKED, "marked", (0, 2), True)]
    assert found(["1961-05-03"], Described("dob", marked=True)) == []  # allowed as a birth date


@pytest.mark.parametrize(
    ("allowed", "rows"), [("full", None), ("year-month", (0, 1, 2)), ("year", (0, 1, 2, 3, 4))]
)
def test_a_birth_date_is_as_precise_as_allowed(allowed, rows):
    dates = ["1961-05-03", "03MAY1961", "3.5.61", "1961-05", "MAY1961", "1961", "UN-UNK-1961", None]
    expected = [(Kind.BIRTH_DATE, "called", rows, True)] if rows else []
    assert found(dates, Described("BRTHDAT"), birth_date=allowed) == expected


def test_day_and_month_in_columns_of_their_own_make_a_birth_date():
    day, month = Described("BIRTH_DAY"), Described("birth month")
    assert found(["22", "10"], day, birth_date="year-month")
    assert not found(["05", "10"], month, birth_date="year-month")
    assert found(["05", "10"], month, birth_date="year")


def test_a_single_text_is_told_by_its_row_a_whole_column_once():
    note = ["nothing", "mail a@example.org", "well", "fine"]
    assert found(note) == [(Kind.EMAIL, "values", (1,), False)]
    assert found(["a@example.org", "b@example.org", None]) == [(Kind.EMAIL, "values", (0, 1), True)]


def test_bare_numbers_are_believed_of_a_whole_column_only():
    nhs = ["9434765919", "9434765870", "9434765838", "9434765862", "9434765846", "9434765854"]
    nhs += ["9434765889", "9434765897"]
    valid = [number for number in nhs if found_nhs(number)]
    assert found(valid[:1] * 9) == []
    assert found([f"94347659{n:02d}" for n in range(20)]) == []


def found_nhs(number):
    from stdnum.gb import nhs

    return nhs.is_valid(number)


def test_a_whole_column_of_valid_numbers_is_national():
    valid = [str(n) for n in range(9434765800, 9434766000) if found_nhs(str(n))]
    assert len(valid) > 8
    assert found(valid) == [(Kind.NATIONAL_ID, "values", tuple(range(len(valid))), True)]


def test_a_subject_number_is_no_identifier():
    numbers = pl.Series(["219-09-1234"])
    assert found(["219-09-1234", "x"], subjects=numbers) == []
    assert found(["219-09-1234", "x", "y"])[0][0] is Kind.NATIONAL_ID


def test_a_column_called_name_must_hold_peoples_in_a_table_of_subjects():
    subjects = pl.Series(["001"])
    people = ["Jane Roe", "Doe, John"]
    assert found(people, Described("Name"), subjects=subjects)[0][0] is Kind.NAME
    assert found(people, Described("Name")) == []
    assert found(["Acetylsalicylic acid", "ASPIRIN"], Described("Name"), subjects=subjects) == []
