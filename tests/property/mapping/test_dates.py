"""Dates: what is written in a format reads back as what it was; nothing is ever invented."""

import calendar
import datetime as dt
import re

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.values.dates import IMPOSSIBLE, UNREADABLE, joined, read, read_parts

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


pieces = st.sampled_from(
    [*MONTHS[1:4], "UN", "UNK", "1", "05", "31", "99", "1999", "2024", "-", "/", " ", ":", "PM"]
)
anything = ["DD-MON-YYYY", "MM/DD/YYYY HH:MM", "DD/MM/YY", "YYYY-MM-DD HH:MM AM", "ISO"]


@few
@given(st.lists(pieces, max_size=9).map("".join), st.lists(st.sampled_from(anything), min_size=1))
def test_no_part_is_in_the_date_that_is_not_in_the_text(text, formats):
    answer = read(pl.Series([text]), formats, year_cutoff=1950)
    value = joined(answer).item() or ""
    said = {int(number) for number in re.findall(r"\d+", text)}
    months = {at for at, name in enumerate(MONTHS) if name and name in text}
    hours = {(number + 12) % 24 for number in said} if "PM" in text else set()
    years = {y for number in said if number < 100 for y in (1900 + number, 2000 + number)}
    found = {int(number) for number in re.findall(r"\d+", value)}
    assert found <= said | months | hours | years


parts = st.tuples(*(st.none() | st.integers(*span) for span in ((1990, 2030), (0, 12), (0, 33))))


@few
@given(parts)
def test_columns_of_parts_and_one_text_of_them_say_the_same(known):
    texts = {
        part: pl.Series([None if value is None else str(value)], dtype=pl.String)
        for part, value in zip(("year", "month", "day"), known, strict=True)
    }
    answer = read_parts(pl.DataFrame(texts))
    expected = once(write("DD-MM-YYYY", *known), "DD-MM-YYYY")
    assert (joined(answer).item(), answer["problem"].item()) == expected


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
