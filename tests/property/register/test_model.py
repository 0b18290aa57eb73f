"""The register against a simple model of the life of findings."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from sdtmflow.errors import RegisterError
from sdtmflow.register import open_register
from tests.lives import ANNA, Clock, finding, frame, looked, seen_by

KEYS = {"1": "01", "2": "01", "3": "02", "4": "02"}
"""Findings and their sites."""
PRINTS = {key: finding(key, site).fingerprint for key, site in KEYS.items()}
STUDIES = itertools.count()

runs = st.tuples(
    st.just("run"),
    st.frozensets(st.sampled_from(sorted(KEYS))),
    st.frozensets(st.sampled_from(["01", "02"])),
)
acts = st.tuples(
    st.sampled_from(["open", "query", "answer", "reopen", "waive", "waive until"]),
    st.sampled_from(sorted(KEYS)),
)
days = st.tuples(st.just("sleep"))
STEPS = st.lists(st.one_of(runs, runs, acts, days), max_size=14)

ALLOWED = {
    "open": {"new", "queried", "answered", "reopened"},
    "query": {"new", "open", "reopened"},
    "answer": {"queried", "answered"},
    "reopen": {"waived", "resolved", "answered"},
    "waive": {"new", "open", "queried", "answered", "reopened", "waived"},
}
TO = {
    "open": "open",
    "query": "queried",
    "answer": "answered",
    "reopen": "reopened",
    "waive": "waived",
}


@dataclass
class Model:
    """What should be: one status a finding, and the day on which its waiver ends."""

    day: int = 0
    status: dict[str, str] = field(default_factory=dict)
    until: dict[str, int] = field(default_factory=dict)
    changes: int = 0

    def become(self, key: str, status: str) -> None:
        self.status[key] = status
        self.until.pop(key, None)
        self.changes += 1

    def run(self, found: frozenset[str], sites: frozenset[str]) -> None:
        for key, site in KEYS.items():
            was = self.status.get(key)
            over = was == "waived" and self.until.get(key, self.day) < self.day
            if key in found:
                if was is None:
                    self.become(key, "new")
                elif was == "resolved" or over:
                    self.become(key, "reopened")
            elif was not in {None, "resolved"}:
                if site in sites:
                    self.become(key, "resolved")
                elif over:
                    self.become(key, "reopened")

    def act(self, what: str, key: str) -> bool:
        verb = what.split(maxsplit=1)[0]
        if self.status.get(key) not in ALLOWED[verb]:
            return False
        self.become(key, TO[verb])
        if what == "waive until":
            self.until[key] = self.day + 1
        return True


@pytest.fixture(scope="module")
def database():
    with tempfile.TemporaryDirectory() as folder:
        yield URL.create("sqlite", database=str(Path(folder) / "findings.db"))


def done(register, clock: Clock, what: str, key: str) -> bool:
    one = PRINTS[key]
    tomorrow = (clock().date() + dt.timedelta(days=1)).isoformat()
    acting = {
        "open": lambda: register.open([one], ANNA),
        "query": lambda: register.query({one: "Q"}, ANNA),
        "answer": lambda: register.answer({one: "A"}, ANNA),
        "reopen": lambda: register.reopen([one], ANNA, reason="no"),
        "waive": lambda: register.waive([one], ANNA, reason="yes"),
        "waive until": lambda: register.waive([one], ANNA, reason="yes", until=tomorrow),
    }
    try:
        return acting[what]() == 1
    except RegisterError:
        return False


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_lives_are_as_the_model_says(database: URL, steps) -> None:
    clock, model = Clock(), Model()
    register = open_register(database, f"S{next(STUDIES)}", clock)
    for number, (what, *given_) in enumerate(steps):
        if what == "sleep":
            clock.sleep(days=1)
            model.day += 1
        elif what == "run":
            found, sites = given_
            frames = frame(*(finding(key, KEYS[key]) for key in sorted(found)))
            standing = register.take(seen_by(f"run{number}", looked(sites=sites)), frames)
            model.run(found, sites)
            assert standing.history.height == model.changes
        else:
            assert done(register, clock, what, given_[0]) == model.act(what, given_[0])
    statuses = dict(register.findings().select("record_key", "status").iter_rows())
    assert statuses == model.status
    assert register.history().height == model.changes
    assert register.faults() == ()
