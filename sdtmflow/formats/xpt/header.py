"""The header records of XPORT v5: 80-byte records of text, and one 140-byte NAMESTR a variable.

Byte positions are those of SAS TS-140; integers are big-endian. Dates have two-digit years and the
English month names of SAS whatever the machine's locale is.
"""

from __future__ import annotations

import datetime as dt
import mmap
import struct
from dataclasses import dataclass
from itertools import accumulate

from sdtmflow.errors import FormatError
from sdtmflow.formats.xpt.member import Column, DisplayFormat, Member

RECORD = 80
NAMESTR = struct.Struct(">hhhh8s40s8shhh2s8shhi52s")

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NUMERIC, _TEXT = 1, 2
_ZEROS = "0" * 30
_NAMESTRS_AT = 8 * RECORD
"""Library (3 records), member and descriptor (4), and the NAMESTR header stand before them."""


@dataclass(frozen=True, slots=True)
class Header:
    """A file's header, parsed; ``size`` is where the observations begin."""

    member: Member
    created: str
    modified: str
    size: int


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


def parse_header(data: bytes | mmap.mmap, place: str) -> Header:
    """Parse the header of a v5 file that holds one dataset.

    Raises FormatError where the bytes are no XPORT v5 file.
    """
    head = bytes(data[:_NAMESTRS_AT])
    _expect(head, 0, "LIBRARY", place)
    _expect(head, 3, "MEMBER", place)
    _expect(head, 7, "NAMESTR", place)
    count = int(head[7 * RECORD + 54 : 7 * RECORD + 58])
    end = _NAMESTRS_AT + count * NAMESTR.size
    end += -end % RECORD
    _expect(bytes(data[end : end + RECORD]), 0, "OBS", place)
    namestrs = bytes(data[_NAMESTRS_AT : _NAMESTRS_AT + count * NAMESTR.size])
    columns = tuple(_column(fields) for fields in NAMESTR.iter_unpack(namestrs))
    return _header(head, columns, end + RECORD)


def _expect(data: bytes, record: int, kind: str, place: str) -> None:
    if not data[record * RECORD :].startswith(_title(kind, "")[:48]):
        raise FormatError(
            f"this is no SAS XPORT version 5 file (no {kind} header in its place)",
            place=place,
            remedy="write it with PROC COPY or the XPORT engine, not as version 8 or CPORT",
        )


def _header(head: bytes, columns: tuple[Column, ...], size: int) -> Header:
    # SAS on Linux fills the system's name with NUL, so only blanks are stripped from it.
    first, second = head[5 * RECORD : 6 * RECORD], head[6 * RECORD : 7 * RECORD]
    member = Member(
        name=_text(first[8:16]),
        label=_text(second[32:72]),
        type=_text(second[72:80]),
        columns=columns,
        version=_text(first[24:32]),
        system=first[32:40].decode("latin-1").rstrip(" "),
    )
    return Header(member, created=_text(first[64:80]), modified=_text(second[:16]), size=size)


def _column(fields: tuple[int | bytes, ...]) -> Column:
    kind, _, length, _, name, label, fmt, width, places, justify, _, inf, iwidth, iplaces, *_ = (
        _text(field) if isinstance(field, bytes) else field for field in fields
    )
    return Column(
        name=str(name),
        label=str(label),
        numeric=kind == _NUMERIC,
        length=int(length),
        format=DisplayFormat(str(fmt), int(width), int(places)),
        informat=DisplayFormat(str(inf), int(iwidth), int(iplaces)),
        right_justified=bool(justify),
    )


def _text(data: bytes) -> str:
    # Labels of files by others may be in any single-byte encoding; Latin-1 never fails.
    return data.rstrip(b" \0").decode("latin-1")
