"""Encoding and separator of delimited text: as declared, or detected and reported."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes

from sdtmflow.errors import DeliveryError

CHUNK = 1 << 20
_SAMPLE_RECORDS = 50
_SEPARATORS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TRUSTED_GUESSES = ("big5", "cp949", "cp932", "euc", "gb", "shift_jis", "utf_16", "utf_32")
"""What charset-normalizer tells apart for sure; between single-byte encodings it guesses."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec; ``guessed`` where neither the source nor the bytes themselves declare it."""

    name: str
    guessed: bool = False


def encoding_of(path: Path, declared: str, place: str) -> Encoding:
    """The encoding of the whole file, proven by decoding it once.

    Raises DeliveryError where the declared encoding is unknown or does not fit.
    """
    if declared:
        _require_decodable(path, declared, place)
        return Encoding(declared)
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
    for bom, name in _BOMS:
        if head.startswith(bom):
            _require_decodable(path, name, place)
            return Encoding(name)
    if _first_error(path, "utf-8") is None:
        return Encoding("utf-8")
    return Encoding(_guess(path, head), guessed=True)


def utf8_lines(path: Path, declared: str) -> int:
    """Lines of a file declared otherwise that only make sense as UTF-8.

    That is: the whole file is UTF-8, and these hold more than ASCII. Text of another encoding is
    so by no accident.
    """
    if not declared or codecs.lookup(declared).name.startswith("utf"):
        return 0
    if _first_error(path, "utf-8") is not None:
        return 0
    with path.open("rb") as stream:
        return sum(not line.isascii() for line in stream)


def _guess(path: Path, head: bytes) -> str:
    best = from_bytes(head).best()
    if best is not None and best.encoding.startswith(_TRUSTED_GUESSES):
        return best.encoding
    # Western clinical systems export cp1252; the few bytes that it lacks are control codes of
    # ISO 8859-1, which has a character for every byte.
    return "cp1252" if _first_error(path, "cp1252") is None else "iso-8859-1"


def _require_decodable(path: Path, encoding: str, place: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise DeliveryError(
            f"'{encoding}' is no known encoding",
            place=place,
            remedy="write one such as utf-8, cp1252 or utf-16 in the source's 'encoding'",
        ) from None
    line = _first_error(path, encoding)
    if line is not None:
        raise DeliveryError(
            f"the bytes of line {line} are not {encoding}",
            place=place,
            remedy="correct the source's 'encoding', or leave it out to have it detected",
        )


def _first_error(path: Path, encoding: str) -> int | None:
    """The line of the first byte that ``encoding`` cannot decode; None where all is well."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return line + chunk[: error.start].count(b"\n")
            line += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return None


def separator_of(path: Path, encoding: str, header_row: int) -> str:
    """The separator that gives the most records as many fields as the header, most fields first.

    A file of one column has none; then it is a comma.
    """
    with path.open(encoding=encoding, newline="") as stream:
        lines = list(islice(stream, header_row + 2 * _SAMPLE_RECORDS))
    scores = {separator: _fit(lines[header_row - 1 :], separator) for separator in _SEPARATORS}
    return max(_SEPARATORS, key=lambda separator: scores[separator])


def _fit(lines: list[str], separator: str) -> tuple[float, int]:
    """(share of records with as many fields as most, fields); nothing for a single field."""
    records = [record for record in csv.reader(lines, delimiter=separator) if record]
    widths = Counter(len(record) for record in records[:_SAMPLE_RECORDS])
    if not widths:
        return 0.0, 0
    width, count = widths.most_common(1)[0]
    header_fits = len(records[0]) > 1
    return (count / sum(widths.values()), width) if width > 1 and header_fits else (0.0, 0)
