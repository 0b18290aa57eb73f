"""Keys that really tell all records of a dataset apart."""

from __future__ import annotations

import polars as pl


def told_apart(
    keys: tuple[str, ...], sequence: str, data: pl.LazyFrame
) -> tuple[tuple[str, ...], str]:
    """The keys, with --SEQ behind them where two records share them, and what is to be said of it.

    ``data`` stands in the order of the keys, so records that share them are neighbours.
    """
    if not keys or not sequence or sequence in keys:
        return keys, ""
    shared = [pl.col(key).eq_missing(pl.col(key).shift()) for key in keys]
    first = pl.int_range(pl.len()) == 0
    found = data.select((pl.all_horizontal(shared) & ~first).any()).collect().item()
    if not found:
        return keys, ""
    said = f"Records that share {', '.join(keys[2:])} are told apart by {sequence}."
    return (*keys, sequence), said
