"""Write XPORT v5: blocks of rows become blocks of bytes, column by column, never value by value.

A block is a byte matrix of rows × observation width; every column is padded by Arrow, or turned
into IBM doubles, as a whole, and laid into its place. Memory is one block's, whatever the dataset's
size.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from sdtmflow.formats.atomic import written
from sdtmflow.formats.xpt.encode import encode_block
from sdtmflow.formats.xpt.header import RECORD, header_bytes
from sdtmflow.formats.xpt.member import Member, XptError, metadata_problems
from sdtmflow.formats.xpt.problems import ProblemLog

_THREADS = 2
"""More wait for memory: the work is copying."""


def write_xpt(
    path: Path, member: Member, blocks: Iterable[pa.RecordBatch], *, created: dt.datetime
) -> int:
    """Write the rows of ``blocks`` (text and float columns, null = missing) to ``path``.

    Each block has the columns of ``member``, by name. ``created`` is the only clock of the file.
    The file appears under its name when it is complete. Returns the number of records.

    Raises XptError with every problem of metadata and data; nothing is written then. Trailing
    blanks of a text are the format's padding and do not survive.
    """
    if problems := metadata_problems(member):
        raise XptError(problems)
    log = ProblemLog(member)
    rows = 0
    with written(path) as file, ThreadPoolExecutor(_THREADS) as pool:
        file.write(header_bytes(member, created))
        for block in blocks:
            file.write(encode_block(block, member, log.starting(rows), pool).data)
            rows += block.num_rows
        file.write(b" " * (-file.tell() % RECORD))
        if problems := log.problems():
            raise XptError(problems)
    return rows
