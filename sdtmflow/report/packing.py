"""Tables inside a page: dictionary-encoded by column, compressed, in base64.

A block is ``gzip(length of the head, 4 bytes little-endian · head · body)``. The head is JSON:
``{"rows": n, "columns": [{"name", "texts", "lengths", "bytes", "codes"}]}``. A column's texts stand
in the body as UTF-8, one after the other (``texts``: begin and number of bytes), their lengths in
bytes as unsigned little-endian integers (``lengths``: begin, number and width). ``codes`` (the
same, one a row) say which of the texts a row has; without, they stand row by row. So a browser
reads the few texts that it shows without touching the others. ``script/data.js`` reads it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import polars as pl
from markupsafe import Markup

_LEVEL = 6
_ALIGNED = 4
"""Typed arrays of a browser begin at multiples of their width."""
_WIDTHS = (1, 2, 4)

Numbers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.unsignedinteger]]


def packed(tables: Sequence[pl.DataFrame]) -> list[Markup]:
    """A block for each table; every column is shown as text, null as nothing."""
    return [Markup(base64.b64encode(_block(table)).decode()) for table in tables]  # noqa: S704 — base64


def _block(table: pl.DataFrame) -> bytes:
    body = _Body()
    columns = [_column(series, body) for series in table.get_columns()]
    shape = {"rows": table.height, "columns": columns}
    head = _padded(json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode(), b" ")
    whole = b"".join([len(head).to_bytes(4, "little"), head, *body.parts])
    return gzip.compress(whole, _LEVEL, mtime=0)


def _column(series: pl.Series, body: _Body) -> dict[str, object]:
    texts, codes = _encoded(series.cast(pl.String).fill_null(""))
    lengths = texts.str.len_bytes().to_numpy()
    return {
        "name": series.name,
        "texts": body.add("".join(texts).encode()),
        "lengths": body.add_numbers(lengths),
        "codes": None if codes is None else body.add_numbers(codes.to_numpy()),
    }


def _encoded(texts: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """The distinct texts and each row's code; texts that hardly repeat stand row by row."""
    distinct = texts.unique(maintain_order=True)
    if len(distinct) * 2 > len(texts):
        return texts, None
    coded = distinct.to_frame("text").with_row_index("code")
    found = texts.to_frame("text").join(coded, on="text", how="left", maintain_order="left")
    return distinct, found["code"]


class _Body:
    """The parts after the head, and where each begins."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._length = 0

    def add(self, part: bytes) -> list[int]:
        """Begin and length in bytes."""
        at = self._length
        self.parts.append(_padded(part))
        self._length += len(self.parts[-1])
        return [at, len(part)]

    def add_numbers(self, numbers: Numbers) -> list[int]:
        """Begin, number and width in bytes: as few as the largest needs."""
        most = int(numbers.max()) if len(numbers) else 0
        width = next(width for width in _WIDTHS if most < 1 << (8 * width))
        at, _ = self.add(numbers.astype(f"<u{width}").tobytes())
        return [at, len(numbers), width]


def _padded(part: bytes, filler: bytes = b"\0") -> bytes:
    return part + filler * (-len(part) % _ALIGNED)
