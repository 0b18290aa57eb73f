"""What a column's texts look like: dates with their formats, numbers, terms of a codelist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sdtmflow.mapping.values import dates
from sdtmflow.mapping.values.numbers import number_of
from sdtmflow.mapping.values.terminology import Matcher
from sdtmflow.standards import CodelistFacts

FORMATS = (
    "ISO", "DD-MON-YYYY", "DD MON YYYY", "DDMONYYYY", "MON DD YYYY", "DD.MM.YYYY", "DD/MM/YYYY",
    "MM/DD/YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD", "YYYYMMDD", "MON-YYYY", "MON YYYY",
    "MM/YYYY", "MM.YYYY", "DD-MON-YYYY HH:MM", "DD/MM/YYYY HH:MM", "MM/DD/YYYY HH:MM",
    "DD.MM.YYYY HH:MM", "DDMONYYYY:HH:MM:SS", "DD-MON-YYYY HH:MM:SS", "YYYY-MM-DD HH:MM:SS",
)  # fmt: skip
"""Date formats that are tried, the plainest first."""
_TIMES = ("ISO TIME", "HH:MM", "HH:MM:SS", "HH:MM AM")


@dataclass(frozen=True, slots=True)
class Dates:
    """The formats that read a column's texts."""

    formats: tuple[str, ...]
    read: int
    """How many distinct texts they read."""
    of: int
    ambiguous: tuple[str, ...] = ()
    """Formats that read the same texts with days and months changed over."""

    @property
    def share(self) -> float:
        """The texts that are read, as a share."""
        return self.read / self.of if self.of else 0.0


def date_formats(values: pl.Series, declared: Sequence[str]) -> Dates:
    """The fewest formats that read the texts; of the source's own formats, if they read them."""
    if declared and _reads(values, declared).all():
        return Dates((), len(values), len(values))
    left, chosen = values, list[str]()
    while len(left):
        counts = {each: int(_reads(left, [each]).sum()) for each in FORMATS if each not in chosen}
        best = max(counts, key=lambda each: counts[each])
        if not counts[best]:
            break
        chosen.append(best)
        left = left.filter(~_reads(left, [best]))
    read = len(values) - len(left)
    return Dates(tuple(chosen), read, len(values), _turned(values, chosen))


def _turned(values: pl.Series, chosen: Sequence[str]) -> tuple[str, ...]:
    """Chosen formats whose texts would all be read with day and month changed over."""
    found = []
    for each in chosen:
        other = each.replace("DD", "*").replace("MM", "DD").replace("*", "MM", 1)
        if other != each and other in FORMATS:
            mine = values.filter(_reads(values, [each]))
            if _reads(mine, [other]).all():
                found.append(each)
    return tuple(found)


def _reads(values: pl.Series, formats: Sequence[str]) -> pl.Series:
    answer = dates.read(values, dates.dates_of(formats))
    return answer["problem"].is_null() & answer["date"].is_not_null()


def times(values: pl.Series) -> float:
    """The share of texts that are times of day."""
    if values.is_empty():
        return 0.0
    answer = dates.read(values, _TIMES)
    return float((answer["problem"].is_null() & answer["time"].is_not_null()).mean() or 0)  # type: ignore[arg-type]


def numbers(values: pl.Series) -> float:
    """The share of texts that are numbers."""
    if values.is_empty():
        return 0.0
    read = values.to_frame("v").select(number_of(pl.col("v"))).to_series()
    return float(read.is_not_null().mean() or 0)  # type: ignore[arg-type]


def terms(texts: Sequence[str], codelists: tuple[CodelistFacts, ...]) -> float:
    """The share of texts that say a term of the codelists."""
    if not texts or not codelists:
        return 0.0
    matcher = Matcher.of(codelists)
    return sum(matcher.match(text) is not None for text in texts) / len(texts)
