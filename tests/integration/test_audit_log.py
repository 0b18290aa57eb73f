"""The log in every kind of store: nothing is lost, nothing doubled, whoever else is at work."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sdtmflow.audit import Act, Actor, events, record
from sdtmflow.audit.log import log_series
from sdtmflow.store.mirrors import mirrored

APPENDER = Path(__file__).with_name("appender.py")
ANA = Actor(name="Ana", account="ana@desk")


def test_what_was_recorded_is_read_back_by_another_process(place, store):
    recorded = [record(store, "TRIAL", Act("verify", bundle=n), ANA) for n in (1, 2, 3)]
    other = place.open()
    assert list(events(other, "TRIAL")) == recorded
    assert events(other, "OTHER") == ()
    assert mirrored(other, log_series("TRIAL")) == other.entries(log_series("TRIAL"))


def test_sixteen_who_append_at_once_all_have_their_entries(exclusive_place):
    rivals = [_start(exclusive_place, f"rival {n}", count=3) for n in range(16)]
    for rival in rivals:
        assert rival.stdout.readline() == "ready\n"
    for rival in rivals:
        rival.stdin.write("\n")
        rival.stdin.flush()
    for rival in rivals:
        _, complaints = rival.communicate(timeout=120)
        assert rival.returncode == 0, complaints
    log = events(exclusive_place.open(), "TRIAL")
    assert [event.number for event in log] == list(range(1, 49))
    assert [event.previous for event in log] == [None, *(event.digest for event in log[:-1])]
    entries = Counter((event.who, event.details["turn"]) for event in log)
    assert entries == {(f"rival {n}", str(turn)): 1 for n in range(16) for turn in range(3)}


def _start(place, name: str, count: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, APPENDER, place.url, name, str(count)],
        env={**os.environ, **place.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
