"""``before`` on ISO dates: by day, by time where both have one, unknown where a hole decides."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdtmflow.mapping.values.conditions import Column, expression, parse
from sdtmflow.mapping.values.days import first_day, last_day


def judged(condition: str, left: str | None, right: str | None) -> bool | None:
    frame = pl.DataFrame({"A": [left], "B": [right]}, {"A": pl.String, "B": pl.String})
    answer = frame.select(expression(parse(condition), lambda name: Column(pl.col(name))))
    value: bool | None = answer.item()
    return value


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        ("2024-03-14", "2024-03-15", True),
        ("2024-03-15", "2024-03-15", False),
        ("2024-03-15T23:00", "2024-03-16", True),
        ("2024-03-15T08:00", "2024-03-15", False),
        ("2024-03-15T08:00", "2024-03-15T08:30", True),
        ("2024-03-15T08:30", "2024-03-15T08:30", False),
        ("2024-03-15T08", "2024-03-15T08:30", None),
        ("2024-02", "2024-03-15", True),
        ("2024-03", "2024-03-15", None),
        ("2024-03", "2024-03-01", False),
        ("2024-03", "2024-03", None),
        ("2023", "2024-03", True),
        ("2024", "2024-03-15", None),
        ("2025", "2024-03-15", False),
        ("2023---20", "2024-01-01", True),
        ("2024---20", "2024-03-15", None),
        ("--02-05", "2024-03-15", None),
        (None, "2024-03-15", None),
        ("2024-03-15", None, None),
    ],
)
def test_before(left: str | None, right: str | None, answer: bool | None) -> None:
    assert judged("A before B", left, right) is answer
    assert judged("B after A", left, right) is answer
    opposite = None if answer is None else not answer
    assert judged("A on or after B", left, right) is opposite
    assert judged("B On  Or  Before A", left, right) is opposite


PARTS = st.dates(dt.date(1999, 1, 1), dt.date(2004, 12, 31)).flatmap(
    lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
)


@given(PARTS, PARTS)
def test_an_answer_holds_for_every_day_that_the_dates_may_mean(left: str, right: str) -> None:
    (lefts, rights) = ([*_span(text)] for text in (left, right))
    possible = {a < b for a in lefts for b in rights}
    answer = judged("A before B", left, right)
    assert answer is (possible.pop() if len(possible) == 1 else None)


def _span(text: str) -> tuple[dt.date, dt.date]:
    frame = pl.DataFrame({"t": [text]})
    first, last = frame.select(first_day(pl.col("t")).alias("f"), last_day(pl.col("t"))).row(0)
    assert first.isoformat().startswith(text)
    assert last.isoformat().startswith(text)
    assert not (first - dt.timedelta(days=1)).isoformat().startswith(text)
    assert not (last + dt.timedelta(days=1)).isoformat().startswith(text)
    return first, last
