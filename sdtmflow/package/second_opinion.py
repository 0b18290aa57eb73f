"""Ask another reader about some records of a file: the same ones every time.

All records are read by our own reader. pyreadstat, which shares nothing with it, takes a minute for
a million of them, so it is asked about those that tell most: of every block the first and the last,
and for each variable the least and greatest number or the longest text
(docs/decisions/0014-read-back-proof.md).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pyreadstat

from sdtmflow.formats.xpt import XptFile

_RECORD = 80
"""XPORT files are filled up with blanks to whole records of this size."""


def telling(block: pl.DataFrame) -> pl.Series:
    """The positions of the telling records of a block that has some, in their order."""
    texts, numbers = pl.col(pl.String), pl.col(pl.Float64)
    found = [
        place
        for asked in (texts.str.len_bytes().arg_max(), numbers.arg_min(), numbers.arg_max())
        for row in block.select(asked).rows()
        for place in row
    ]
    places = {0, block.height - 1, *found}
    return pl.Series(sorted(places - {None}), dtype=pl.Int64)


class SecondOpinion:
    """The telling records of an XPT file, by the bytes that the file itself has for them."""

    def __init__(self, file: XptFile) -> None:
        self._file = file
        self._expected: list[pl.DataFrame] = []
        self._numbers: list[pl.Series] = []
        self._rows = 0

    def add(self, block: pl.DataFrame) -> None:
        """Choose among the next records, as they were to be written."""
        if block.height:
            places = telling(block)
            self._expected.append(block[places])
            self._numbers.append(places + self._rows + 1)
        self._rows += block.height

    @property
    def numbers(self) -> pl.Series:
        """The numbers of the chosen records, from 1."""
        return pl.concat(self._numbers)

    @property
    def expected(self) -> pl.DataFrame:
        """The chosen records as they were to be written."""
        return pl.concat(self._expected)

    def read(self) -> pl.DataFrame:
        """The chosen records as pyreadstat reads them; fewer where the file ends before."""
        with tempfile.TemporaryDirectory() as folder:
            excerpt = Path(folder) / self._file.path.name
            excerpt.write_bytes(self._excerpt())
            read, _ = pyreadstat.read_xport(
                excerpt, disable_datetime_conversion=True, output_format="polars"
            )
        return read

    def _excerpt(self) -> bytes:
        """The file with the chosen records only."""
        with self._file.path.open("rb") as file:
            parts = [file.read(self._file.header.size)]
            for number in self.numbers:
                file.seek(self._file.header.size + (number - 1) * self._file.member.row_bytes)
                parts.append(file.read(self._file.member.row_bytes))
        whole = b"".join(parts)
        return whole + b" " * (-len(whole) % _RECORD)
