"""XPT and Dataset-JSON beside pyreadstat and the bare disk, on laboratory rows of 27 variables.

    python -m benchmarks.xpt [rows] [--stream ROWS]

The ways take turns, and each shows its best turn: the machine may be busy. Both sides of a
comparison with the disk end when the bytes are on it (``fsync``). ``--stream`` writes so many rows
from Parquet partitions, as a package does, and shows the memory it took.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyreadstat

from sdtmflow.dataset import Dataset, Variable
from sdtmflow.formats.blocks import BLOCK_ROWS, frame_blocks, parquet_blocks
from sdtmflow.formats.dataset_json import write_dataset_json
from sdtmflow.formats.measure import measure
from sdtmflow.formats.settle import settled
from sdtmflow.formats.xpt import Member, open_xpt, read_xpt, write_xpt
from sdtmflow.package.contents import member_of
from sdtmflow.package.json_rows import json_records
from sdtmflow.study import Study

CUTOFF = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
RUNS = 5
PARTITION = 500_000
STUDY = Study.model_validate(
    {
        "version": 1,
        "study": "DEMO01",
        "title": "A Study",
        "cutoff": "2026-03-31",
        "standards": {"ct": "2025-03-28"},
        "sites": {"01": {"name": "One", "country": "DEU"}},
        "sources": {"edc": {"kind": "odm", "path": "raw", "site": "01"}},
    }
)
TERMS = {
    "STUDYID": ["DEMO01"],
    "DOMAIN": ["LB"],
    "LBTESTCD": ["ALT", "AST", "BILI", "GLUC", "SODIUM"],
    "LBTEST": ["Alanine Aminotransferase", "Aspartate Aminotransferase", "Bilirubin"],
    "LBCAT": ["CHEMISTRY", "HEMATOLOGY"],
    "LBORRESU": ["U/L", "mg/dL", None],
    "LBSTRESU": ["U/L", "umol/L"],
    "LBNRIND": ["NORMAL", "HIGH", "LOW", None],
    "LBSPEC": ["BLOOD", "SERUM"],
    "LBBLFL": ["Y", None],
    "LBFAST": ["Y", "N", None],
    "VISIT": ["SCREENING", "WEEK 2", "WEEK 4"],
    "EPOCH": ["SCREENING", "TREATMENT"],
    "LBNAM": ["CENTRAL LAB"],
    "LBSTAT": [None],
    "LBREASND": [None],
}


def laboratory(rows: int, first: int = 0) -> pl.DataFrame:
    """Rows as a laboratory sends them, from number ``first`` on; always the same."""
    random = np.random.default_rng(1 + first)
    number = pl.int_range(first, first + rows, eager=True)
    result = pl.Series(np.round(random.lognormal(3, 1, rows), 2))
    terms = {
        name: pl.Series(values, dtype=pl.String)[random.integers(0, len(values), rows)]
        for name, values in TERMS.items()
    }
    return pl.DataFrame(terms).with_columns(
        USUBJID=pl.lit("DEMO01-") + (number // 200).cast(pl.String).str.zfill(6),
        LBREFID=pl.lit("ACC") + number.cast(pl.String).str.zfill(9),
        LBDTC=pl.lit("2024-03-") + (number % 28 + 1).cast(pl.String).str.zfill(2) + "T08:30",
        LBORRES=result.cast(pl.String),
        LBSTRESC=result.cast(pl.String),
        LBSEQ=(number % 200 + 1).cast(pl.Float64),
        LBSTRESN=result,
        LBSTNRLO=result / 2,
        LBSTNRHI=result * 2,
        VISITNUM=(number % 8).cast(pl.Float64),
        LBDY=(number % 300 - 10).cast(pl.Float64),
    )


def described(blocks: Iterable[pa.RecordBatch]) -> Dataset:
    """Metadata with the lengths that the data need."""
    variables = tuple(
        Variable(name, name, "float" if kind == pl.Float64 else "text", kind == pl.Float64)
        for name, kind in laboratory(1).schema.items()
    )
    lb = Dataset("LB", "Laboratory Test Results", "FINDINGS", "One record", (), variables)
    frames = (pl.DataFrame(pl.from_arrow(block)) for block in blocks)
    (found,) = settled([lb], {"LB": measure(lb, frames)})
    return found


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn took: seconds by the clock and of CPU, and megabytes above the start."""

    wall: float
    cpu: float
    memory: float


def timed(action: Callable[[], object]) -> Turn:
    """Take a turn."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _memory("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Turn(wall, cpu, _memory("VmHWM") - before)


def _memory(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def in_turns(ways: Mapping[str, Callable[[], object]], runs: int = RUNS) -> dict[str, Turn]:
    """The best of several turns of every way: of each figure the least."""
    turns: dict[str, list[Turn]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            turns[name].append(timed(way))
    return {
        name: Turn(min(t.wall for t in all_), min(t.cpu for t in all_), max(t.memory for t in all_))
        for name, all_ in turns.items()
    }


def show(what: str, rows: int, turn: Turn, beside: str = "") -> None:
    """One line."""
    print(
        f"{what:34}{rows / turn.wall:12,.0f} rows/s {rows / turn.cpu:12,.0f} rows/CPU s "
        f"{turn.memory:+6.0f} MB  {beside}",
        flush=True,
    )


def compare(rows: int, folder: Path) -> None:
    """Every way on one frame."""
    frame = laboratory(rows).to_pandas()
    ours = folder / "lb.xpt"
    member = member_of(described(frame_blocks(pl.from_pandas(frame))))
    write(ours, member, frame)
    their = folder / "theirs.xpt"
    theirs = timed(lambda: pyreadstat.write_xport(frame, their, file_format_version=5))
    found = in_turns({"ours": lambda: write(ours, member, frame)})["ours"]
    show("pyreadstat writes XPT", rows, theirs)
    show("we write XPT", rows, found, over(theirs, found))
    compare_disk(rows, ours, lambda: write(ours, member, frame))
    theirs = timed(lambda: pyreadstat.read_xport(ours, output_format="polars"))
    found = in_turns({"ours": lambda: read_xpt(ours)})["ours"]
    show("pyreadstat reads XPT", rows, theirs)
    show("we read XPT", rows, found, over(theirs, found))


def over(theirs: Turn, ours: Turn) -> str:
    """How many times as fast."""
    return f"{theirs.wall / ours.wall:.0f} x pyreadstat, {theirs.cpu / ours.cpu:.0f} x by CPU"


def compare_disk(rows: int, path: Path, writing: Callable[[], object]) -> None:
    """Write until all is on the disk, beside nothing but writing the same bytes in one piece."""
    content = path.read_bytes()
    bare = path.with_suffix(".bare")

    def write_bare() -> None:
        bare.unlink(missing_ok=True)
        bare.write_bytes(content)
        synced(bare)

    def write_ours() -> None:
        writing()
        synced(path)

    found = in_turns({"bare": write_bare, "ours": write_ours})
    share = found["bare"].wall / found["ours"].wall
    show("the same bytes, to the disk", rows, found["bare"])
    show("we write XPT, to the disk", rows, found["ours"], f"{share:.0%} of it")


def compare_json(rows: int, folder: Path) -> None:
    """Dataset-JSON of the same records."""
    frame = laboratory(rows)
    dataset = described(frame_blocks(frame))
    ways = {
        f"write Dataset-JSON (.{form})": lambda path=folder / f"lb.{form}": write_dataset_json(
            path, STUDY, dataset, rows, frame_blocks(frame), created=CUTOFF
        )
        for form in ("json", "ndjson", "dsjc")
    }
    for what, turn in in_turns({**ways, "read Dataset-JSON": lambda: _read(folder)}, 2).items():
        show(what, rows, turn)


def _read(folder: Path) -> None:
    with json_records(folder / "lb.json") as records:
        while records.following(BLOCK_ROWS).height:
            pass


def write(path: Path, member: Member, frame: pd.DataFrame) -> None:
    """Our writer, on the frame that pyreadstat gets."""
    path.unlink(missing_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    write_xpt(path, member, table.to_batches(BLOCK_ROWS), created=CUTOFF)


def synced(path: Path) -> None:
    """Wait until the file is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def stream(rows: int, folder: Path) -> None:
    """Two passes over partitions: lengths, then rows; then every record is read."""
    paths = [folder / f"{first:012}.parquet" for first in range(0, rows, PARTITION)]
    for first, path in zip(range(0, rows, PARTITION), paths, strict=True):
        laboratory(min(PARTITION, rows - first), first).write_parquet(path)
    target = folder / "lb.xpt"
    names = laboratory(1).columns
    member = member_of(described(parquet_blocks(names, *paths)))
    lengths = timed(lambda: described(parquet_blocks(names, *paths)))
    blocks = parquet_blocks(names, *paths)
    show("first pass: lengths", rows, lengths)
    writing = timed(lambda: write_xpt(target, member, blocks, created=CUTOFF))
    show("second pass: rows", rows, writing, f"{target.stat().st_size / 1e9:.1f} GB")
    show("reading them block by block", rows, timed(lambda: _look(target)))


def _look(path: Path) -> None:
    file = open_xpt(path)
    for first in range(0, file.rows, BLOCK_ROWS):
        file.records(first, BLOCK_ROWS)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rows", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--stream", type=int, metavar="ROWS")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.stream:
            stream(given.stream, Path(folder))
        else:
            compare(given.rows, Path(folder))
            compare_json(given.rows, Path(folder))


if __name__ == "__main__":
    main()
