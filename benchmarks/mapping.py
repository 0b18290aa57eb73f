"""Mapping: vital signs of many sites to VS by the standard spec, with lineage; beside it pandas.

    python -m benchmarks.mapping [--rows N] [--sites N] [--workers N] [--naive-rows N] [--json]

The sites are mapped as a run maps them: ``MapSite`` jobs in the pool of processes, each reading its
staged tables and writing its artifact; DM, EX, DS, SE and SV are made as well, since VS needs them.
Starting the processes and planning count. Memory is of all processes together. The same mapping in
plain pandas (``vital_signs/naive.py``, VS alone, nothing written) is timed on one site in memory.
"""

from __future__ import annotations

import argparse
import contextvars
import json
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from benchmarks.vital_signs.study import site_name, site_tables, write_study, write_tables
from benchmarks.vital_signs.watching import Usage, watched
from sdtmflow.pipeline.plan import require_sound
from sdtmflow.pipeline.pool import perform, processes
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import MapSite
from sdtmflow.pipeline.workspace import Artifact

MEGABYTE = 1e6
MICROSECONDS = 1e6
_CORES = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way of mapping took."""

    way: str
    rows: int
    records: int
    workers: int
    wall: float
    """Microseconds a raw row."""
    cpu: float
    """Microseconds a raw row, of all processes."""
    peak: float
    """Megabytes of all processes together."""
    peak_of_one: float
    """Megabytes of the largest process."""


def mapped(rows: int, sites: int, workers: int) -> Figures:
    """Make the study in a folder of its own, map every site, and count what came out."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        write_study(root, sites)
        run = Run.of(root)
        jobs = _jobs(run, sites, -(-rows // sites))
        with watched() as usage, processes(workers):
            require_sound(run)  # as a run does; the processes start meanwhile
            artifacts = _performed(jobs, workers)
        paths = [run.workspace.path(artifact) / "VS.parquet" for artifact in artifacts]
        records = pl.scan_parquet(paths).select(pl.len()).collect().item()
    return _figures("sdtmflow", -(-rows // sites) * sites, records, workers, usage)


def _jobs(run: Run, sites: int, rows: int) -> list[MapSite]:
    """A job a site; its tables are made in a process that ends, so that they don't stay here."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as maker:
        staged = maker.map(_staged, repeat(run), range(sites), repeat(rows))
        return [MapSite(run, site_name(number), each) for number, each in enumerate(staged)]


def _staged(run: Run, number: int, rows: int) -> Artifact:
    tables = site_tables(number, rows)
    return run.workspace.artifact("stage", f"site-{number}", lambda out: write_tables(tables, out))


def _performed(jobs: Sequence[MapSite], workers: int) -> list[Artifact]:
    """The jobs' artifacts; each thread waits for one process of the pool."""
    with ThreadPoolExecutor(workers) as threads:
        waiting = [threads.submit(contextvars.copy_context().run, perform, job) for job in jobs]
        return [each.result() for each in waiting]


def naively(rows: int) -> Figures:
    """The naive version on one site that is in memory already."""
    from benchmarks.vital_signs.naive import naive_vs

    tables = {name: table.to_pandas() for name, table in site_tables(0, rows).items()}
    with watched() as usage:
        records = len(naive_vs(tables, site_name(0)))
    return _figures("pandas", rows, records, 1, usage)


def _figures(way: str, rows: int, records: int, workers: int, usage: Usage) -> Figures:
    return Figures(
        way=way,
        rows=rows,
        records=records,
        workers=workers,
        wall=usage.seconds / rows * MICROSECONDS,
        cpu=usage.cpu / rows * MICROSECONDS,
        peak=usage.peak / MEGABYTE,
        peak_of_one=usage.peak_of_one / MEGABYTE,
    )


def table(found: Sequence[Figures]) -> str:
    """The figures as lines of text."""
    head = (
        f"{'':10}{'raw rows':>12}{'VS records':>12}{'workers':>9}"
        f"{'wall µs/row':>13}{'CPU µs/row':>12}{'÷ 4 cores*':>12}{'all MB':>9}{'one MB':>9}"
    )
    lines = [
        f"{one.way:10}{one.rows:12,}{one.records:12,}{one.workers:9}"
        f"{one.wall:13.2f}{one.cpu:12.2f}{_on_four(one)}{one.peak:9,.0f}{one.peak_of_one:9,.0f}"
        for one in found
    ]
    note = f"* estimate, not measured: wall µs/row of {_CORES} free cores that share the CPU time"
    return "\n".join([head, *lines, note])


def _on_four(one: Figures) -> str:
    """CPU time shared by four; plain pandas runs on one core, whatever there are."""
    return f"{one.cpu / _CORES:12.2f}" if one.workers > 1 else f"{'':12}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Vital signs to VS, in sdtmflow and in pandas.")
    parser.add_argument("--rows", type=int, default=2_000_000, help="raw rows of all sites")
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--naive-rows", type=int, default=50_000, help="0: without pandas")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    start = time.perf_counter()
    found = [mapped(asked.rows, asked.sites, asked.workers)]
    if asked.naive_rows:
        found.append(naively(asked.naive_rows))
    if asked.json:
        print(json.dumps([asdict(figures) for figures in found], indent=1))
        return
    print(table(found))
    print(f"({time.perf_counter() - start:.0f} s with making the data)")


if __name__ == "__main__":
    main()
