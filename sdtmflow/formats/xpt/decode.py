"""Turn the bytes of XPORT observations into columns.

Reading shares no code with writing: numbers are decoded in floating point, where the writer works
with integers (docs/decisions/0014-read-back-proof.md).
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sdtmflow.errors import FormatError
from sdtmflow.formats.xpt.member import Column, Member, missing_kind

Bytes = NDArray[np.uint8]

_WIDE = 8
_BLANK = ord(" ")
_ASCII = 0x7F
_TILE_BYTES = 1 << 20
"""Rows are taken apart a tile at a time, which stays in the processor's cache meanwhile."""

_FRACTION = np.uint64((1 << 56) - 1)
_SCALES = np.array([2.0 ** (4 * (first - 64) - 56) for first in range(128)])
_SCALES = np.concatenate([_SCALES, -_SCALES])
"""What the fraction is multiplied by, for each first byte; a power of two changes no digit."""
_KINDS = {ord("."): "", **{ord(letter): letter for letter in f"_{string.ascii_uppercase}"}}
_IS_MISSING = np.array([first in _KINDS for first in range(256)])
_KIND_OF = pa.array([_KINDS.get(first, "") for first in range(256)], pa.large_string())


def read_columns(file: BinaryIO, member: Member, rows: int) -> list[Bytes]:
    """The next ``rows`` observations of ``file``: each column as rows × length."""
    matrices = [np.empty((rows, column.length), np.uint8) for column in member.columns]
    tile = max(1, _TILE_BYTES // member.row_bytes)
    for top in range(0, rows, tile):
        count, start = min(tile, rows - top), 0
        data = file.read(count * member.row_bytes)
        for matrix in matrices:
            # As one item a row the copy is a few machine words, not a loop over bytes.
            item = np.dtype(f"V{matrix.shape[1]}")
            source = np.ndarray(count, item, data, start, (member.row_bytes,))
            matrix[top : top + count].reshape(-1).view(item)[:] = source
            start += item.itemsize
    return matrices


def decode(
    columns: Sequence[Bytes], member: Member, *, encoding: str, place: str, kinds: bool
) -> pa.RecordBatch:
    """The columns as text and doubles; missing and blank are null.

    With ``kinds``, a text column ``missing_kind(name)`` follows every numeric one. Raises
    FormatError where a text is not in ``encoding``.
    """
    found: dict[str, pa.Array] = {}
    for column, matrix in zip(member.columns, columns, strict=True):
        if column.numeric:
            numbers, kind = _numbers(matrix)
            found[column.name] = numbers
            found |= {missing_kind(column.name): _KIND_OF.take(kind)} if kinds else {}
        else:
            found[column.name] = _texts(matrix, column, encoding, place)
    return pa.RecordBatch.from_pydict(found)


def _numbers(matrix: Bytes) -> tuple[pa.DoubleArray, pa.UInt8Array]:
    """The numbers, and for the missing ones the character that says which missing value it is."""
    bits = _bits(matrix)
    first = (bits >> np.uint64(56)).astype(np.uint8)
    fraction = (bits & _FRACTION).view(np.int64)
    numbers = fraction.astype(np.float64)
    numbers *= _SCALES[first]
    missing = (fraction == 0) & _IS_MISSING[first]
    if not missing.any():
        return pa.array(numbers), pa.array(np.zeros_like(first))
    return pa.array(numbers, mask=missing), pa.array(np.where(missing, first, 0))


def _bits(matrix: Bytes) -> NDArray[np.uint64]:
    """Numbers of 2 to 8 bytes as integers; what a short one leaves out is zero."""
    if matrix.shape[1] < _WIDE:
        matrix = np.pad(matrix, ((0, 0), (0, _WIDE - matrix.shape[1])))
    return matrix.view(">u8").ravel().astype(np.uint64)


def _texts(matrix: Bytes, column: Column, encoding: str, place: str) -> pa.LargeStringArray:
    texts = _decoded(matrix, column, encoding, place)
    if (matrix[:, -1] == _BLANK).any():
        texts = pc.ascii_rtrim(texts, characters=" ")
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64, len(texts) + 1)
    filled = np.diff(ends) > 0
    valid = None if filled.all() else pa.py_buffer(np.packbits(filled, bitorder="little"))
    return pa.LargeStringArray.from_buffers(len(texts), offsets, data, valid)


def _decoded(matrix: Bytes, column: Column, encoding: str, place: str) -> pa.LargeStringArray:
    rows, length = matrix.shape
    if not matrix.size or int(matrix.max()) <= _ASCII:
        ends = np.arange(rows + 1, dtype=np.int64) * length
        return pa.LargeStringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(matrix))
    try:
        if encoding == "ascii":
            matrix.tobytes().decode(encoding)
        texts = [bytes(text).decode(encoding) for text in matrix.view(f"V{length}").ravel()]
    except UnicodeDecodeError:
        raise FormatError(
            f"{column.name} holds text that is not {encoding}",
            place=place,
            remedy="name the file's encoding",
        ) from None
    return pa.array(texts, pa.large_string())
