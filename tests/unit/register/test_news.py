"""What of a run people may have to be told, on both databases, and that they are told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from sdtmflow.finding import Severity
from sdtmflow.register import NEWS_SCHEMA, open_register
from tests.lives import ANNA, finding, frame, looked, seen_by

ONE, TWO = finding("1"), finding("2", site="02")
GRAVE = finding("3", rule="R2", severity=Severity.CRITICAL)


def test_a_run_brings_what_it_saw_first_or_reopened(url: URL):
    register = open_register(url, "S1")
    register.take(seen_by("a"), frame(ONE, TWO, GRAVE))
    news = register.news("a")
    assert dict(news.schema) == NEWS_SCHEMA
    assert news.rows() == [
        ("critical", "01", "R2", 1, 0),
        ("major", "01", "R1", 1, 0),
        ("major", "02", "R1", 1, 0),
    ]
    register.take(seen_by("b"), frame(ONE))
    assert register.news("b").is_empty()
    register.take(seen_by("c"), frame(ONE, TWO, finding("4", site="02")))
    assert register.news("c").rows() == [("major", "02", "R1", 2, 1)]
    assert register.news("unknown").is_empty()


def test_what_people_reopen_or_waive_is_no_news(sqlite: URL):
    register = open_register(sqlite, "S1")
    register.take(seen_by("a"), frame(ONE, TWO))
    register.waive([ONE.fingerprint, TWO.fingerprint], ANNA, reason="as it is")
    register.reopen([TWO.fingerprint], ANNA, reason="it is not")
    assert register.news("a").rows() == [("major", "02", "R1", 1, 0)]  # seen first by the run
    register.take(seen_by("b"), frame(ONE, TWO))
    assert register.news("b").is_empty()


def test_the_same_data_after_another_run_are_no_news_again(sqlite: URL):
    register = open_register(sqlite, "S1")
    register.take(seen_by("a"), frame(ONE))
    register.take(seen_by("b", looked(["02"]), limits="sites 02"), frame(TWO))
    register.take(seen_by("a"), frame(ONE, TWO))
    assert register.news("a").is_empty()


def test_people_are_told_of_a_run_once(url: URL):
    register = open_register(url, "S1")
    register.take(seen_by("a"), frame(ONE))
    assert not register.was_told("a", "")
    register.note_told("a", "domains AE")
    assert register.was_told("a", "domains AE")
    assert not register.was_told("a", "")  # the whole run has more to tell
    register.note_told("a", "")
    register.take(seen_by("a"), frame(ONE))
    assert register.was_told("a", "")
    assert register.was_told("a", "domains AE")
    register.take(seen_by("b"), frame(ONE))
    assert not register.was_told("b", "")
    assert register.faults() == ()


@pytest.fixture
def of_older_version(tmp_path: Path) -> URL:
    """A database with the tables of migration 0001 and one run."""
    from alembic import command
    from alembic.config import Config

    from sdtmflow.register.migrating import _MIGRATIONS

    url = URL.create("sqlite", database=str(tmp_path / "findings.db"))
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with create_engine(url, poolclass=NullPool).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO run VALUES ('S1', 1, 'a', '', '', '', '', '[]')"))
    return url


def test_runs_of_an_older_version_are_not_told_afterwards(of_older_version: URL):
    register = open_register(of_older_version, "S1")
    assert register.was_told("a", "")
    register.take(seen_by("b"), frame(ONE))
    assert not register.was_told("b", "")
