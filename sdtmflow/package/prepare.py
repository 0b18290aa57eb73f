"""Decide which datasets can be written, and settle what their files say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa

from sdtmflow.dataset import Dataset
from sdtmflow.finding import Finding, Severity, Stage
from sdtmflow.formats.define import in_define_order
from sdtmflow.formats.measure import Measured, measure
from sdtmflow.formats.settle import settled
from sdtmflow.formats.xpt import Problem, xpt_size
from sdtmflow.formats.xpt.member import metadata_problems
from sdtmflow.package.contents import ascii_metadata, blocks_of, frames_of, member_of
from sdtmflow.package.gate import Gate, inspect_rows
from sdtmflow.package.splitting import Part, parts_of, told, with_comment


@dataclass(frozen=True, slots=True)
class Prepared:
    """A dataset that can be written: metadata with lengths settled, rows, what was found."""

    dataset: Dataset
    path: Path
    gate: Gate
    measured: Measured
    parts: tuple[Part, ...] = ()

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """The rows as they are written, block by block."""
        return blocks_of(self.dataset, self.path, self.gate)

    def frames(self) -> Iterator[pl.DataFrame]:
        """``blocks`` as frames."""
        return frames_of(self.dataset, self.path, self.gate)


def prepare(
    datasets: Sequence[Dataset], data: Path, limit: int
) -> tuple[tuple[Prepared, ...], tuple[Finding, ...]]:
    """The datasets that can be written, in define.xml's order, and everything that was found.

    A dataset with a critical finding is not among them; one whose file would have more than
    ``limit`` bytes has parts, which its comment names.
    """
    paths = {dataset.name: data / f"{dataset.name}.parquet" for dataset in datasets}
    gates = {dataset.name: inspect_rows(dataset, paths[dataset.name]) for dataset in datasets}
    findings = [finding for gate in gates.values() for finding in gate.findings]
    able = in_define_order(
        ascii_metadata(dataset) for dataset in datasets if not gates[dataset.name].refused
    )
    measured = {
        dataset.name: measure(dataset, frames_of(dataset, paths[dataset.name], gates[dataset.name]))
        for dataset in able
    }
    prepared = []
    for dataset in settled(able, measured):
        name, member = dataset.name, member_of(dataset)
        if problems := metadata_problems(member):
            findings += [_finding(problem) for problem in problems]
            continue
        one = Prepared(dataset, paths[name], gates[name], measured[name])
        split = _split(one, limit)
        findings += told(dataset, split.parts, xpt_size(member, one.measured.rows), limit)
        prepared.append(split)
    return tuple(prepared), tuple(findings)


def _split(one: Prepared, limit: int) -> Prepared:
    data = pl.scan_parquet(one.path)
    parts = parts_of(member_of(one.dataset), one.measured.rows, data, limit)
    return replace(one, dataset=with_comment(one.dataset, parts), parts=parts)


def _finding(problem: Problem) -> Finding:
    return Finding(
        rule=problem.rule,
        severity=Severity.CRITICAL,
        stage=Stage.PACKAGE,
        message=f"{problem}; the dataset is not written",
        dataset=problem.dataset,
        variable=problem.variable,
        record_key=problem.what,
    )
