"""Order, sequence and study day against naive Python."""

import datetime as dt

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.records.sorting import numbered, order
from sdtmflow.mapping.values.days import days, extremes

rows = st.lists(
    st.tuples(
        st.sampled_from(["001", "002", "010"]),
        st.none() | st.sampled_from(["b", "a", "ä", "B"]),
        st.none() | st.sampled_from([1.0, 2.01, -3.0]),
    ),
    min_size=1,
    max_size=40,
)
SCHEMA = {"subject": pl.String, "text": pl.String, "number": pl.Float64}

few = settings(max_examples=40, deadline=None)


def naive_key(row):
    subject, text, number = row
    return (subject, text is not None, (text or "").encode(), number is not None, number or 0)


@few
@given(rows)
def test_order_is_that_of_a_stable_sort_with_missing_first(found):
    frame = pl.DataFrame(found, schema=SCHEMA, orient="row")
    expected = sorted(range(len(found)), key=lambda at: naive_key(found[at]))
    assert order(frame, ["subject", "text", "number"]).to_list() == expected


@few
@given(rows)
def test_sequence_is_unique_and_without_gap_within_each_subject(found):
    frame = pl.DataFrame(found, schema=SCHEMA, orient="row")
    numbers = numbered(frame["subject"], order(frame, list(SCHEMA)))
    for subject in set(frame["subject"]):
        own = numbers.filter(frame["subject"] == subject)
        assert sorted(own) == [float(n) for n in range(1, len(own) + 1)]


dates = st.dates().map(str)
texts = st.none() | dates | dates.map(lambda d: d + "T10:30") | dates.map(lambda d: d[:7])


@few
@given(st.lists(texts, min_size=1, max_size=20))
def test_days_are_known_only_for_dates_complete_to_the_day(found):
    whole = [None if t is None or len(t) < 10 else dt.date.fromisoformat(t[:10]) for t in found]
    assert days(pl.Series(found, dtype=pl.String)).to_list() == whole


@few
@given(st.lists(texts, min_size=1, max_size=20))
def test_extremes_are_whole_dates_or_months_that_are_certainly_outside_them(found):
    frame = pl.DataFrame({"who": ["1"] * len(found), "date": pl.Series(found, dtype=pl.String)})
    known = [t for t in found if t]
    whole = [t for t in known if len(t) >= 10] or known
    months = {t for t in known if len(t) == 7}
    earlier = [m for m in months if m < min(whole)[:7]]
    later = [m for m in months if m > max(whole)[:7]]
    result = extremes(frame, ["who"], "date").rows()
    assert result == ([("1", min(whole + earlier), max(whole + later))] if known else [])
