"""SAS XPORT files as an agency's loader meets them: the header records, read byte by byte.

Written from SAS TS-140 and sharing nothing with the writer, so that an error of the writer is seen
and not repeated. Nothing is judged here but whether the file can be read at all.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RECORD = 80
_NAMESTR = 140
_MARK = b"HEADER RECORD*******"
_END = b"HEADER RECORD!!!!!!!"
_MEMBER = _MARK + b"MEMBER  " + _END
_NUMBER, _TEXT = 1, 2
_BLANK = 32

_OTHERS = {
    b"HEADER RECORD*******LIBV8": "XPORT version 8, not version 5",
    b"**COMPRESSED**": "a CPORT file, not XPORT",
    b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60": "a SAS dataset, not XPORT",
    b"\x1f\x8b": "compressed (gzip)",
    b"PK": "compressed (zip)",
}


class UnreadableError(Exception):
    """The file is no XPORT v5; the text says what is wrong, in words."""


@dataclass(frozen=True, slots=True)
class Column:
    """A variable as its NAMESTR says; ``position`` is its first byte in a record."""

    name: str
    label: bytes
    numeric: bool
    length: int
    position: int
    format: str
    informat: str


@dataclass(frozen=True, slots=True)
class Xport:
    """One file: its first dataset, where its records lie, and how many datasets follow it."""

    path: Path
    name: str
    label: bytes
    columns: tuple[Column, ...]
    start: int
    """Byte of the first record."""
    width: int
    """Bytes of a record."""
    records: int
    rest: int
    """Bytes after the last whole record that are no padding."""
    others: int
    """Datasets after the first."""
    size: int


def read_xport(path: Path) -> Xport:
    """The header of a file. Raises UnreadableError."""
    size = path.stat().st_size
    if not size:
        raise UnreadableError("the file is empty")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _expect_v5(data)
        columns, start = _columns(data)
        ends = _member_starts(data, start)
        end = ends[0] if ends else size
        width = sum(column.length for column in columns)
        records, rest = _records(data, start, end, width)
        descriptor = data[5 * RECORD : 7 * RECORD]
        return Xport(
            path=path,
            name=_text(descriptor[8:16]),
            label=descriptor[RECORD + 32 : RECORD + 72].rstrip(b" \0"),
            columns=columns,
            start=start,
            width=width,
            records=records,
            rest=rest,
            others=len(ends),
            size=size,
        )


def _expect_v5(data: mmap.mmap) -> None:
    for magic, what in _OTHERS.items():
        if data[: len(magic)] == magic:
            raise UnreadableError(f"the file is {what}")
    for record, kind in ((0, b"LIBRARY "), (3, b"MEMBER  "), (4, b"DSCRPTR "), (7, b"NAMESTR ")):
        if not _is_title(data, record * RECORD, kind):
            raise UnreadableError(f"no {kind.decode().strip()} header in record {record + 1}")
    if data[3 * RECORD + 74 : 3 * RECORD + 78] != b"0140":
        raise UnreadableError("the MEMBER header announces descriptors of another size than 140")


def _is_title(data: mmap.mmap, at: int, kind: bytes) -> bool:
    return data[at : at + 48] == _MARK + kind + _END


def _columns(data: mmap.mmap) -> tuple[tuple[Column, ...], int]:
    """The variables, and where the records begin."""
    digits = data[7 * RECORD + 54 : 7 * RECORD + 58]
    if not digits.isdigit():
        raise UnreadableError("the NAMESTR header has no count of variables")
    count, at = int(digits), 8 * RECORD
    end = at + count * _NAMESTR
    titles = end + -end % RECORD
    if not count:
        raise UnreadableError("the dataset has no variables")
    if not _is_title(data, titles, b"OBS     ") or titles + RECORD > len(data):
        raise UnreadableError(f"no OBS header after the descriptors of {count} variables")
    columns = tuple(_column(data[place : place + _NAMESTR]) for place in range(at, end, _NAMESTR))
    _expect_gapless(columns)
    return columns, titles + RECORD


def _column(record: bytes) -> Column:
    kind, _, length = struct.unpack(">hhh", record[:6])
    if kind not in (_NUMBER, _TEXT):
        raise UnreadableError("a variable is neither number nor text")
    position = struct.unpack(">i", record[84:88])[0]
    return Column(
        name=_text(record[8:16]),
        label=record[16:56].rstrip(b" \0"),
        numeric=kind != _TEXT,
        length=length,
        position=position,
        format=_text(record[56:64]),
        informat=_text(record[72:80]),
    )


def _expect_gapless(columns: tuple[Column, ...]) -> None:
    """Each variable begins where the one before it ends; else the records mean nothing."""
    expected = 0
    for number, column in enumerate(columns, start=1):
        if column.length < 1 or column.position != expected:
            raise UnreadableError(f"the descriptor of variable {number} gives a wrong place")
        expected += column.length


def _member_starts(data: mmap.mmap, start: int) -> list[int]:
    return list(_found(data, start))


def _found(data: mmap.mmap, start: int) -> Iterator[int]:
    at = data.find(_MEMBER, start)
    while at >= 0:
        if at % RECORD == 0:
            yield at
        at = data.find(_MEMBER, at + 1)


def _records(data: mmap.mmap, start: int, end: int, width: int) -> tuple[int, int]:
    """Whole records, and the bytes after them that are no padding to 80.

    XPORT does not say how many records there are; blank ones at the end are padding.
    """
    count, over = divmod(end - start, width)
    rest = len(bytes(data[end - over : end]).rstrip(b" "))
    at = start + count * width
    while count and end - (at - width) < RECORD and not data[at - width : at].strip(b" "):
        count, at = count - 1, at - width
    return count, rest


def _text(data: bytes) -> str:
    return data.rstrip(b" \0").decode("latin-1")
