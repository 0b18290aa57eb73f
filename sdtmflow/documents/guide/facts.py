"""What a run knows that a reviewer's guide says: counts and metadata, never a subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sdtmflow.dataset import Dataset
from sdtmflow.documents.crf.model import NotSubmitted
from sdtmflow.finding import Severity
from sdtmflow.study import Study


@dataclass(frozen=True, slots=True)
class Issue:
    """The findings of one rule in one dataset (or raw table)."""

    stage: str
    dataset: str
    rule: str
    severity: str
    variables: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A site or source of which nothing, or only an earlier delivery, is in the data."""

    what: str
    reason: str
    used: str


@dataclass(frozen=True, slots=True)
class SizePart:
    """A part of a dataset, cut by the order of its records for its size."""

    dataset: str
    name: str
    file: str
    holds: str
    """``records 1 to 1,200``."""
    records: int


@dataclass(frozen=True, slots=True)
class GuideFacts:
    """Everything that the guide is drafted from."""

    study: Study
    datasets: tuple[Dataset, ...]
    """In the order of define.xml."""
    records: Mapping[str, int]
    """Dataset → records."""
    design: Mapping[str, pl.DataFrame]
    """TA, TE, TI, TS, TV as far as they are there: data of the protocol, of no subject."""
    arms: tuple[tuple[str, str, int], ...]
    """(planned arm or "", why there is none, subjects)."""
    sites: tuple[tuple[str, str, str], ...]
    """(site, country, kinds of its systems) of the sites that are in the data."""
    left_out: tuple[LeftOut, ...]
    issues: tuple[Issue, ...]
    rules: Mapping[str, tuple[str, ...]]
    """The study's own rules with their messages."""
    not_submitted: tuple[NotSubmitted, ...] = ()
    refused: tuple[str, ...] = ()
    """Datasets that could not be written."""
    parts: tuple[SizePart, ...] = ()
    """What datasets that are larger than the agency takes are submitted in besides."""
    version: str = ""
    """Of sdtmflow."""

    @property
    def subjects(self) -> int:
        """Subjects in DM."""
        return sum(count for _, _, count in self.arms)


DESIGN = ("TA", "TE", "TI", "TS", "TV")


def records_of(datasets: Iterable[Dataset], data: Path) -> dict[str, int]:
    """Dataset → records, from ``data/<NAME>.parquet``."""
    return {
        one.name: int(
            pl.scan_parquet(data / f"{one.name}.parquet").select(pl.len()).collect().item()
        )
        for one in datasets
    }


def design_of(datasets: Iterable[Dataset], data: Path) -> dict[str, pl.DataFrame]:
    """The trial design datasets."""
    names = {one.name for one in datasets} & set(DESIGN)
    return {name: pl.read_parquet(data / f"{name}.parquet") for name in sorted(names)}


def arms_of(datasets: Iterable[Dataset], data: Path) -> tuple[tuple[str, str, int], ...]:
    """Subjects by planned arm, and by the reason where there is none."""
    dm = next((one for one in datasets if one.name == "DM"), None)
    if dm is None:
        return ()
    names = [variable.name for variable in dm.variables]
    by = [name for name in ("ARM", "ARMNRS") if name in names]
    counts = (
        pl.scan_parquet(data / "DM.parquet")
        .select(pl.col(by).fill_null(""))
        .group_by(by)
        .len()
        .sort(by)
        .collect()
    )
    return tuple(
        (row.get("ARM", ""), row.get("ARMNRS", ""), row["len"])
        for row in counts.iter_rows(named=True)
    )


def issues_of(findings: Sequence[pl.DataFrame]) -> tuple[Issue, ...]:
    """Findings counted by stage, dataset and rule, the worst first.

    ``findings`` have the columns of ``FINDINGS_SCHEMA``; only those that name no record are read.
    """
    by = ["stage", "dataset", "rule", "severity"]
    frames = [frame.select(*by, "variable") for frame in findings]
    if not frames:
        return ()
    order = pl.col("severity").replace_strict({each.value: at for at, each in enumerate(Severity)})
    counts = (
        pl.concat(frames)
        .group_by(by)
        .agg(pl.col("variable").unique().sort(), pl.len().alias("count"))
        .sort("dataset", order, "rule")
    )
    return tuple(
        Issue(
            row["stage"],
            row["dataset"],
            row["rule"],
            row["severity"],
            tuple(name for name in row["variable"] if name),
            row["count"],
        )
        for row in counts.iter_rows(named=True)
    )
