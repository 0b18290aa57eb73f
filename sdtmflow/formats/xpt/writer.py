"""Write XPORT v5: blocks of rows become blocks of bytes, column by column, never value by value.

The place of every row in the file is known before it is encoded, so several threads encode and
write blocks at the same time. Memory is a few blocks', whatever the dataset's size.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from sdtmflow.formats.atomic import written
from sdtmflow.formats.xpt.encode import encode_columns, observations
from sdtmflow.formats.xpt.header import RECORD, header_bytes
from sdtmflow.formats.xpt.member import Member, Problem, XptError, metadata_problems
from sdtmflow.formats.xpt.problems import ProblemLog, joined

_THREADS = 2
"""More wait for memory: the work is copying."""
_BLOCK_BYTES = 8 << 20
"""Observations that a thread encodes at a time."""


def write_xpt(
    path: Path, member: Member, blocks: Iterable[pa.RecordBatch], *, created: dt.datetime
) -> int:
    """Write the rows of ``blocks`` (text and float columns, null = missing) to ``path``.

    Each block has the columns of ``member``, by name. A missing number is the ``.`` of SAS, unless
    the text column ``missing_kind(name)`` of the block says another one. ``created`` is the only
    clock of the file. The file appears under its name when it is complete. Returns the number of
    records.

    Raises XptError with every problem of metadata and data; nothing is written then. Trailing
    blanks of a text are the format's padding and do not survive.
    """
    if problems := metadata_problems(member):
        raise XptError(problems)
    rows = 0
    found: list[Problem] = []
    writing: deque[Future[list[Problem]]] = deque()
    with written(path) as file, ThreadPoolExecutor(_THREADS) as pool:
        start = file.write(header_bytes(member, created))
        file.flush()
        for block in _bounded(blocks, member):
            if len(writing) == _THREADS:
                found += writing.popleft().result()
            writing.append(pool.submit(_write_block, file.fileno(), start, block, member, rows))
            rows += block.num_rows
        found += [problem for done in writing for problem in done.result()]
        end = start + rows * member.row_bytes
        os.pwrite(file.fileno(), b" " * (-end % RECORD), end)
        if found:
            raise XptError(joined(found, member))
    return rows


def write_part(
    path: Path, member: Member, whole: Path, before: int, rows: int, *, created: dt.datetime
) -> None:
    """Write ``rows`` records of the file ``whole`` behind its first ``before`` as one of their own.

    ``member`` has the variables of ``whole``; name and label may be others.
    """
    header = header_bytes(member, created)
    left = rows * member.row_bytes
    with whole.open("rb") as source, written(path) as file:
        source.seek(len(header) + before * member.row_bytes)
        file.write(header)
        while left:
            piece = source.read(min(left, _BLOCK_BYTES))
            left -= file.write(piece)
        file.write(b" " * (-file.tell() % RECORD))


def _bounded(blocks: Iterable[pa.RecordBatch], member: Member) -> Iterator[pa.RecordBatch]:
    """The blocks, cut where their observations would take more than ``_BLOCK_BYTES``."""
    most = max(1, _BLOCK_BYTES // member.row_bytes)
    for block in blocks:
        for first in range(0, block.num_rows, most):
            yield block.slice(first, most)


def _write_block(
    file: int, start: int, block: pa.RecordBatch, member: Member, before: int
) -> list[Problem]:
    """Write the block behind ``before`` records, which begin at ``start``; what it cannot hold."""
    log = ProblemLog(member, before)
    place = start + before * member.row_bytes
    for piece in observations(encode_columns(block, member, log)):
        _put(file, piece, place)
        place += len(piece)
    return log.problems


def _put(file: int, data: memoryview, place: int) -> None:
    """Write all of ``data``: the system may take less at a time."""
    while data:
        taken = os.pwrite(file, data, place)
        data, place = data[taken:], place + taken
