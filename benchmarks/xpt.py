"""XPT: our writer and reader against pyreadstat, on laboratory-like rows of 27 variables.

    python -m benchmarks.xpt [rows]

Prints rows per second, the ratio, and the memory above the frame.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyreadstat

from sdtmflow.formats.blocks import BLOCK_ROWS
from sdtmflow.formats.xpt import Column, Member, read_xpt, write_xpt

CUTOFF = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
RUNS = 5
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


def laboratory(rows: int) -> pl.DataFrame:
    """Rows as a laboratory sends them; the same for the same number of rows."""
    random = np.random.default_rng(1)
    number = pl.int_range(rows, eager=True)
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


def member(frame: pl.DataFrame) -> Member:
    """Metadata with the lengths that the data need."""
    return Member(
        "LB",
        "Laboratory Test Results",
        tuple(
            Column(name, name, length=int(frame[name].str.len_bytes().max() or 1))  # type: ignore[arg-type]
            if kind == pl.String
            else Column(name, name, numeric=True)
            for name, kind in frame.schema.items()
        ),
    )


def best(rows: int, path: Path, action: Callable[[], object], *, fresh: bool) -> float:
    """Rows per second of the best of ``RUNS`` runs."""
    times = []
    for _ in range(RUNS):
        if fresh:
            path.unlink(missing_ok=True)
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return rows / min(times)


def peak() -> float:
    """The process's highest memory so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    frame: pd.DataFrame = laboratory(rows).to_pandas()
    head = frame.head(rows // 5)
    meta = member(pl.from_pandas(frame.head(200_000)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lb.xpt"
        before = peak()
        ours = best(rows, path, lambda: _write(path, meta, frame), fresh=True)
        above = peak() - before
        reading = best(rows, path, lambda: read_xpt(path), fresh=False)
        start = time.perf_counter()
        pyreadstat.write_xport(head, path, file_format_version=5, table_name="LB")
        theirs = len(head) / (time.perf_counter() - start)
        start = time.perf_counter()
        pyreadstat.read_xport(path)
        they_read = len(head) / (time.perf_counter() - start)
    print(f"write {ours:12,.0f} rows/s  pyreadstat {theirs:10,.0f}  {ours / theirs:6.1f} x")
    ratio = reading / they_read
    print(f"read  {reading:12,.0f} rows/s  pyreadstat {they_read:10,.0f}  {ratio:6.1f} x")
    print(f"writing took {above:.0f} MB above the frame")


def _write(path: Path, meta: Member, frame: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    write_xpt(path, meta, table.to_batches(BLOCK_ROWS), created=CUTOFF)


if __name__ == "__main__":
    main()
