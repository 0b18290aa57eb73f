"""Rows as Arrow blocks of bounded size: what every format writer reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

BLOCK_ROWS = 65_536


def frame_blocks(frame: pl.DataFrame) -> Iterator[pa.RecordBatch]:
    """The rows of a frame, ``BLOCK_ROWS`` at a time."""
    for part in frame.iter_slices(BLOCK_ROWS):
        yield from part.rechunk().to_arrow().to_batches()


def parquet_blocks(columns: list[str], *paths: Path) -> Iterator[pa.RecordBatch]:
    """The rows of Parquet files one behind the other, ``BLOCK_ROWS`` at a time at most."""
    for path in paths:
        # Reading ahead would keep the bytes of a whole row group.
        with pq.ParquetFile(path, pre_buffer=False) as file:
            yield from file.iter_batches(BLOCK_ROWS, columns=columns)
