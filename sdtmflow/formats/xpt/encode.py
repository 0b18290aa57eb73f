"""Turn a block of rows into the bytes of XPORT observations."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sdtmflow.formats.xpt import ibm
from sdtmflow.formats.xpt.member import NUMBER_BYTES, Column, Member
from sdtmflow.formats.xpt.problems import ProblemLog

Bytes = NDArray[np.uint8]

BLANK = ord(" ")
_LAST_ASCII = 0x7F
_REQUIRED = "STUDYID"
"""Readers drop blank rows at the end of a file; a filled STUDYID makes that impossible."""


def encode_block(block: pa.RecordBatch, member: Member, log: ProblemLog, pool: Executor) -> Bytes:
    """Rows × observation width. What cannot be encoded goes to ``log`` and is left blank.

    The columns are independent of each other: ``pool`` encodes several at a time.
    """
    matrix = np.empty((block.num_rows, member.row_bytes), dtype=np.uint8)
    ends = accumulate(column.length for column in member.columns)

    def lay(column: Column, end: int) -> None:
        encode = _numbers if column.numeric else _texts
        encoded = encode(block.column(column.name), column, log)
        # As one item a row the copy is a few machine words, not a loop over bytes.
        item = np.dtype(f"V{column.length}")
        start, stride = end - column.length, member.row_bytes
        target = np.ndarray(block.num_rows, item, matrix.data, start, (stride,))
        target[:] = encoded.reshape(-1).view(item)

    deque(pool.map(lay, member.columns, ends), maxlen=0)
    return matrix


def _numbers(values: pa.Array, column: Column, log: ProblemLog) -> Bytes:
    missing = pc.is_null(values).to_numpy(zero_copy_only=False)
    numbers = pc.fill_null(values.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
    legal = ibm.representable(numbers)
    if not legal.all():
        what = "a number that XPORT v5 cannot hold"
        log.add("XPT_NUMBER", column, what, np.logical_not(legal))
        numbers = np.where(legal, numbers, 0.0)
    encoded = np.where(missing, ibm.MISSING, ibm.to_ibm(numbers)).astype(">u8")
    matrix = encoded.view(np.uint8).reshape(-1, NUMBER_BYTES)
    if column.length == NUMBER_BYTES:
        return matrix
    lost = np.asarray(matrix[:, column.length :].any(axis=1))
    log.add("XPT_NUMBER", column, f"a number that needs more than {column.length} bytes", lost)
    return np.ascontiguousarray(matrix[:, : column.length])


def _texts(values: pa.Array, column: Column, log: ProblemLog) -> Bytes:
    texts = values.cast(pa.large_string())
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    padded = _padded(_writable(texts, column, log), column.length)
    if column.name == _REQUIRED:
        blank = np.asarray((padded == BLANK).all(axis=1))
        log.add("XPT_STUDYID", column, "STUDYID is blank", blank)
    return padded


def _writable(texts: pa.LargeStringArray, column: Column, log: ProblemLog) -> pa.LargeStringArray:
    """The texts, with "" for what does not fit."""
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    if longest <= column.length and _all_ascii(texts):
        return texts
    too_long = pc.greater(pc.binary_length(texts), column.length)
    foreign = pc.invert(pc.string_is_ascii(texts))
    for rule, what, wrong in (
        ("XPT_TEXT_LENGTH", f"a text longer than {column.length} bytes", too_long),
        ("XPT_NON_ASCII", "a text that is not ASCII", foreign),
    ):
        log.add(rule, column, what, wrong.to_numpy(zero_copy_only=False))
    return pc.if_else(pc.or_(too_long, foreign), "", texts)


def _all_ascii(texts: pa.LargeStringArray) -> bool:
    """Whether no byte of the block's texts is above 127: one look at the bytes as a whole."""
    if not len(texts):
        return True
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64, len(texts) + 1, texts.offset * 8)
    used = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]
    return not used.size or int(used.max()) <= _LAST_ASCII


def _padded(texts: pa.LargeStringArray, width: int) -> Bytes:
    padded = pc.ascii_rpad(texts, width)
    data = padded.buffers()[2]
    return np.frombuffer(data, np.uint8, len(texts) * width).reshape(-1, width)
