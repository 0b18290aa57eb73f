"""What the columns of a raw table are like: filled how often, of which kind, within which bounds.

A profile is of all deliveries of the table together. It holds no value that fewer than a given
number of subjects have, and no extreme as it is: bounds are wider than the data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import polars as pl

from expectations.reading import UNREADABLE, as_dates, as_numbers, by_source
from sdtmflow.mapping.values.numbers import number_of
from sdtmflow.sources.raw import SOURCE, SUBJECT
from sdtmflow.study import Source

MET = 0.95
"""The share of records that must meet what is proposed; how many do not stands beside it."""
_CODES = 30
"""A column of more distinct texts is no list of codes."""
_REPEATED = 3
"""A code is expected to come so often, on average."""
_MIDDLE = (0.025, 0.975)
_SHAPES = 3
_SHAPED = 20
"""So many texts, and no longer ones, have a pattern that means something."""


class Kind(StrEnum):
    """What the texts of a column say."""

    EMPTY = "empty"
    DATE = "dates"
    NUMBER = "numbers"
    CODE = "codes"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column of a raw table."""

    name: str
    label: str
    kind: Kind
    rows: int
    filled: int
    distinct: int
    fitting: int = 0
    """Filled records that are what ``kind`` says: readable, within the values."""
    values: tuple[str, ...] = ()
    """Of codes: those that enough subjects have, sorted."""
    low: float | None = None
    high: float | None = None
    """Of numbers: bounds that are wider than the data."""
    pattern: str = ""
    """Of text: a regular expression that all of it matches."""
    everywhere: bool = True
    """Whether all sources of the table deliver it; ``rows`` are those of the ones that do."""

    @property
    def share(self) -> float:
        """How much of it is filled."""
        return self.filled / self.rows if self.rows else 0.0


def profile(
    rows: pl.DataFrame,
    name: str,
    label: str,
    sources: dict[str, Source],
    min_subjects: int,
) -> ColumnProfile:
    """``rows`` has the text column ``name``, and the source and subject of each row."""
    frame = rows.select(pl.col(name).str.strip_chars().replace("", None), SOURCE, SUBJECT)
    filled = frame.filter(pl.col(name).is_not_null())
    texts = filled[name]
    counts = (rows.height, filled.height, texts.n_unique())
    if texts.is_empty():
        return ColumnProfile(name, label, Kind.EMPTY, *counts)
    numbers = _numbers(filled, name, sources)
    known = _codes(filled, name, min_subjects)
    if known and numbers.null_count() == 0 and _is_measured(numbers):
        known = ()
    if known:
        fitting = int(texts.is_in(known).sum())
        return ColumnProfile(name, label, Kind.CODE, *counts, fitting, known)
    read = len(numbers) - numbers.null_count()
    if read >= MET * len(texts):
        low, high = widened(numbers.drop_nulls())
        within = int(numbers.is_between(low, high).sum())
        return ColumnProfile(name, label, Kind.NUMBER, *counts, within, low=low, high=high)
    dates = by_source(texts, filled[SOURCE], sources, as_dates)
    read = int((dates.is_not_null() & (dates != UNREADABLE)).sum())
    if read >= MET * len(texts):
        return ColumnProfile(name, label, Kind.DATE, *counts, read)
    return ColumnProfile(name, label, Kind.TEXT, *counts, len(texts), pattern=_pattern(texts))


def _numbers(filled: pl.DataFrame, name: str, sources: dict[str, Source]) -> pl.Series:
    texts = by_source(filled[name], filled[SOURCE], sources, as_numbers)
    return texts.to_frame(name).select(number_of(pl.col(name))).to_series()


def _is_measured(numbers: pl.Series) -> bool:
    """Whether they look like results rather than codes: fractions, or far apart."""
    span = float(numbers.max()) - float(numbers.min())  # type: ignore[arg-type]
    return bool((numbers != numbers.floor()).any()) or span > _CODES


def _codes(filled: pl.DataFrame, name: str, min_subjects: int) -> tuple[str, ...]:
    """The texts that enough subjects have, if the column looks like a list of codes."""
    if filled[name].n_unique() > min(_CODES, filled.height / _REPEATED):
        return ()
    subjects = filled.group_by(name).agg(
        pl.struct(SOURCE, SUBJECT).n_unique().alias("subjects"), pl.len().alias("records")
    )
    common = subjects.filter(pl.col("subjects") >= min_subjects)
    covered = int(common["records"].sum())
    return tuple(sorted(common[name])) if covered >= MET * filled.height else ()


def widened(numbers: pl.Series) -> tuple[float, float]:
    """Round bounds that are wider by half than the middle 95 % of the numbers on each side.

    So a few wrong ones do not stretch them. What is never negative stays so.
    """
    low, high = (float(numbers.quantile(q, "nearest")) for q in _MIDDLE)  # type: ignore[arg-type]
    span = (high - low) or max(abs(low), 1.0)
    step = 10 ** math.floor(math.log10(span)) / 2
    under = math.floor((low - span / 2) / step) * step
    over = math.ceil((high + span / 2) / step) * step
    return round(under if low < 0 else max(under, 0.0), 10), round(over, 10)


def _pattern(texts: pl.Series) -> str:
    """A pattern that all texts match, where few shapes make them all; else nothing."""
    if len(texts) < _SHAPED or int(texts.str.len_chars().max()) > _SHAPED:  # type: ignore[arg-type]
        return ""
    shapes = (texts.str.replace_all(r"\d", "9").str.replace_all(r"\p{Lu}", "A")).str.replace_all(
        r"\p{Ll}", "a"
    )
    counted: Mapping[str, int] = dict(shapes.value_counts().iter_rows())
    if len(counted) > _SHAPES or not any("9" in shape for shape in counted):
        return ""
    if not all(text.isascii() for text in texts):
        return ""  # a letter without case, or another script's digit, would stand there as it is
    return f"^(?:{'|'.join(sorted(map(_regex, counted)))})$"


def _regex(shape: str) -> str:
    classes = {"9": r"[0-9]", "A": "[A-Z]", "a": "[a-z]"}
    parts = []
    for char, run in groupby(shape):
        count = len(list(run))
        parts.append(classes.get(char, re.escape(char)) + (f"{{{count}}}" if count > 1 else ""))
    return "".join(parts)
