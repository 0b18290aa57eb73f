"""A study on CT 2025-03-28, an altered copy of that version, and a few adverse events."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.impact import Impact, assess
from sdtmflow.impact.data import StudyData
from sdtmflow.mapping import load_plan, map_partition
from sdtmflow.standards import packages
from sdtmflow.standards.nci_rows import Package
from sdtmflow.standards.terminology import carried
from sdtmflow.study import StudyFolder

NEW = dt.date(2025, 9, 26)
Alter = Callable[[pl.DataFrame], pl.DataFrame]


def staged(folder: Path, tables: dict[str, dict[str, list[str]]]) -> Path:
    """Staged tables as staging writes them."""
    folder.mkdir()
    for name, columns in tables.items():
        frame = pl.DataFrame(columns).with_columns(
            _source=pl.lit("first_clinic"),
            _site=pl.lit("01"),
            _subject="SUBJID",
            _file=pl.lit(name),
            _row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
            _place=pl.lit(""),
        )
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


class Upgrade:
    """What the tests change, and the impact that comes of it."""

    def __init__(self, root: Path) -> None:
        self.root = Path(shutil.copytree(TEMPLATE, root / "study"))
        self.codelists: Alter = lambda table: table
        self.terms: Alter = lambda table: table
        self.data = StudyData()

    @property
    def folder(self) -> StudyFolder:
        return StudyFolder(self.root)

    def collect(self, **columns: list[str]) -> None:
        """Adverse events of subject 101, as collected and as mapped today."""
        rows = len(next(iter(columns.values())))
        events = {"SUBJID": ["101"] * rows, "AETERM": [f"T{at}" for at in range(rows)], **columns}
        tables = staged(
            self.root / "staged", {"dm": {"SUBJID": ["101"], "SEX": ["M"]}, "ae": events}
        )
        out = self.root / "mapped"
        out.mkdir()
        map_partition(load_plan(self.folder), tables, "01", out)
        datasets = {path.stem: pl.scan_parquet(path) for path in out.glob("*.parquet")}
        datasets.pop("findings")
        self.data = StudyData("made-up events", datasets, {"01": tables})

    def impact(self) -> Impact:
        """The impact of the altered copy of the carried version."""
        package = carried(dt.date(2025, 3, 28))
        altered = Package(self.codelists(package.codelists), self.terms(package.terms))
        file = self.root / "study.yaml"  # whatever file: the package is made here
        packages.put(altered, NEW, file, self.folder.terminology)
        return assess(self.folder, NEW, self.data)


@pytest.fixture
def upgrade(tmp_path: Path) -> Upgrade:
    return Upgrade(tmp_path)
