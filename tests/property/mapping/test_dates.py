"""Dates: what is written in a format reads back as what it was; nothing is ever invented."""

import calendar
import datetime as dt
import re

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.dates import IMPOSSIBLE, UNREADABLE, joined, read

MONTHS = [name.upper()[:3] for name in calendar.month_name]
FORMATS = ["DD-MON-YYYY", "DD-MM-YYYY", "YYYY-MM-DD", "MM/DD/YYYY", "DD.MM.YYYY", "YYYYMMDD"]
real_dates = st.dates(min_value=dt.date(1000, 1, 1))

few = settings(max_examples=40, deadline=None)


def write(form, year, month, day):
    """The date's parts (None: unknown) in a format, unknown parts as UN or UNK."""
    parts = {
        "YYYY": "UNK" if year is None else f"{year:04d}",
        "MON": "UNK" if month is None else MONTHS[month],
        "MM": "UN" if month is None else f"{month:02d}",
        "DD": "UN" if day is None else f"{day:02d}",
    }
    return re.sub("YYYY|MON|MM|DD", lambda found: parts[found[0]], form)


def iso(year, month, day):
    """A naive ISO 8601 text of what is known."""
    text = "-".join(
        "-" if p is None else f"{p:0{w}d}" for p, w in ((year, 4), (month, 2), (day, 2))
    )
    while text.endswith("--"):
        text = text[:-2]
    return None if text == "-" else text


def once(text, *formats):
    answer = read(pl.Series([text]), formats)
    return joined(answer).item(), answer["problem"].item()


@few
@given(real_dates, st.sampled_from(FORMATS))
def test_a_whole_date_reads_back(date, form):
    assert once(write(form, date.year, date.month, date.day), form) == (date.isoformat(), None)


@few
@given(real_dates, st.sampled_from(FORMATS[:5]), st.tuples(*[st.booleans()] * 3))
def test_unknown_parts_stay_unknown_and_known_parts_stay_known(date, form, known):
    year, month, day = (
        part if there else None
        for part, there in zip((date.year, date.month, date.day), known, strict=True)
    )
    assert once(write(form, year, month, day), form) == (iso(year, month, day), None)


@few
@given(
    st.integers(1000, 9999), st.integers(0, 99), st.integers(0, 99), st.sampled_from(FORMATS[1:])
)
def test_a_date_that_does_not_exist_is_impossible_and_stays_empty(year, month, day, form):
    text = re.sub(
        "YYYY|MM|DD",
        lambda found: {"YYYY": f"{year:04d}", "MM": f"{month:02d}", "DD": f"{day:02d}"}[found[0]],
        form,
    )
    exists = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    expected = (f"{year:04d}-{month:02d}-{day:02d}", None) if exists else (None, IMPOSSIBLE)
    assert once(text, form) == expected


@few
@given(st.text(max_size=20), st.lists(st.sampled_from([*FORMATS, "ISO"]), min_size=1, max_size=3))
def test_any_text_gives_an_iso_date_with_its_digits_or_a_problem(text, formats):
    value, problem = once(text, *formats)
    if value is None:
        assert problem in {IMPOSSIBLE, UNREADABLE} or not re.search(r"\d", text)
    else:
        assert problem is None
        year = re.match(r"\d{4}", value)
        assert year is None or year[0] in text


@few
@given(real_dates, st.times())
def test_iso_text_stays_as_it_is(date, time):
    text = f"{date.isoformat()}T{time:%H:%M:%S}"
    for cut in (4, 7, 10, 13, 16, 19):
        assert once(text[:cut], "ISO") == (text[:cut], None)


@few
@given(st.lists(st.one_of(st.none(), real_dates.map(str), st.text(max_size=5)), max_size=30))
def test_a_column_is_read_row_for_row(texts):
    column = joined(read(pl.Series(texts, dtype=pl.String), ["ISO"])).to_list()
    assert column == [None if text is None else once(text, "ISO")[0] for text in texts]
