"""Tables as text: what these tests show is what the engine gets and gives.

A blank cell is a missing value. ``Bench.map`` maps one domain of a small study and returns its
records as such a table, the findings' rules included where asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import polars as pl
import pytest

from sdtmflow.lineage.datasets import RunDatasets
from sdtmflow.mapping import Plan, assemble, load_plan, map_partition
from sdtmflow.study import StudyFolder
from tests.re_execution import remade

STUDY = """
version: 1
study: S1
title: A study of verbs
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources:
  edc: {kind: delimited, path: raw, site: "01", dates: [DD-MON-YYYY]}
  german: {kind: delimited, path: raw, site: "01", dates: [DD.MM.YYYY], decimal: ","}
visits:
  - {visit: SCREENING, visitnum: 1, day: -7, collected: [V1]}
  - {visit: BASELINE, visitnum: 2, day: 1}
  - {visit: WEEK 2, visitnum: 3, day: 15}
"""
DM = """
version: 1
domain: DM
from: dm
keys: [STUDYID, USUBJID]
variables:
  SEX: {assign: SEX}
  COUNTRY: {constant: CHE}
  RFSTDTC: {datetime: RFSTDTC, formats: [ISO]}
  RFXSTDTC: {datetime: RFXSTDTC, formats: [ISO]}
"""
CM = """
version: 1
domain: CM
from: cm
keys: [STUDYID, USUBJID, CMTRT]
variables:
  CMSEQ: {sequence: {by: keys}}
  CMTRT: {assign: CMTRT}
"""


def table(text: str) -> pl.DataFrame:
    """A drawn table as a frame of texts; a blank cell is missing."""
    rows = [
        [cell.strip() or None for cell in line.strip().strip("|").split("|")]
        for line in dedent(text).strip().splitlines()
    ]
    return pl.DataFrame(rows[1:], schema=[str(name) for name in rows[0]], orient="row")


def drawn(frame: pl.DataFrame) -> str:
    """A frame as a table with columns as wide as needed, whole numbers without a point."""
    shown = [frame.columns, *([_cell(cell) for cell in row] for row in frame.iter_rows())]
    widths = [max(len(row[at]) for row in shown) for at in range(frame.width)]
    lines = (
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in shown
    )
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass
class Bench:
    """A small study on disk."""

    root: Path
    specs: dict[str, str] = field(default_factory=lambda: {"dm": DM, "cm": CM})
    study: str = STUDY
    terms: dict[str, str] = field(default_factory=dict)
    functions: str = ""
    numbers: Path | None = None
    """Where the --SEQ of earlier deliveries are kept."""

    def lines(self, *lines: str, domain: str = "cm") -> None:
        """Add variable lines to a domain's spec."""
        self.specs[domain] += "".join(f"  {line}\n" for line in lines)

    def plan(self) -> Plan:
        """The study's plan; its own specs stand in the place of the standard ones."""
        for folder in ("standard", "mappings", "terms"):
            (self.root / folder).mkdir(exist_ok=True)
        (self.root / "study.yaml").write_text(self.study)
        for name, spec in self.specs.items():
            (self.root / "standard" / f"{name}.yaml").write_text(spec)
        for name, terms in self.terms.items():
            (self.root / "terms" / f"{name}.csv").write_text(dedent(terms).lstrip())
        if self.functions:
            (self.root / "mappings" / "derivations.py").write_text(dedent(self.functions))
        return load_plan(StudyFolder(self.root), self.root / "standard")

    def map(self, tables: Mapping[str, str], *, columns: str, dataset: str = "CM") -> str:
        """Map the drawn raw tables; the dataset's ``columns`` as a drawn table."""
        self.run(tables)
        return self.drawn(dataset, columns.split())

    def run(self, tables: Mapping[str, str]) -> None:
        """Map the drawn raw tables."""
        staged, out = self.root / "staged", self.root / "mapped"
        for folder in (staged, out):
            folder.mkdir()
        for name, text in tables.items():
            _stage(table(text), name).write_parquet(staged / f"{name}.parquet")
        map_partition(self.plan(), staged, "01", out, numbers=self.numbers)

    def map_again(
        self, staged: Mapping[str, pl.DataFrame], folder: Path
    ) -> dict[str, pl.DataFrame]:
        """Map staged tables in a new folder; dataset → its records."""
        tables, out = folder / "staged", folder / "mapped"
        for path in (tables, out):
            path.mkdir(parents=True)
        for name, frame in staged.items():
            frame.write_parquet(tables / f"{name}.parquet")
        map_partition(self.plan(), tables, "01", out)
        return {p.stem: pl.read_parquet(p) for p in out.glob("*.parquet") if p.stem.isupper()}

    def prove_lineage(self) -> int:
        """Map every cell again from the raw cells of its trace alone; how many cells there are."""
        assembled = self.root / "assembled"
        assembled.mkdir()
        assemble(self.plan(), [self.root / "mapped"], assembled)
        staged = {path.stem: pl.read_parquet(path) for path in (self.root / "staged").iterdir()}
        named = {subject for frame in staged.values() for subject in frame["_subject"].drop_nulls()}
        cells, wrong = remade(
            RunDatasets(assembled),
            {f"S1-01-{subject}": subject for subject in sorted(named)},
            staged,
            lambda cut: self.map_again(cut, self.root / "again"),
            "S1-01-{}",
        )
        assert not wrong
        return cells

    def drawn(self, dataset: str, columns: Sequence[str]) -> str:
        """Columns of a dataset of the last mapping; a dataset without records has no rows."""
        path = self.root / "mapped" / f"{dataset}.parquet"
        if not path.is_file():
            return drawn(pl.DataFrame(schema=list(columns)))
        return drawn(pl.read_parquet(path).select(columns))

    def shown(self, dataset: str, columns: str) -> str:
        """Another dataset of the last mapping."""
        made = pl.read_parquet(self.root / "mapped" / f"{dataset}.parquet")
        return drawn(made.select(columns.split()))

    def findings(self) -> str:
        """Rule, subject, variable and value of the last mapping's findings."""
        found = pl.read_parquet(self.root / "mapped" / "findings.parquet")
        return drawn(found.select("rule", "subject", "variable", "value"))

    def keys(self) -> list[str]:
        """The records that the last mapping's findings name."""
        found = pl.read_parquet(self.root / "mapped" / "findings.parquet")
        return found["record_key"].to_list()


def _stage(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """What staging adds; the column ``_source`` may be drawn, else it is ``edc``."""
    source = pl.col("_source") if "_source" in frame.columns else pl.lit("edc")
    return frame.with_columns(
        source.alias("_source"),
        pl.lit("01").alias("_site"),
        pl.col("SUBJID").alias("_subject"),
        pl.lit(name).alias("_file"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("_row"),
        pl.lit("").alias("_place"),
    )


@pytest.fixture(scope="session")
def staged():
    """A drawn raw table as staging leaves it."""
    return lambda text, name: _stage(table(text), name)


@pytest.fixture(scope="session")
def shown():
    """Columns of a file as a drawn table."""
    return lambda path, columns: drawn(pl.read_parquet(path).select(columns))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A study to map; whatever was mapped is mapped again from what its lineage states."""
    bench = Bench(tmp_path)
    yield bench
    if (tmp_path / "mapped" / "map.json").is_file():
        bench.prove_lineage()


@pytest.fixture
def same():
    """Compare a drawn table with the expected one, whatever its indentation and widths."""

    def check(actual: str, expected: str) -> None:
        assert actual == drawn(table(expected)), f"\n{actual}"

    return check
