"""A site's deliveries as CSV files, one after the other, and what their comparison finds."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sdtmflow.drift import SiteDrift, compare_site, compare_structure
from sdtmflow.finding import findings_frame
from sdtmflow.sources.collect import collect
from sdtmflow.sources.report import read_collect_report
from sdtmflow.sources.stage import stage
from sdtmflow.store import Snapshots, open_store
from sdtmflow.study import StudyFolder

Rows = list[dict[str, str]]
Tables = dict[str, Rows]


def first_delivery() -> Tables:
    """40 subjects: demographics, events, four visits of vital signs, two laboratory tests."""
    chance = random.Random(6)
    tables: Tables = {"dm": [], "ae": [], "vs": [], "lb": []}
    for number in range(1, 41):
        subject = f"{number:03}"
        tables["dm"].append(
            {"SUBJID": subject, "SEX": chance.choice("MF"), "AGE": f"{20 + number}"}
        )
        for event in (1, 2):
            tables["ae"].append(
                {
                    "SUBJID": subject,
                    "AESPID": str(event),
                    "AETERM": chance.choice(["Headache", "Nausea", "Rash"]),
                    "AESEV": chance.choice(["MILD", "MODERATE"]),
                    "SDV": "Y" if number <= 20 else "N",
                }
            )
        tables |= {"vs": [*tables["vs"], *vital_signs(subject, range(1, 5), chance)]}
        tables |= {"lb": [*tables["lb"], *laboratory(subject, chance)]}
    return tables


def vital_signs(subject: str, visits: range, chance: random.Random) -> Rows:
    return [
        {
            "SUBJID": subject,
            "VISIT": f"VISIT {visit}",
            "WEIGHT": f"{chance.gauss(75, 8):.1f}",
            "POSITION": chance.choice(["SITTING", "SUPINE"]),
            "COMMENT": "" if chance.random() < 0.9 else "arm moved",
        }
        for visit in visits
    ]


def laboratory(subject: str, chance: random.Random, scale: float = 1) -> Rows:
    """No column names a record: a test may be repeated."""
    values = {"ALT": chance.gauss(25, 5), "GLUC": chance.gauss(90, 9) * scale}
    return [
        {"SUBJID": subject, "LBNAME": name, "LBORRES": f"{value:.2f}"}
        for name, value in values.items()
        for _ in range(2)
    ]


@dataclass
class Told:
    """What a comparison found."""

    frame: pl.DataFrame
    site: SiteDrift

    @property
    def rules(self) -> list[str]:
        """Every rule once, sorted."""
        return sorted(set(self.frame["rule"]))

    def of(self, rule: str) -> list[dict[str, Any]]:
        """The findings of a rule."""
        return self.frame.filter(pl.col("rule") == rule).to_dicts()


@dataclass
class Trial:
    """Two deliveries of one site."""

    root: Path
    last: Tables = field(default_factory=first_delivery)
    now: Tables = field(default_factory=first_delivery)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: tuple[str, str] = ("", "")
    """What the names of the files of either delivery end with."""

    def compare(self, **drift: Any) -> Told:
        source = {"kind": "delimited", "path": "raw", "site": "01"}
        study = {
            "version": 1, "study": "S1", "title": "A study", "cutoff": "2026-01-01",
            "standards": {"ct": "2025-03-28"}, "sources": {"edc": source}, "drift": drift,
            "sites": {"01": {"name": "Clinic", "country": "CHE"}},
        }  # fmt: skip
        (self.root / "study.yaml").write_text(json.dumps(study))
        folder = StudyFolder(self.root)
        last, now = (
            self._staged(folder, tables, name, ending)
            for tables, name, ending in zip(
                (self.last, self.now), ("last", "now"), self.names, strict=True
            )
        )
        out = self.root / "drift"
        out.mkdir(exist_ok=True)
        staged = last / "staged", now / "staged"
        site = compare_site(folder.study, "01", ["edc"], staged, self.keys, out=out)
        reports = read_collect_report(last / "collected"), read_collect_report(now / "collected")
        whole = compare_structure(*reports, folder.study.sources["edc"], folder.study.drift)
        frame = pl.concat([pl.read_parquet(out / "findings.parquet"), findings_frame(whole)])
        return Told(frame, site)

    def _staged(self, folder: StudyFolder, tables: Tables, name: str, ending: str) -> Path:
        raw, out = self.root / "raw", self.root / name
        raw.mkdir(exist_ok=True)
        for left in raw.iterdir():
            left.unlink()
        for table, rows in tables.items():
            with (raw / f"{table}{ending}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        for part in ("collected", "staged"):
            (out / part).mkdir(parents=True, exist_ok=True)
            for left in sorted((out / part).rglob("*"), reverse=True):
                left.unlink() if left.is_file() else left.rmdir()
        snapshots = Snapshots(open_store("store", self.root), self.root / "cache")
        collect(folder, "edc", snapshots, out / "collected")
        stage(folder.study, "01", {"edc": out / "collected"}, out / "staged")
        return out


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path)


@pytest.fixture
def grown() -> Callable[[Tables], None]:
    """Adds what a good delivery has more: ten subjects, and a fifth visit of everybody."""

    def grow(tables: Tables, scale: float = 1) -> None:
        chance = random.Random(7)
        for number in range(41, 51):
            subject = f"{number:03}"
            tables["dm"].append({"SUBJID": subject, "SEX": chance.choice("MF"), "AGE": "51"})
        for number in range(1, 51):
            tables["vs"] += vital_signs(f"{number:03}", range(5, 6), chance)
            tables["lb"] += laboratory(f"{number:03}", chance, scale)

    return grow
