"""Read XPORT v5 as a Polars frame, column by column, to prove what was written."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sdtmflow.errors import FormatError
from sdtmflow.formats.xpt import ibm
from sdtmflow.formats.xpt.header import RECORD, Header, parse_header
from sdtmflow.formats.xpt.member import Column, Member

Bytes = NDArray[np.uint8]


def read_xpt(path: Path, *, encoding: str = "ascii") -> tuple[Member, pl.DataFrame]:
    """The dataset's metadata, and its rows: String and Float64 columns, missing and blank = null.

    Every kind of missing number (``.``, ``._``, ``.A`` to ``.Z``) is null. Raises FormatError where
    the file is no XPORT v5 file, or holds text that is not in ``encoding``.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        header = parse_header(data, path.name)
        rows = _count_rows(data, header)
        frame = pl.DataFrame(
            [
                _series(_copy(data, header, rows, column, start), column, encoding, path.name)
                for column, start in _places(header.member)
            ]
        )
    return header.member, frame


def _places(member: Member) -> Iterator[tuple[Column, int]]:
    """Each column, with its place in the observation."""
    start = 0
    for column in member.columns:
        yield column, start
        start += column.length


def _count_rows(data: mmap.mmap, header: Header) -> int:
    """How many observations the file holds.

    The format does not say: what fills the last 80-byte record is told from rows by being blank.
    """
    width = header.member.row_bytes
    total = len(data) - header.size
    rows, fewest = total // width, max(0, -(-(total - RECORD + 1) // width))
    while rows > fewest and not data[header.size + (rows - 1) * width :][:width].strip(b" "):
        rows -= 1
    return rows


def _copy(data: mmap.mmap, header: Header, rows: int, column: Column, start: int) -> Bytes:
    """A column's bytes, rows × length. Nothing keeps looking into ``data``."""
    if not rows:
        return np.empty((0, column.length), np.uint8)
    item, stride = np.dtype(f"V{column.length}"), header.member.row_bytes
    source = np.ndarray((rows,), item, data, header.size + start, (stride,))
    return source.copy().view(np.uint8).reshape(rows, column.length)


def _series(matrix: Bytes, column: Column, encoding: str, place: str) -> pl.Series:
    if column.numeric:
        return _numbers(matrix, column)
    raw = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(column.length), len(matrix), [None, pa.py_buffer(matrix)]
    )
    texts = pc.ascii_rtrim(_decoded(raw, column, encoding, place), characters=" ")
    return pl.Series(column.name, texts, dtype=pl.String).replace("", None)


def _decoded(
    raw: pa.FixedSizeBinaryArray, column: Column, encoding: str, place: str
) -> pa.LargeStringArray:
    try:
        if encoding in {"ascii", "utf-8"}:
            texts = raw.cast(pa.large_binary()).cast(pa.large_string())
            if encoding == "utf-8" or pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
                return texts
            raise UnicodeDecodeError("ascii", b"", 0, 1, "not ASCII")  # noqa: TRY301
        return pa.array([value.decode(encoding) for value in raw.to_pylist()], pa.large_string())
    except (pa.ArrowInvalid, UnicodeDecodeError):
        raise FormatError(
            f"{column.name} holds text that is not {encoding}",
            place=place,
            remedy="name the file's encoding",
        ) from None


def _numbers(matrix: Bytes, column: Column) -> pl.Series:
    wide = np.zeros((len(matrix), 8), dtype=np.uint8)
    wide[:, : column.length] = matrix
    values = ibm.from_ibm(wide.view(">u8").ravel().astype(np.uint64))
    return pl.Series(column.name, values, dtype=pl.Float64).fill_nan(None)
