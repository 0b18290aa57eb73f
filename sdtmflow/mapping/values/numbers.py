"""The one policy for numbers: what text is a number, how sums are rounded, how numbers are written.

A number is written with digits, a decimal point (comma only where the source declares it), a sign,
an exponent; nothing else (no thousands separators, no units). Arithmetic is done in binary floating
point and brought back to 12 significant decimal digits, so that 37 °C × 1.8 + 32 is 98.6 and not
98.60000000000001; rounding is half away from zero, as SAS does. Text of a number is the shortest
that says it, without exponent, without trailing zeros.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$"
COMMA_NUMBER = r"^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d{1,2})?$"
SIGNIFICANT_DIGITS = 12
"""Results of laboratory and bedside devices have fewer; doubles hold 15."""

_WHOLE_LIMIT = 1e15
"""Below it every whole number is exact in a double and prints without exponent."""


def number_of(text: pl.Expr, decimal: str = ".") -> pl.Expr:
    """The number that the text says (Float64), null where it says none."""
    if decimal == ",":
        fits = text.str.contains(COMMA_NUMBER)
        text = text.str.replace(",", ".", literal=True)
    else:
        fits = text.str.contains(NUMBER)
    return pl.when(fits).then(text.cast(pl.Float64, strict=False))


def tidy(number: pl.Expr) -> pl.Expr:
    """A computed number without the binary dust of its computation."""
    tidied: pl.Expr = number.round_sig_figs(SIGNIFICANT_DIGITS)
    return tidied


def rounded(number: pl.Expr, decimals: int) -> pl.Expr:
    """Half away from zero, decided on the tidy decimal value."""
    shifted = tidy(number * 10**decimals).round(0, mode="half_away_from_zero")
    # Division by a literal is done with its inexact reciprocal; the last round mends that.
    result: pl.Expr = (shifted / 10**decimals).round(decimals)
    return result


def text_of(number: pl.Expr) -> pl.Expr:
    """The shortest text of a number: ``98.6``, ``120``, ``0.00001``."""
    whole = (number == number.floor()) & (number.abs() < _WHOLE_LIMIT)
    return (
        pl.when(whole)
        .then(number.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(_plain(number))
    )


def _plain(number: pl.Expr) -> pl.Expr:
    """Decimal text; the few numbers that print with an exponent are written out."""
    text = number.cast(pl.String)
    return pl.when(text.str.contains("e", literal=True)).then(_written_out(number)).otherwise(text)


def _written_out(number: pl.Expr) -> pl.Expr:
    return number.map_batches(
        lambda series: pl.Series(
            [None if value is None else f"{Decimal(repr(value)):f}" for value in series],
            dtype=pl.String,
        ),
        return_dtype=pl.String,
    )
