"""Which record of the later dataset is which of the earlier: by natural key, else by --SEQ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

BEFORE, AFTER = "_before", "_after"
"""Row numbers of the two frames."""
_TURN = "_turn"


@dataclass(frozen=True, slots=True)
class Matched:
    """Row numbers: of records in both (``BEFORE``, ``AFTER``), and of those in one alone."""

    same_key: pl.DataFrame
    same_number: pl.DataFrame
    """Their keys differ; subject and --SEQ, which is never given twice, say that it is the same."""
    removed: pl.Series
    added: pl.Series


def matched(
    before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[str], number: Sequence[str]
) -> Matched:
    """Pair the records; several of one key are paired in their order.

    ``number`` names the columns that number a record for ever (USUBJID and --SEQ); none where
    there are none. Keys of other types on the two sides are compared as text.
    """
    left, right = _keyed(before, keys, BEFORE), _keyed(after, keys, AFTER)
    both = left.join(right, on=[*keys, _TURN], how="full", coalesce=True, nulls_equal=True)
    same = both.filter(pl.col(BEFORE).is_not_null() & pl.col(AFTER).is_not_null())
    removed = both.filter(pl.col(AFTER).is_null())[BEFORE].sort()
    added = both.filter(pl.col(BEFORE).is_null())[AFTER].sort()
    again = _by_number(before, after, removed, added, number)
    return Matched(
        same.select(BEFORE, AFTER).sort(AFTER),
        again,
        removed.filter(~removed.is_in(again[BEFORE].implode())),
        added.filter(~added.is_in(again[AFTER].implode())),
    )


def _keyed(frame: pl.DataFrame, keys: Sequence[str], name: str) -> pl.DataFrame:
    turn = pl.int_range(pl.len(), dtype=pl.UInt32).over(keys) if keys else pl.int_range(pl.len())
    return frame.select(_as_text(frame, keys)).with_columns(
        turn.alias(_TURN), pl.int_range(pl.len(), dtype=pl.UInt32).alias(name)
    )


def _as_text(frame: pl.DataFrame, names: Sequence[str]) -> list[pl.Expr]:
    return [text(frame, name) for name in names]


def text(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The column as text: numbers in their shortest form."""
    column = pl.col(name).cast(pl.String)
    return column.str.strip_suffix(".0") if frame.schema[name].is_numeric() else column


def _by_number(
    before: pl.DataFrame,
    after: pl.DataFrame,
    removed: pl.Series,
    added: pl.Series,
    number: Sequence[str],
) -> pl.DataFrame:
    empty = pl.DataFrame(schema={BEFORE: pl.UInt32, AFTER: pl.UInt32})
    if not number or removed.is_empty() or added.is_empty():
        return empty
    left = before[removed].select(_as_text(before, number)).with_columns(removed.alias(BEFORE))
    right = after[added].select(_as_text(after, number)).with_columns(added.alias(AFTER))
    pairs = left.join(right, on=number, how="inner")
    alone = pl.col(BEFORE).is_unique() & pl.col(AFTER).is_unique()
    return pairs.filter(alone).select(BEFORE, AFTER).sort(AFTER)
