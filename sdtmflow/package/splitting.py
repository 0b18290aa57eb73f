"""Datasets that are larger than an agency takes: the parts that go into the package beside them.

FDA, Study Data Technical Conformance Guide, "Dataset Size": a dataset beyond the limit is submitted
whole, and in parts of at most the limit in the folder ``split``; the reviewer's guide explains it.
Parts are cut by records, with names of their own that are not the domain's (SD1095), and have the
variables and lengths of the whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from sdtmflow.dataset import Dataset
from sdtmflow.finding import Finding, Severity, Stage
from sdtmflow.formats.xpt import Member, open_xpt, xpt_size
from sdtmflow.formats.xpt.member import NAME_LENGTH
from sdtmflow.package.tree import PackageTree

_SUBJECT = "USUBJID"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a dataset: ``rows`` records behind the first ``before``."""

    name: str
    before: int
    rows: int

    @property
    def file(self) -> str:
        """Its place beside define.xml: ``split/lb1.xpt``."""
        return f"split/{self.name.lower()}.xpt"

    @property
    def records(self) -> str:
        """``records 1 to 1,200``."""
        return f"records {self.before + 1:,} to {self.before + self.rows:,}"


def parts_of(member: Member, rows: int, data: pl.LazyFrame, limit: int) -> tuple[Part, ...]:
    """The parts of at most ``limit`` bytes; none where the whole has no more.

    A subject's records (in ``data``) stay together where they fit into one part.
    """
    if xpt_size(member, rows) <= limit:
        return ()
    room = limit - xpt_size(member, 0)
    most = max(1, room // 80 * 80 // member.row_bytes)
    cuts = [*_cuts(_starts(data), rows, most), rows]
    return tuple(
        Part(_part_name(member.name, number, len(cuts) - 1), before, after - before)
        for number, (before, after) in enumerate(itertools.pairwise(cuts), start=1)
    )


def _starts(data: pl.LazyFrame) -> pl.Series:
    """Where a subject's records begin, without the first."""
    if _SUBJECT not in data.collect_schema():
        return pl.Series(dtype=pl.UInt32)
    subject = pl.col(_SUBJECT)
    changed = subject.ne_missing(subject.shift()).arg_true()
    return data.select(changed).collect().to_series().slice(1)


def _cuts(starts: pl.Series, rows: int, most: int) -> Iterator[int]:
    """Where each part begins."""
    cut = 0
    while cut < rows:
        yield cut
        place = starts.search_sorted(min(cut + most, rows), side="right")
        last = starts[place - 1] if place else 0
        cut = last if rows > cut + most and last > cut else cut + most


def _part_name(name: str, number: int, count: int) -> str:
    """``LB1``; ``LB01`` where there are more than nine."""
    figures = f"{number:0{len(str(count))}d}"
    return f"{name[: NAME_LENGTH - len(figures)]}{figures}"


def with_comment(dataset: Dataset, parts: tuple[Part, ...]) -> Dataset:
    """The dataset whose comment in define.xml names its parts."""
    if not parts:
        return dataset
    named = ", ".join(f"{part.file} ({part.records})" for part in parts)
    comment = f"{dataset.comment} Also submitted in parts, by the order of its records: {named}."
    return replace(dataset, comment=comment.strip())


def told(dataset: Dataset, parts: tuple[Part, ...], size: int, limit: int) -> Iterator[Finding]:
    """That a dataset is split, for the reviewer's guide."""
    if parts:
        yield Finding(
            rule="DATASET_SPLIT",
            severity=Severity.MINOR,
            stage=Stage.PACKAGE,
            message=f"{dataset.name} has {size:,} bytes, the agency takes {limit:,}: "
            f"it is submitted whole and in {len(parts)} parts",
            dataset=dataset.name,
        )


@dataclass(frozen=True, slots=True)
class PartFile:
    """A part as it stands in a package; ``file`` is relative to it."""

    file: str
    records: int
    size: int


def split_datasets(package: Path) -> Mapping[str, tuple[PartFile, ...]]:
    """The datasets of a package that are there in parts, by name; what csdrg.pdf explains.

    Raises FormatError where a part cannot be read.
    """
    tree = PackageTree.found(package)
    found: dict[str, tuple[PartFile, ...]] = {}
    for path in sorted(tree.split.glob("*.xpt")):
        whole = path.stem.rstrip("0123456789").upper()
        name = path.relative_to(package).as_posix()
        part = PartFile(name, open_xpt(path, encoding="latin-1").rows, path.stat().st_size)
        found[whole] = (*found.get(whole, ()), part)
    return found
