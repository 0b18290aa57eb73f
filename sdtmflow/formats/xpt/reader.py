"""Read XPORT v5 block by block, by code of its own, to prove what was written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow as pa

from sdtmflow.formats.xpt.decode import decode, read_columns
from sdtmflow.formats.xpt.member import Member
from sdtmflow.formats.xpt.parse import CARD, Header, parse_header

_THREADS = 2
"""More wait for memory: the work is copying."""
_BLOCK_BYTES = 8 << 20
"""Observations that a thread decodes at a time."""


@dataclass(frozen=True, slots=True)
class XptFile:
    """A file whose header was read, and how many records it holds."""

    path: Path
    header: Header
    rows: int
    encoding: str = "ascii"

    @property
    def member(self) -> Member:
        """The dataset's metadata."""
        return self.header.member

    def records(self, first: int, count: int, *, kinds: bool = False) -> pl.DataFrame:
        """At most ``count`` records behind the first ``first`` ones, as ``read_xpt`` gives them."""
        end = max(first, min(first + count, self.rows))
        most = max(1, _BLOCK_BYTES // self.member.row_bytes)
        starts = range(first, end, most) if end > first else [first]

        def block(start: int) -> pa.RecordBatch:
            return self._decoded(start, min(start + most, end), kinds=kinds)

        with ThreadPoolExecutor(_THREADS) as pool:
            return pl.DataFrame(pl.from_arrow(pa.Table.from_batches(pool.map(block, starts))))

    def _decoded(self, start: int, end: int, *, kinds: bool) -> pa.RecordBatch:
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.header.size + start * self.member.row_bytes)
            columns = read_columns(file, self.member, end - start)
        place = self.path.name
        return decode(columns, self.member, encoding=self.encoding, place=place, kinds=kinds)


def open_xpt(path: Path, *, encoding: str = "ascii") -> XptFile:
    """The file; its records are read when they are asked for.

    Raises FormatError where it is no XPORT v5 file.
    """
    with path.open("rb") as file:
        header = parse_header(file, path.name)
        return XptFile(path, header, _count_rows(file, header), encoding)


def read_xpt(
    path: Path, *, encoding: str = "ascii", kinds: bool = False
) -> tuple[Member, pl.DataFrame]:
    """The dataset's metadata, and its rows: String and Float64 columns, missing and blank = null.

    Every kind of missing number (``.``, ``._``, ``.A`` to ``.Z``) is null; with ``kinds`` a String
    column ``missing_kind(name)`` follows each number and tells them apart, as ``write_xpt`` takes
    it. Raises FormatError where the file is no XPORT v5 file, or holds text that is not in
    ``encoding``.
    """
    file = open_xpt(path, encoding=encoding)
    return file.member, file.records(0, file.rows, kinds=kinds)


def _count_rows(file: BinaryIO, header: Header) -> int:
    """How many observations the file holds.

    The format does not say: what fills the last 80-byte record is told from rows by being blank.
    """
    width = header.member.row_bytes
    total = file.seek(0, 2) - header.size
    rows, fewest = total // width, max(0, -(-(total - CARD + 1) // width))
    file.seek(header.size + fewest * width)
    rest = file.read((rows - fewest) * width).rstrip(b" ")
    return fewest + -(-len(rest) // width)
