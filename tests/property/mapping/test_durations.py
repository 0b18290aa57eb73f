"""Durations: what is written adds up again, by a naive clock."""

import datetime as dt
import re

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.values.durations import ISO_DURATION, between, designators, of_number

few = settings(max_examples=60, deadline=None)
moments = st.integers(0, 2 * 10**9).map(lambda at: dt.datetime.fromtimestamp(at, dt.UTC))
CUTS = {
    "%Y-%m-%d": {"hour": 0, "minute": 0, "second": 0},
    "%Y-%m-%dT%H": {"minute": 0, "second": 0},
    "%Y-%m-%dT%H:%M": {"second": 0},
    "%Y-%m-%dT%H:%M:%S": {},
}
precisions = st.sampled_from(list(CUTS))
UNITS = {"D": 86400, "H": 3600, "M": 60, "S": 1}


def seconds(text):
    """What a duration in days and times of day says."""
    parts = re.findall(r"(\d+)([DHMS])", text)
    return sum(int(number) * UNITS[letter] for number, letter in parts)


@few
@given(moments, moments, precisions, precisions)
def test_a_duration_is_the_difference_as_far_as_both_moments_are_known(start, end, first, second):
    coarse = min(first, second, key=len)
    found = between(pl.Series([start.strftime(first)]), pl.Series([end.strftime(second)]))
    expected = int((end.replace(**CUTS[coarse]) - start.replace(**CUTS[coarse])).total_seconds())
    assert found["negative"].item() == (expected < 0)
    if expected < 0:
        assert found["text"].item() is None
    else:
        text = found["text"].item()
        assert re.match(ISO_DURATION, text)
        assert seconds(text) == expected


@few
@given(moments, moments)
def test_both_days_count_one_more_than_the_days_between(start, end):
    days = [pl.Series([moment.strftime("%Y-%m-%d")]) for moment in (start, end)]
    found = between(*days, both_days=True)["text"].item()
    expected = (end.date() - start.date()).days + 1
    assert found == (None if expected < 0 else f"P{expected}D")


@few
@given(moments, st.sampled_from(["2024", "2024-05", "2024---05", None]))
def test_nothing_is_made_of_a_date_that_is_not_complete(start, partial):
    known, unknown = pl.Series([start.isoformat()]), pl.Series([partial], dtype=pl.String)
    for pair in ((known, unknown), (unknown, known)):
        assert between(*pair).row(0) == (None, False)


@few
@given(moments, st.integers(-14, 14), st.integers(-14, 14))
def test_time_zones_are_taken_off(moment, here, there):
    texts = [moment.astimezone(dt.timezone(dt.timedelta(hours=offset))) for offset in (here, there)]
    start, end = (pl.Series([text.isoformat()]) for text in texts)
    assert between(start, end)["text"].item() == "PT0S"


@few
@given(st.integers(-99, 99), st.sampled_from(["Weeks", "DAYS", "h", "min", "seconds", "months"]))
def test_a_number_with_a_unit_is_a_duration(number, unit):
    found = of_number(pl.Series([float(number)]), designators(pl.Series([unit]))).item()
    assert re.match(ISO_DURATION, found)
    assert str(abs(number)) in found
    assert found.startswith("-") == (number < 0)
