"""Great Expectations' pages: offline, escaped, and the same for the same results."""

import datetime as dt
import re
import time

import polars as pl
import pytest

from expectations.batch import Step
from expectations.data_docs import build_data_docs
from expectations.gx import validate
from expectations.suite import Check

AT = dt.datetime(2024, 6, 30, tzinfo=dt.UTC)
HOSTILE = "<img src=x onerror=alert(1)> $AESEV"


@pytest.fixture
def results(tmp_path):
    rows = pl.DataFrame({"AESEV": ["MILD", HOSTILE], "SUBJID": ["001", "002"]})
    check = Check(
        expectation="expect_column_values_to_be_in_set",
        arguments={"column": "AESEV", "value_set": ["MILD"]},
        rule="AE001",
        severity="major",
        message="Not <mild>",
    )
    stored = tmp_path / "raw.ae.json"
    step = Step(0, check, check.arguments)
    outcomes = validate("raw.ae", [step], rows, parameters={}, stored=stored)
    assert [outcome.positions.tolist() for outcome in outcomes] == [[1]]
    return {"site 01 · raw.ae": stored}


def pages(folder):
    found = sorted(folder.rglob("*"))
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in found
        if path.is_file()
    }


def test_the_pages_load_nothing_and_hold_no_clock(results, tmp_path):
    start = build_data_docs(results, "run-1", AT, tmp_path / "docs")
    assert start == tmp_path / "docs/index.html"
    made = pages(tmp_path / "docs")
    validation = "validations/raw/ae/run-1/20240630T000000.000000Z/site-01-raw.ae.html"
    assert set(made) == {"index.html", validation}
    for page in made.values():
        assert not re.search(r"https?:|//[a-z]+\.", page)
        assert f"{dt.datetime.now(dt.UTC):%Y-%m-%d}" not in page
    assert f'href="{validation}"' in made["index.html"]
    assert "AE001 (major) expects column values to be in set" in made[validation]


def test_values_and_messages_are_escaped(results, tmp_path):
    build_data_docs(results, "run-1", AT, tmp_path / "docs")
    text = "".join(pages(tmp_path / "docs").values())
    assert "<img" not in text
    assert "<mild>" not in text
    assert "&lt;img src=x onerror=alert(1)&gt; &#36;AESEV" in text
    assert "Not &lt;mild&gt;" in text


@pytest.fixture
def kathmandu(monkeypatch):
    """Go to another time zone when it is called."""
    with monkeypatch.context() as place:
        yield lambda: (place.setenv("TZ", "Asia/Kathmandu"), time.tzset())
    time.tzset()


def test_the_same_results_give_the_same_pages_in_any_time_zone(results, tmp_path, kathmandu):
    build_data_docs(results, "run-1", AT, tmp_path / "one")
    kathmandu()
    build_data_docs(results, "run-1", AT, tmp_path / "two")
    assert pages(tmp_path / "one") == pages(tmp_path / "two")
