"""Read Dataset-JSON block by block, by a parser that is not ours."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from sdtmflow.errors import FormatError

_NUMBERS = frozenset({"integer", "double"})


class JsonRecords:
    """The records of a file whose lines are a record each, as ours are."""

    def __init__(self, lines: Iterator[str], place: str) -> None:
        first = next(lines, "").rstrip("\n")
        is_document = not first.endswith("}")
        self._place = place
        self.head: dict[str, Any] = _parsed(first + "]}" if is_document else first, place)
        self._columns = {one["name"]: one["dataType"] in _NUMBERS for one in self.head["columns"]}
        self._lines = _document_rows(lines, place) if is_document else map(str.rstrip, lines)

    def following(self, count: int) -> pl.DataFrame:
        """The next records, ``count`` at most: Strings, and Float64 for integer and double.

        Raises FormatError where they are no JSON, or not as many values as there are columns, or
        a text stands without quotation marks or a number with them.
        """
        rows = pl.Series(list(itertools.islice(self._lines, count)), dtype=pl.String)
        try:
            cells = rows.str.json_decode(pl.List(pl.String))
        except pl.exceptions.ComputeError:
            raise FormatError("a record is no JSON", place=self._place) from None
        if not (cells.list.len() == len(self._columns)).all():
            raise FormatError("a record has not as many values as columns", place=self._place)
        quoted = rows.str.replace_all(r"\\.", "").str.count_matches('"', literal=True)
        if not (quoted == 2 * list(self._columns.values()).count(False)).all():
            what = "a text has no quotation marks, or a number has them"
            raise FormatError(what, place=self._place)
        return self._frame(cells.explode(empty_as_null=False))

    def _frame(self, cells: pl.Series) -> pl.DataFrame:
        """Columns out of the values of one row after the other."""
        columns = [
            cells.gather_every(len(self._columns), position).alias(name)
            for position, name in enumerate(self._columns)
        ]
        numbers = [pl.col(name).cast(pl.Float64) for name, yes in self._columns.items() if yes]
        return pl.DataFrame(columns).with_columns(numbers)


def _document_rows(lines: Iterator[str], place: str) -> Iterator[str]:
    """The rows of a JSON document, which the last line closes."""
    for line in lines:
        if line == "]}\n":
            break
        if line != "\n":
            yield line.rstrip(",\n")
    else:
        raise FormatError("it ends too early", place=place)
    if any(lines):
        raise FormatError("something stands behind its end", place=place)


@contextmanager
def json_records(path: Path) -> Iterator[JsonRecords]:
    """The records of ``path`` (``.json``, ``.ndjson``, ``.dsjc``).

    Raises FormatError where it is none of these.
    """
    opened = gzip.open if path.suffix == ".dsjc" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        yield JsonRecords(iter(lines), path.name)


def _parsed(text: str, place: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except ValueError:
        raise FormatError("its metadata are no JSON", place=place) from None
