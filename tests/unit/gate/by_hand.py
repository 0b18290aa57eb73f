"""XPORT v5 files written byte by byte, so that a test can write what no writer would."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyreadstat

STAMP = b"01JAN26:00:00:00"


@dataclass
class Column:
    name: str
    label: bytes = b"Label"
    numeric: bool = False
    length: int = 8
    format: bytes = b""


@dataclass
class Table:
    """A dataset: values are bytes for text, floats for numbers, None for missing."""

    name: bytes
    label: bytes
    columns: list[Column]
    rows: list[list[Any]] = field(default_factory=list)

    def column(self, name: str) -> list[Any]:
        at = [one.name for one in self.columns].index(name)
        return [row[at] for row in self.rows]

    def put(self, name: str, values: Sequence[Any]) -> None:
        at = [one.name for one in self.columns].index(name)
        for row, value in zip(self.rows, values, strict=True):
            row[at] = value

    def drop(self, name: str) -> None:
        at = [one.name for one in self.columns].index(name)
        del self.columns[at]
        for row in self.rows:
            del row[at]

    def fit(self) -> None:
        """Every text as long as its longest value."""
        for at, column in enumerate(self.columns):
            if not column.numeric:
                column.length = max([1, *(len(row[at] or b"") for row in self.rows)])


def read(path: Path) -> Table:
    """The file as ReadStat reads it."""
    frame, meta = pyreadstat.read_xport(
        path, disable_datetime_conversion=True, output_format="polars"
    )
    columns = [
        Column(
            name,
            (meta.column_names_to_labels[name] or "").encode(),
            meta.readstat_variable_types[name] != "string",
            meta.variable_storage_width[name],
        )
        for name in meta.column_names
    ]
    rows = [
        [value.encode() if isinstance(value, str) else value for value in row]
        for row in frame.iter_rows()
    ]
    return Table(meta.table_name.encode(), (meta.file_label or "").encode(), columns, rows)


def write(path: Path, table: Table) -> None:
    path.write_bytes(library() + member(table))


def library() -> bytes:
    origin = b"SAS     SAS     SASLIB  9.4     X64_10PR" + b" " * 24 + STAMP
    return title(b"LIBRARY ", b"0" * 30) + origin + STAMP.ljust(80)


def member(table: Table) -> bytes:
    descriptor = b"SAS     " + table.name.ljust(8) + b"SASDATA 9.4     X64_10PR" + b" " * 24
    second = STAMP + b" " * 16 + table.label.ljust(40) + b" " * 8
    namestrs, at = b"", 0
    for number, column in enumerate(table.columns, start=1):
        namestrs += namestr(column, number, at)
        at += column.length
    records = b"".join(record(table.columns, row) for row in table.rows)
    return b"".join(
        [
            title(b"MEMBER  ", b"000000000000000001600000000140"),
            title(b"DSCRPTR ", b"0" * 30),
            descriptor + STAMP,
            second,
            title(b"NAMESTR ", b"000000%04d" % len(table.columns) + b"0" * 20),
            filled(namestrs),
            title(b"OBS     ", b"0" * 30),
            filled(records),
        ]
    )


def title(kind: bytes, digits: bytes) -> bytes:
    return (b"HEADER RECORD*******" + kind + b"HEADER RECORD!!!!!!!" + digits).ljust(80)


def filled(data: bytes) -> bytes:
    return data + b" " * (-len(data) % 80)


def namestr(column: Column, number: int, at: int) -> bytes:
    head = struct.pack(">hhhh", 1 if column.numeric else 2, 0, column.length, number)
    names = column.name.encode().ljust(8) + column.label.ljust(40) + column.format.ljust(8)
    formats = struct.pack(">hhh", 0, 0, 0) + b"\0\0" + b" " * 8 + struct.pack(">hh", 0, 0)
    return head + names + formats + struct.pack(">i", at) + b"\0" * 52


def record(columns: Sequence[Column], row: Sequence[Any]) -> bytes:
    return b"".join(
        ibm(value) if column.numeric else (value or b"").ljust(column.length)
        for column, value in zip(columns, row, strict=True)
    )


def ibm(value: float | None) -> bytes:
    """A number of moderate size as an IBM double."""
    if value is None:
        return b"." + b"\0" * 7
    sign, size, exponent = (0x80 if value < 0 else 0), abs(value), 64
    while size >= 1:
        size, exponent = size / 16, exponent + 1
    return bytes([sign | exponent]) + int(size * 2**56).to_bytes(7, "big") if value else bytes(8)
