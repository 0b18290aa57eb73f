"""How a delimited file is to be read: its encoding, separator and header."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import islice

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.header import unique_names
from sdtmflow.sources.raw import DeliveredFile
from sdtmflow.sources.text import encoding_of, separator_of
from sdtmflow.study import Source

MAX_HEADER_FIELDS = 20_000
_DATA = re.compile(r"[+-]?\d+([.,]\d+)?|\d{4}-\d\d-\d\d.*")
_VALUE = re.compile(
    r"[+-]?\d+[.,]\d+|0\d+|\d{4}-\d\d(-\d\d.*)?|\d{1,2}[-./](\d{1,2}|[A-Za-z]{3})[-./]\d{2,4}"
)
"""A result, a number with leading zeros, a date: no column is called like its own records."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a delimited file is to be read."""

    encoding: str
    separator: str
    names: tuple[str, ...]
    header_end: int
    """Physical lines up to and with the header."""
    notes: tuple[str, ...] = ()


def layout_of(file: DeliveredFile, source: Source) -> Layout:
    """Encoding, separator and header of ``file``. Raises DeliveryError."""
    encoding = encoding_of(file.path, source.encoding, file.name)
    separator = source.separator or separator_of(file.path, encoding.name, source.header_row)
    sent, first, header_end = _header(file, encoding.name, separator, source.header_row)
    notes = []
    if encoding.guessed:
        notes.append(f"the encoding is a guess: {encoding.name}; declare 'encoding' to be sure")
    if first and len(first) == len(sent) + 1 and not first[-1]:
        sent = [*sent, ""]  # every row ends with a separator, only the header does not
    names, changed = unique_names(sent)
    return Layout(encoding.name, separator, names, header_end, (*notes, *changed))


def _header(
    file: DeliveredFile, encoding: str, separator: str, header_row: int
) -> tuple[list[str], list[str], int]:
    """The header's fields, the first record's fields, and the line on which the header ends."""
    with file.path.open(encoding=encoding, newline="") as stream:
        skipped = sum(1 for _ in islice(stream, header_row - 1))
        records = csv.reader(stream, delimiter=separator)
        header = next(records, [])
        header_end = skipped + records.line_num
        first = next(records, [])
    header = [name.strip().strip("\ufeff") for name in header]
    if not any(header) or len(header) > MAX_HEADER_FIELDS or _looks_like_data(header, first):
        raise DeliveryError(
            "no header found: this line does not hold column names",
            place=f"{file.name}, line {header_row}",
            remedy="name the header's line in the source's 'header_row'; a file needs a header",
        )
    return header, first, header_end


def _looks_like_data(header: list[str], first: list[str]) -> bool:
    """Half of the named fields or more are numbers or time stamps, or one is as in the record.

    A record that is taken for a header would put a subject's values where columns are named.
    """
    if any(
        _VALUE.fullmatch(name) and _VALUE.fullmatch(value.strip())
        for name, value in zip(header, first, strict=False)
    ):
        return True
    named = [name for name in header if name]
    return 2 * sum(1 for name in named if _DATA.fullmatch(name)) >= len(named)
