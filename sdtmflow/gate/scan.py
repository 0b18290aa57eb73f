"""What the records of an XPORT file hold, found in one pass over its bytes in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from sdtmflow.gate.xport import Column, Xport

Bytes = NDArray[np.uint8]

IDENTIFIERS = ("STUDYID", "DOMAIN", "RDOMAIN", "USUBJID")
"""Variables whose distinct values are kept."""
_BLANK, _LAST = 0x20, 0x7E
_CHUNK = 2_000_000
"""Bytes that are looked at together: they stay in the cache while each variable is."""


@dataclass(slots=True)
class Used:
    """A text variable: the longest value in bytes, and records whose value is no printable ASCII.

    ``first`` is the first such record (from 1).
    """

    longest: int = 0
    foreign: int = 0
    first: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """The texts of a file by variable, and the distinct identifiers (as bytes without padding)."""

    used: dict[str, Used] = field(default_factory=dict)
    distinct: dict[str, frozenset[bytes]] = field(default_factory=dict)


def scan(file: Xport) -> Scan:
    """Look at every record once."""
    texts = [column for column in file.columns if not column.numeric]
    used = {column.name: Used() for column in texts}
    kept = {column.name: set[bytes]() for column in texts if column.name in IDENTIFIERS}
    at = 0
    for block in _blocks(file.path, file):
        for column in texts:
            values = block[:, column.position : column.position + column.length]
            _note(used[column.name], values, at)
            if column.name in kept:
                kept[column.name] |= _distinct(values, column)
        at += len(block)
    return Scan(used, {name: frozenset(values) for name, values in kept.items()})


def _blocks(path: Path, file: Xport) -> Iterator[Bytes]:
    """The records, rows × bytes, some at a time."""
    step = max(1, _CHUNK // file.width)
    with path.open("rb") as source:
        source.seek(file.start)
        for first in range(0, file.records, step):
            rows = min(step, file.records - first)
            yield np.frombuffer(source.read(rows * file.width), np.uint8).reshape(rows, file.width)


def _note(used: Used, values: Bytes, before: int) -> None:
    filled = np.flatnonzero((values != _BLANK).any(axis=0))
    if filled.size:
        used.longest = max(used.longest, int(filled[-1]) + 1)
    if values.min() < _BLANK or values.max() > _LAST:
        rows = np.flatnonzero(((values < _BLANK) | (values > _LAST)).any(axis=1))
        used.first = used.first or before + int(rows[0]) + 1
        used.foreign += rows.size


def _distinct(values: Bytes, column: Column) -> set[bytes]:
    data = pa.py_buffer(np.ascontiguousarray(values))
    texts = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(column.length), len(values), [None, data]
    )
    found = pl.Series(texts.cast(pa.large_binary())).unique()
    return {text.rstrip(b" ") for text in found.to_list()}
