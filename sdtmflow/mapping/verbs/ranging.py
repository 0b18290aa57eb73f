"""range_indicator: results compared with their reference range."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.values.conditions import Column
from sdtmflow.mapping.values.numbers import number_of
from sdtmflow.mapping.verbs.work import Outcome, Work

_SIGN = r"^(<=|>=|<|>)"


def range_indicator(work: Work) -> Outcome:
    """LOW, NORMAL, HIGH, or missing where the result may be either."""
    spec = work.line.line.range_indicator
    assert spec is not None  # noqa: S101 — the verb is range_indicator
    text = work.expr(spec.result).cast(pl.String)
    low, high = _number(work.column(spec.low)), _number(work.column(spec.high))
    found = indicator(text, low, high)
    if spec.text:
        same = text.str.to_lowercase() == work.expr(spec.text).cast(pl.String).str.to_lowercase()
        words = pl.when(same).then(pl.lit("NORMAL")).when(~same).then(pl.lit("ABNORMAL"))
        found = pl.when(_value(text).is_null()).then(words).otherwise(found)
    return Outcome(work.select(found))


def indicator(text: pl.Expr, low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """The side of the range on which everything lies that a result (``12``, ``<5``) may be."""
    return _side(text.str.extract(_SIGN).fill_null(""), _value(text), low, high)


def _value(text: pl.Expr) -> pl.Expr:
    return number_of(text.str.replace(_SIGN, "").str.strip_chars_start())


def _number(column: Column) -> pl.Expr:
    return column.expr if column.numeric else number_of(column.expr)


def _side(sign: pl.Expr, value: pl.Expr, low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """The side of the range on which all that the result may be lies.

    ``<5`` may be anything below 5, ``>=5`` is 5 or anything above.
    """
    below, above = sign.is_in(["<", "<="]), sign.is_in([">", ">="])
    is_low = pl.when(sign == "<").then(value <= low).when(~above).then(value < low)
    is_high = pl.when(sign == ">").then(value >= high).when(~below).then(value > high)
    not_low = low.is_null() | pl.when(~below).then(value >= low).otherwise(pl.lit(value=False))
    not_high = high.is_null() | pl.when(~above).then(value <= high).otherwise(pl.lit(value=False))
    ranged = low.is_not_null() | high.is_not_null()
    return (
        pl.when(is_low)
        .then(pl.lit("LOW"))
        .when(is_high)
        .then(pl.lit("HIGH"))
        .when(ranged & value.is_not_null() & not_low & not_high)
        .then(pl.lit("NORMAL"))
    )
