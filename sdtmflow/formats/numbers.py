"""Numbers as text for files that hold text."""

from __future__ import annotations

import polars as pl


def number_text(number: pl.Expr) -> pl.Expr:
    """The shortest text that gives the same double again: ``120``, ``98.6``, ``1e-7``.

    Unlike the text of a mapped result (``mapping.numbers.text_of``) it may have an exponent: it is
    read by machines, and a million of them are written at a time.
    """
    return number.cast(pl.Float64).cast(pl.String).str.strip_suffix(".0")
