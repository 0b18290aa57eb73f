"""What names a record within its subject: the fewest columns that no two records share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from expectations.drafting.profile import MET, ColumnProfile, Kind
from sdtmflow.sources.raw import SOURCE, SUBJECT

_NAMES = ("SPID", "REPEATKEY", "SEQ", "NUM", "LINE", "VISIT", "TESTCD", "TPT", "CAT", "DAT")
"""Ends of names that records are called by, the surest first."""
_COLUMNS = 3
_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that name a record within its subject; none where a subject has one record."""

    columns: tuple[str, ...]
    repeated: int = 0
    """Records that repeat the key of one before them."""


def key_of(rows: pl.DataFrame, columns: Sequence[ColumnProfile]) -> Key | None:
    """The key that nearly all records keep; None where there is none of a few columns."""
    names = [column.name for column in columns if _may_name(column)]
    for chosen in ((), *_choices(names)):
        repeated = rows.height - rows.select(SOURCE, SUBJECT, *chosen).n_unique()
        if repeated <= (1 - MET) * rows.height:
            return Key(chosen, repeated)
    return None


def _may_name(column: ColumnProfile) -> bool:
    return (
        column.filled == column.rows
        and column.kind is not Kind.EMPTY
        and _rank(column.name) < len(_NAMES)
    )


def _rank(name: str) -> int:
    return next((n for n, end in enumerate(_NAMES) if end in name.upper()), len(_NAMES))


def _choices(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    candidates = sorted(names, key=_rank)[:_CANDIDATES]
    for number in range(1, _COLUMNS + 1):
        yield from combinations(candidates, number)
