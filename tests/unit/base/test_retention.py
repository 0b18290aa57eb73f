"""Periods and dates of retention; of two, the stronger counts."""

from __future__ import annotations

import datetime as dt

import pytest

from sdtmflow.retention import Protection, Retention, checked_retention, kept_until

NOW = dt.datetime(2028, 2, 29, 13, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("retention", "last_day"),
    [
        ("30 days", "2028-03-30"),
        ("1 day", "2028-03-01"),
        ("10 months", "2028-12-29"),
        ("11 months", "2029-01-29"),
        ("12 months", "2029-02-28"),
        ("25 years", "2053-02-28"),
        ("100 years", "2128-02-29"),
        ("2051-12-31", "2051-12-31"),
    ],
)
def test_a_retention_lasts_to_the_end_of_its_last_day(retention, last_day):
    assert checked_retention(retention) == retention
    assert kept_until(retention, NOW).isoformat() == f"{last_day}T23:59:59+00:00"


@pytest.mark.parametrize(
    "text", ["", "25", "25 yrs", "0 days", "-1 years", "2051-13-01", "25years"]
)
def test_what_is_no_retention_is_told(text):
    with pytest.raises(ValueError, match=r"is no retention; write a period such as 25 years"):
        checked_retention(text)


@pytest.mark.parametrize("text", ["101 years", "1201 months", "99999 days"])
def test_a_slip_of_the_pen_locks_nothing_for_good(text):
    with pytest.raises(ValueError, match="at most 100 years"):
        checked_retention(text)


def test_a_date_must_be_ahead_but_not_beyond_a_hundred_years():
    with pytest.raises(ValueError, match="not ahead"):
        kept_until("2028-02-29", NOW)
    with pytest.raises(ValueError, match="more than 100 years"):
        kept_until("2129-01-01", NOW)


def test_of_two_retentions_the_later_date_and_the_stronger_mode_count():
    short, long = NOW, NOW + dt.timedelta(days=9)
    weak, strong = Retention(long, "governance"), Retention(short, "compliance")
    assert weak.joined(strong) == strong.joined(weak) == Retention(long, "compliance")
    assert weak.joined(None) == weak
    assert Protection(Retention(long, "compliance")).covers(strong)
    assert not Protection(weak).covers(strong)
    assert not Protection(strong).covers(weak)
    assert not Protection().covers(weak)
