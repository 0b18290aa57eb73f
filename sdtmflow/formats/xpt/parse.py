"""Take an XPORT v5 header apart, by the byte positions of SAS TS-140.

Reading shares no code with writing, so that it can prove what was written
(docs/decisions/0014-read-back-proof.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import BinaryIO

import numpy as np

from sdtmflow.errors import FormatError
from sdtmflow.formats.xpt.member import Column, DisplayFormat, Member

CARD = 80
"""Bytes of a record: everything but the NAMESTRs and the observations comes in such records."""

_NAMESTR = np.dtype(
    {
        "names": [
            "kind", "length", "name", "label", "format", "width", "decimals", "justify",
            "informat", "informat_width", "informat_decimals", "position",
        ],
        "formats": [">i2", ">i2", "V8", "V40", "V8", ">i2", ">i2", ">i2", "V8", ">i2", ">i2",
                    ">i4"],
        "offsets": [0, 4, 8, 16, 56, 64, 66, 68, 72, 80, 82, 84],
        "itemsize": 140,
    }
)  # fmt: skip
_NUMERIC = 1
_REMEDY = "write it with PROC COPY or the XPORT engine, not as version 8 or CPORT"


@dataclass(frozen=True, slots=True)
class Header:
    """A file's header, parsed; ``size`` is where the observations begin."""

    member: Member
    created: str
    modified: str
    size: int


def parse_header(file: BinaryIO, place: str) -> Header:
    """The header of a v5 file that holds one dataset; ``file`` stands at its beginning.

    Raises FormatError where the bytes are no XPORT v5 file.
    """
    cards = [file.read(CARD) for _ in range(8)]
    for number, title in ((0, "LIBRARY"), (3, "MEMBER"), (4, "DSCRPTR"), (7, "NAMESTR")):
        _expect(cards[number], title, place)
    columns = _columns(file, cards, place)
    _expect(file.read(CARD), "OBS", place)
    # SAS on Linux fills the system's name with NUL, so only blanks are stripped from it.
    member = Member(
        name=_text(cards[5][8:16]),
        label=_text(cards[6][32:72]),
        type=_text(cards[6][72:80]),
        columns=columns,
        version=_text(cards[5][24:32]),
        system=cards[5][32:40].decode("latin-1").rstrip(" "),
    )
    return Header(member, _text(cards[5][64:80]), _text(cards[6][:16]), file.tell())


def _columns(file: BinaryIO, cards: list[bytes], place: str) -> tuple[Column, ...]:
    """The variables; ``file`` stands behind the blanks that follow them then."""
    count = cards[7][54:58]
    if not count.isdigit() or not int(count) or cards[3][74:78] != b"0140":
        raise FormatError("its header is damaged", place=place, remedy=_REMEDY)
    size = int(count) * _NAMESTR.itemsize
    found = file.read(size + -size % CARD)
    if len(found) < size:
        raise FormatError("it ends within its header", place=place, remedy=_REMEDY)
    fields = np.frombuffer(found, _NAMESTR, int(count))
    starts = accumulate((int(length) for length in fields["length"][:-1]), initial=0)
    if fields["position"].tolist() != list(starts) or fields["length"].min() < 1:
        raise FormatError("its variables do not stand one behind the other", place=place)
    return tuple(map(_column, fields))


def _expect(card: bytes, title: str, place: str) -> None:
    if card[:48] != b"HEADER RECORD*******%-8sHEADER RECORD!!!!!!!" % title.encode():
        raise FormatError(
            f"this is no SAS XPORT version 5 file (no {title} header in its place)",
            place=place,
            remedy=_REMEDY,
        )


def _column(fields: np.void) -> Column:
    return Column(
        name=_text(fields["name"].tobytes()),
        label=_text(fields["label"].tobytes()),
        numeric=int(fields["kind"]) == _NUMERIC,
        length=int(fields["length"]),
        format=_display(fields, "format", "width", "decimals"),
        informat=_display(fields, "informat", "informat_width", "informat_decimals"),
        right_justified=bool(fields["justify"]),
    )


def _display(fields: np.void, *names: str) -> DisplayFormat:
    name, width, decimals = (fields[name] for name in names)
    return DisplayFormat(_text(name.tobytes()), int(width), int(decimals))


def _text(data: bytes) -> str:
    # Labels of files by others may be in any single-byte encoding; Latin-1 never fails.
    return data.rstrip(b" \0").decode("latin-1")
