"""Partial dates: what is one, what exists, what comes before what."""

import polars as pl
import pytest

from expectations.iso8601 import is_complete, is_iso, on_or_before, study_day


def over(expression, **columns):
    frame = pl.DataFrame(
        {name: [value] for name, value in columns.items()},
        schema_overrides=dict.fromkeys(columns, pl.String),
    )
    return frame.select(expression).item()


@pytest.mark.parametrize(
    "date",
    [
        "2024",
        "2024-02",
        "2024-02-29",
        "2024-02-29T10",
        "2024-02-29T10:30",
        "2024-02-29T10:30:59.5",
        "2024-02-29T10:30Z",
        "2024-02-29T10:30+01:00",
        "2024---15",
        "--02-15",
        "--02",
        "-----T10:30",
        "2024-01--T10:30",
        "2024-02-29T-:30",
    ],
)
def test_dates_that_sdtm_may_hold(date):
    assert over(is_iso(pl.col("date")), date=date)


@pytest.mark.parametrize(
    "date",
    [
        "2023-02-29",
        "2024-13",
        "2024-00-01",
        "2024-1-5",
        "24-01-05",
        "2024-01-",
        "2024--",
        "-",
        "2024-01-05T",
        "2024-01-05T24:00",
        "2024-01-05 10:30",
        "05-01-2024",
        "?",
        "",
    ],
)
def test_texts_that_are_no_iso_dates(date):
    assert not over(is_iso(pl.col("date")), date=date)


def test_complete_is_known_to_the_day():
    assert over(is_complete(pl.col("date")), date="2024-02-29T10:30")
    assert not over(is_complete(pl.col("date")), date="2024-02")
    assert not over(is_complete(pl.col("date")), date="2024---15")


@pytest.mark.parametrize(
    ("start", "end", "fine"),
    [
        ("2024-03-15", "2024-03-15", True),
        ("2024-03-15", "2024-03", True),
        ("2024-03", "2024-03-15", True),
        ("2024-03-15T10:00", "2024-03-15", True),
        ("2024-03-15T10:00", "2024-03-15T09:59", False),
        ("2024-04", "2024-03-31", False),
        ("2024", "2023-12-31", False),
        ("2024---15", "2024-01", True),
        ("?", "2024", True),
        (None, "2024", True),
        ("2024", None, True),
    ],
)
def test_only_a_sure_contradiction_is_one(start, end, fine):
    assert over(on_or_before(pl.col("start"), pl.col("end")), start=start, end=end) is fine


@pytest.mark.parametrize(
    ("date", "reference", "day"),
    [
        ("2024-01-10", "2024-01-10", 1),
        ("2024-01-09T23:59", "2024-01-10", -1),
        ("2024-01-11", "2024-01-10T08:00", 2),
        ("2024-01", "2024-01-10", None),
        ("2024-01-10", None, None),
    ],
)
def test_there_is_no_study_day_zero(date, reference, day):
    assert (
        over(study_day(pl.col("date"), pl.col("reference")), date=date, reference=reference) == day
    )
