"""Turn a block of rows into the bytes of XPORT observations.

First every column as a whole becomes a contiguous matrix of rows × length (padded by Arrow, or
turned into IBM doubles); then the columns are laid side by side, a tile of rows at a time: a tile
stays in the processor's cache while all columns are laid into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sdtmflow.formats.texts import all_between, longest, padded, without_nulls
from sdtmflow.formats.xpt import ibm
from sdtmflow.formats.xpt.member import NUMBER_BYTES, Column, Member, missing_kind
from sdtmflow.formats.xpt.problems import ProblemLog

Bytes = NDArray[np.uint8]

BLANK = ord(" ")
_FIRST, _LAST_ASCII = 0x01, 0x7F
"""Readers end a text at NUL."""
_TILE_BYTES = 1 << 20
"""Half of the smallest second-level cache of today's servers."""
_REQUIRED = "STUDYID"
"""Readers drop blank rows at the end of a file; a filled STUDYID makes that impossible."""


def encode_columns(block: pa.RecordBatch, member: Member, log: ProblemLog) -> list[Bytes]:
    """Each column as rows × length. What cannot be encoded goes to ``log`` and is left blank."""
    return [
        (_numbers if column.numeric else _texts)(block, column, log) for column in member.columns
    ]


def observations(columns: Sequence[Bytes]) -> Iterator[memoryview]:
    """The columns side by side, row after row; a piece is valid until the next one is asked for."""
    rows, width = len(columns[0]), sum(column.shape[1] for column in columns)
    tile = max(1, _TILE_BYTES // width)
    matrix = np.empty((min(tile, rows), width), dtype=np.uint8)
    starts = [0, *accumulate(column.shape[1] for column in columns)]
    for first in range(0, rows, tile):
        count = min(tile, rows - first)
        for column, start in zip(columns, starts, strict=False):
            # As one item a row the copy is a few machine words, not a loop over bytes.
            item = np.dtype(f"V{column.shape[1]}")
            target = np.ndarray(count, item, matrix.data, start, (width,))
            target[:] = column[first : first + count].reshape(-1).view(item)
        yield matrix[:count].data.cast("B")


def _numbers(block: pa.RecordBatch, column: Column, log: ProblemLog) -> Bytes:
    values = block.column(column.name).cast(pa.float64())
    numbers = pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False)
    legal = ibm.representable(numbers)
    if not legal.all():
        what = "a number that XPORT v5 cannot hold"
        log.add("XPT_NUMBER", column, what, np.logical_not(legal))
        numbers = np.where(legal, numbers, 0.0)
    encoded = ibm.to_ibm(numbers)
    if values.null_count:
        missing = values.is_null().to_numpy(zero_copy_only=False)
        encoded[missing] = _missing(block, column, log, missing)
    matrix = encoded.byteswap(inplace=True).view(np.uint8).reshape(-1, NUMBER_BYTES)
    if column.length == NUMBER_BYTES:
        return matrix
    lost = np.asarray(matrix[:, column.length :].any(axis=1))
    log.add("XPT_NUMBER", column, f"a number that needs more than {column.length} bytes", lost)
    return np.ascontiguousarray(matrix[:, : column.length])


def _missing(
    block: pa.RecordBatch, column: Column, log: ProblemLog, missing: NDArray[np.bool_]
) -> NDArray[np.uint64]:
    """What stands for the missing numbers: ``.``, or the kind that the block names."""
    name = missing_kind(column.name)
    if name not in block.schema.names:
        return np.full(np.count_nonzero(missing), ibm.MISSING)
    kinds = pc.fill_null(block.column(name).cast(pa.string()), "")
    known = pa.array(ibm.MISSING_KINDS)
    codes = pc.index_in(kinds, known)
    unknown = codes.is_null().to_numpy(zero_copy_only=False) & missing
    log.add("XPT_MISSING", column, "a kind of missing other than A to Z and _", unknown)
    places = pc.fill_null(codes, 0).to_numpy(zero_copy_only=False)
    return ibm.missing_numbers(places[missing])


def _texts(block: pa.RecordBatch, column: Column, log: ProblemLog) -> Bytes:
    texts = without_nulls(block.column(column.name).cast(pa.large_string()))
    matrix = padded(_writable(texts, column, log), column.length)
    if column.name == _REQUIRED:
        log.add("XPT_STUDYID", column, "STUDYID is blank", _blank(matrix))
    return matrix


def _blank(matrix: Bytes) -> NDArray[np.bool_]:
    """Which rows are blank; hardly ever does one begin so."""
    blank = matrix[:, 0] == BLANK
    if blank.any():
        blank &= (matrix == BLANK).all(axis=1)
    return np.asarray(blank, dtype=np.bool_)


def _writable(texts: pa.LargeStringArray, column: Column, log: ProblemLog) -> pa.LargeStringArray:
    """The texts, with "" for what does not fit."""
    if longest(texts) <= column.length and all_between(texts, _FIRST, _LAST_ASCII):
        return texts
    too_long = pc.greater(pc.binary_length(texts), column.length)
    foreign = pc.invert(pc.string_is_ascii(texts))
    ended = pc.match_substring(texts, "\0")
    for rule, what, wrong in (
        ("XPT_TEXT_LENGTH", f"a text longer than {column.length} bytes", too_long),
        ("XPT_NON_ASCII", "a text that is not ASCII", foreign),
        ("XPT_NUL", "a text with the character NUL, at which readers end it", ended),
    ):
        log.add(rule, column, what, wrong.to_numpy(zero_copy_only=False))
    return pc.if_else(pc.or_(pc.or_(too_long, foreign), ended), "", texts)
