"""What a check run says of itself; its findings and GX's results lie beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.report import NotChecked

FILE = "check.json"


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something that was not checked, and why; ``rule`` is empty for a whole table."""

    table: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class TableReport:
    """One table's validation: rows, expectations run, expectations failed, findings made."""

    table: str
    rows: int
    expectations: int
    failed: int
    findings: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was checked in a partition, how many findings of each severity, and what was not."""

    stage: str
    partition: str
    tables: tuple[TableReport, ...]
    findings: dict[str, int]
    unchecked: tuple[Unchecked, ...]

    def write(self, out: Path) -> None:
        """Write ``check.json`` into ``out``."""
        (out / FILE).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def read_check_report(out: Path) -> CheckReport:
    """What ``check_tables`` wrote into ``out``."""
    data = json.loads((out / FILE).read_text(encoding="utf-8"))
    tables = tuple(TableReport(**table) for table in data["tables"])
    unchecked = tuple(Unchecked(**gap) for gap in data["unchecked"])
    return CheckReport(**data | {"tables": tables, "unchecked": unchecked})


def counted(findings: pl.DataFrame) -> dict[str, int]:
    """Severity → number of findings, every severity named."""
    counts = dict(findings.group_by("severity").len().iter_rows())
    return {severity.value: counts.get(severity.value, 0) for severity in Severity}


def unchecked_tables(absent: Sequence[str], unnamed: Sequence[str]) -> tuple[Unchecked, ...]:
    """Tables that a suite names and nobody sent, and tables that no suite names."""
    return (
        *(Unchecked(table, "", "not delivered") for table in absent),
        *(Unchecked(table, "", NotChecked.UNNAMED) for table in unnamed),
    )
