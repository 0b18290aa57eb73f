"""Where things are in a SAS transport file: its members, and what pyreadstat does not tell.

Layout: SAS TS-140 (version 5) and TS-140 version 8: 80-byte records, big-endian NAMESTR of 140
(VAX: 136) bytes for each variable. Numbers are IBM floating point; a missing one has ``.``, ``_``
or ``A`` to ``Z`` in its first byte and zeros after it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

RECORD = 80
_LIBRARY_HEADER = 3 * RECORD
_MEMBERS = (
    b"HEADER RECORD*******MEMBER  HEADER RECORD",
    b"HEADER RECORD*******MEMBV8  HEADER RECORD",
)
_NAMESTRS = (
    b"HEADER RECORD*******NAMESTR HEADER RECORD",
    b"HEADER RECORD*******NAMSTV8 HEADER RECORD",
)
_OBSERVATIONS = (
    b"HEADER RECORD*******OBS     HEADER RECORD",
    b"HEADER RECORD*******OBSV8   HEADER RECORD",
)
_LETTERS = np.frombuffer(b"_ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Member:
    """One dataset of a transport file: offsets into the file, and its numeric variables."""

    start: int
    end: int
    data: int
    row_length: int
    numbers: dict[str, tuple[int, int]]
    """Variable → (position in the row, bytes)."""

    def rows(self, content: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, Any]:
        """The data section as whole rows of bytes; the last may be padding."""
        count = (self.end - self.data) // self.row_length if self.row_length else 0
        section = content[self.data : self.data + count * self.row_length]
        return section.reshape(count, self.row_length)

    def is_whole(self, content: np.ndarray[Any, np.dtype[np.uint8]]) -> bool:
        """What follows the last whole row is the blank padding of the last 80-byte record."""
        if not self.row_length or (self.end - self.start) % RECORD:
            return False
        rest = content[self.data + len(self.rows(content)) * self.row_length : self.end]
        return bool((rest == ord(" ")).all())

    def special_missing(
        self, content: np.ndarray[Any, np.dtype[np.uint8]], first: int, count: int
    ) -> dict[int, dict[str, str]]:
        """Row (from 0 within the chunk) → variable → ``.A`` … ``.Z``, ``._``."""
        rows = self.rows(content)[first : first + count]
        found: dict[int, dict[str, str]] = {}
        for name, (position, length) in self.numbers.items():
            cells = rows[:, position : position + length]
            special = np.isin(cells[:, 0], _LETTERS) & (cells[:, 1:] == 0).all(axis=1)
            for row in np.flatnonzero(special).tolist():
                found.setdefault(row, {})[name] = f".{chr(int(cells[row, 0]))}"
        return found

    def as_file(self, content: np.ndarray[Any, np.dtype[np.uint8]], path: Path) -> Path:
        """Write the member as a transport file of its own: readers stop after the first one."""
        with path.open("wb") as out:
            out.write(content[:_LIBRARY_HEADER].tobytes())
            out.write(content[self.start : self.end].tobytes())
        return path


def mapped(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The file's bytes, mapped and not loaded."""
    return np.memmap(path, dtype=np.uint8, mode="r")


def members_of(content: np.ndarray[Any, np.dtype[np.uint8]]) -> list[Member]:
    """The members in file order; empty where the headers are not those of a transport file."""
    starts = _headers(content, _MEMBERS)
    ends = [*starts[1:], len(content)]
    found = (_member(content, start, end) for start, end in zip(starts, ends, strict=True))
    return [member for member in found if member is not None]


def _headers(content: np.ndarray[Any, np.dtype[np.uint8]], wanted: tuple[bytes, ...]) -> list[int]:
    """Offsets of the 80-byte records that begin with one of ``wanted``."""
    records = content[: len(content) // RECORD * RECORD].reshape(-1, RECORD)
    candidates = np.flatnonzero((records[:, 0] == ord("H")) & (records[:, 7] == ord("R")))
    return [
        int(index) * RECORD for index in candidates if records[index].tobytes().startswith(wanted)
    ]


def _member(content: np.ndarray[Any, np.dtype[np.uint8]], start: int, end: int) -> Member | None:
    section = content[start:end]
    namestrs, data = _headers(section, _NAMESTRS), _headers(section, _OBSERVATIONS)
    if not namestrs or not data:
        return None
    header = section[namestrs[0] : namestrs[0] + RECORD].tobytes()
    length = int(section[74:78].tobytes() or b"140")
    variables = [
        _variable(section[at : at + length].tobytes())
        for at in range(
            namestrs[0] + RECORD, namestrs[0] + RECORD + int(header[54:58]) * length, length
        )
    ]
    return Member(
        start=start,
        end=end,
        data=start + data[0] + RECORD,
        row_length=max((position + size for _, _, position, size in variables), default=0),
        numbers={name: (at, size) for name, numeric, at, size in variables if numeric},
    )


def _variable(namestr: bytes) -> tuple[str, bool, int, int]:
    """(name, is a number, position, bytes); version 8 has the long name at byte 88."""
    kind, _, size = struct.unpack(">hhh", namestr[:6])
    (position,) = struct.unpack(">i", namestr[84:88])
    long = namestr[88:120].rstrip(b" \0")
    name = long if long.isascii() and long[:8].strip() else namestr[8:16]
    return name.decode("latin-1").strip(), kind == 1, position, size
