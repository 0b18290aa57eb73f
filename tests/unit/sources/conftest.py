"""A study folder with one source, made for a test, and what collecting it gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sdtmflow.sources.collect import collect
from sdtmflow.sources.raw import PROVENANCE
from sdtmflow.sources.report import CollectReport
from sdtmflow.store.opening import open_store
from sdtmflow.store.snapshots import Snapshots
from sdtmflow.study import StudyFolder


@dataclass
class Collected:
    report: CollectReport
    out: Path
    folder: StudyFolder

    def table(self, name: str) -> pl.DataFrame:
        report = next(table for table in self.report.tables if table.name == name)
        return pl.read_parquet(self.out / report.path)

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """The data columns only."""
        return self.table(name).drop(PROVENANCE).rows()

    @property
    def quarantine(self) -> pl.DataFrame:
        return pl.read_parquet(self.out / "quarantine.parquet")

    @property
    def counts(self) -> dict[str, int]:
        return {table.name: table.rows for table in self.report.tables}


class Workshop:
    """Writes study folders below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.snapshots = Snapshots(open_store("store", root), root / "cache")

    def study(self, sources: dict[str, dict[str, Any]], **settings: Any) -> StudyFolder:
        """A study with sites 01 and 02; JSON is YAML."""
        folder = self.root / "study"
        folder.mkdir(exist_ok=True)
        study = {
            "version": 1,
            "study": "S1",
            "title": "A study",
            "cutoff": "2026-01-01",
            "standards": {"ct": "2025-03-28"},
            "sites": {site: {"name": site, "country": "CHE"} for site in ("01", "02")},
            "sources": sources,
        }
        (folder / "study.yaml").write_text(json.dumps(study | settings), encoding="utf-8")
        return StudyFolder(folder)

    def write(self, files: dict[str, bytes | str], below: str = "study/raw") -> None:
        for name, content in files.items():
            path = self.root / below / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def collect(self, folder: StudyFolder, source: str = "edc") -> Collected:
        out = self.root / "out" / source
        out.mkdir(parents=True, exist_ok=True)
        for left in sorted(out.rglob("*"), reverse=True):
            left.unlink() if left.is_file() else left.rmdir()
        return Collected(collect(folder, source, self.snapshots, out), out, folder)

    def deliver(self, kind: str, files: dict[str, bytes | str], **settings: Any) -> Collected:
        """Collect ``files`` as the only source of site 01."""
        self.write(files)
        source = {"kind": kind, "path": "raw", "site": "01"} | settings
        return self.collect(self.study({"edc": source}))


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def deliver(workshop: Workshop) -> Callable[..., Collected]:
    return workshop.deliver
