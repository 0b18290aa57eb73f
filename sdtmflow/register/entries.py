"""From a change of lives to what the audit trail must hold of it."""

from __future__ import annotations

import polars as pl

from sdtmflow.standing import Status

_LIFE = ("by", "reason", "until", "query_id", "answer")


def marked(lives: pl.DataFrame, action: pl.Expr, why: pl.Expr) -> pl.DataFrame:
    """Lives as they are before a change: ``action`` ("" for none), ``why``, ``was``.

    ``was`` is their status; ``life_before`` is what else they are, as JSON.
    """
    return lives.with_columns(action=action, why=why, was=pl.col("status"), life_before=_life())


def entries_of(changed: pl.DataFrame) -> pl.DataFrame:
    """Entries of the marked rows that have changed, without number, time, actor and digest."""
    return changed.filter(pl.col("action") != "").select(
        "fingerprint",
        "action",
        status_before=pl.col("was"),
        status_after=pl.col("status"),
        before=pl.col("life_before"),
        after=_life(),
        text=_text(),
    )


def _text() -> pl.Expr:
    """What the entry says in words: why, what the site answered, or which query asks it."""
    said = (
        pl.when(pl.col("reason") != "").then("reason").when(pl.col("answer") != "").then("answer")
    )
    return (
        said.when(pl.col("status") == Status.QUERIED.value).then("query_id").otherwise(pl.lit(""))
    )


def _life() -> pl.Expr:
    return pl.struct(*_LIFE).struct.json_encode()
