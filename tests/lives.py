"""Findings, runs and people for tests of the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import polars as pl

from sdtmflow.audit import Actor
from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.register import Looked, SeenBy

ANNA = Actor(name="Anna", account="anna@clinic")
ROBOT = Actor(name="Robot", account="robot@server")
WHOLE = Looked(frozenset({"01", "02"}), study_wide=True, package=True)


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def sleep(self, days: int) -> None:
        self.now += dt.timedelta(days=days)


def finding(key: str = "1", site: str = "01", value: str = "x", **given: object) -> Finding:
    parts = {"rule": "R1", "severity": Severity.MAJOR, "stage": Stage.SDTM, "message": "is wrong"}
    where = {"dataset": "AE", "subject": f"S-{key}", "variable": "AETERM"}
    return Finding(**{**parts, **where, "site": site, "record_key": key, "value": value, **given})


def frame(*findings: Finding) -> pl.DataFrame:
    return findings_frame(findings)


def seen_by(run: str, looked: Looked = WHOLE, **given: str) -> SeenBy:
    return SeenBy(run=run, cutoff="2026-02-28", looked=looked, actor=ROBOT, **given)


def looked(sites: Collection[str] = ("01", "02"), **given: object) -> Looked:
    parts = {"study_wide": True, "package": True}
    return Looked(frozenset(sites), **{**parts, **given})
