"""Raw text as dates and numbers, each value in the manner of the source that sent it."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from sdtmflow.mapping.values import dates
from sdtmflow.study import Source

UNREADABLE = "?"
"""Stands for a text that is no date in any of its source's formats."""

Reading = Callable[[pl.Series, Source | None], pl.Series]


def as_dates(texts: pl.Series, source: Source | None) -> pl.Series:
    """ISO 8601 text by the source's formats (default: ISO), ``UNREADABLE`` where none fits.

    A date of which nothing is known (``UN-UNK-UNKN``) is missing.
    """
    formats, cutoff = (source.dates, source.year_cutoff) if source else ((), None)
    reading = dates.read(texts, dates.dates_of(formats), year_cutoff=cutoff)
    iso = dates.joined(reading)
    wrong = pl.when(reading["problem"].is_not_null()).then(pl.lit(UNREADABLE))
    return pl.select(wrong.when(iso.str.contains(r"\d")).then(iso)).to_series()


def as_numbers(texts: pl.Series, source: Source | None) -> pl.Series:
    """The text with a decimal point where the source writes a comma; else as sent."""
    if source is None or source.decimal == ".":
        return texts
    return texts.str.replace(",", ".", literal=True)


def by_source(
    texts: pl.Series, names: pl.Series | None, sources: dict[str, Source], read: Reading
) -> pl.Series:
    """Each text read for its own source; ``names`` gives the source of each row."""
    texts = texts.cast(pl.String)
    if names is None:
        return read(texts, None)
    answer = pl.Series(texts.name, [None] * len(texts), dtype=pl.String)
    for name in names.unique(maintain_order=True):
        own = names.eq_missing(name)
        answer = read(texts, sources.get(name or "")).zip_with(own, answer)
    return answer
