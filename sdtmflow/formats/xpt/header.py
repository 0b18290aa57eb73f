"""The header records of XPORT v5: 80-byte records of text, and one 140-byte NAMESTR a variable.

Byte positions are those of SAS TS-140; integers are big-endian. Dates have two-digit years and the
English month names of SAS whatever the machine's locale is.
"""

from __future__ import annotations

import datetime as dt
import struct
from itertools import accumulate

from sdtmflow.formats.xpt.member import Column, Member

RECORD = 80
NAMESTR = struct.Struct(">hhhh8s40s8shhh2s8shhi52s")

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NUMERIC, _TEXT = 1, 2
_ZEROS = "0" * 30


def stamp(moment: dt.datetime) -> str:
    """A moment as SAS writes it: ``21AUG20:09:14:29``."""
    month = _MONTHS[moment.month - 1]
    return f"{moment.day:02d}{month}{moment.year % 100:02d}:{moment:%H:%M:%S}"


def pad(text: str | bytes, width: int) -> bytes:
    """ASCII text, blank padded to ``width`` bytes."""
    return (text.encode("ascii") if isinstance(text, str) else text).ljust(width)


def header_bytes(member: Member, created: dt.datetime) -> bytes:
    """Everything that stands before the observations; created and modified are the same moment."""
    when = stamp(created)
    origin = pad(member.version, 8) + pad(member.system, 8) + b" " * 24 + pad(when, 16)
    modified = pad(when, 16)
    records = [
        _title("LIBRARY", _ZEROS),
        pad("SAS", 8) + pad("SAS", 8) + pad("SASLIB", 8) + origin,
        pad(modified, RECORD),
        _title("MEMBER", "000000000000000001600000000140"),
        _title("DSCRPTR", _ZEROS),
        pad("SAS", 8) + pad(member.name, 8) + pad("SASDATA", 8) + origin,
        modified + b" " * 16 + pad(member.label, 40) + pad(member.type, 8),
        _title("NAMESTR", f"000000{len(member.columns):04d}{'0' * 20}"),
        _padded_to_record(_namestrs(member.columns)),
        _title("OBS", _ZEROS),
    ]
    return b"".join(records)


def xpt_size(member: Member, rows: int) -> int:
    """The bytes of a file with so many records."""
    observations = rows * member.row_bytes
    namestrs = NAMESTR.size * len(member.columns)
    return sum(size + -size % RECORD for size in (namestrs, observations)) + 9 * RECORD


def _title(kind: str, digits: str) -> bytes:
    return pad(f"HEADER RECORD*******{kind:<8}HEADER RECORD!!!!!!!{digits}", RECORD)


def _padded_to_record(data: bytes) -> bytes:
    return data + b" " * (-len(data) % RECORD)


def _namestrs(columns: tuple[Column, ...]) -> bytes:
    positions = [0, *accumulate(column.length for column in columns)]
    return b"".join(
        _namestr(column, number, position)
        for number, (column, position) in enumerate(zip(columns, positions, strict=False), start=1)
    )


def _namestr(column: Column, number: int, position: int) -> bytes:
    shown, read = column.format, column.informat
    return NAMESTR.pack(
        _NUMERIC if column.numeric else _TEXT,
        0,
        column.length,
        number,
        pad(column.name, 8),
        pad(column.label, 40),
        pad(shown.name, 8),
        shown.width,
        shown.decimals,
        int(column.right_justified),
        b"\0\0",
        pad(read.name, 8),
        read.width,
        read.decimals,
        position,
        b"\0" * 52,
    )
