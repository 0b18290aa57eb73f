"""How each source writes dates and numbers, and reading the rows of each in its own manner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from sdtmflow.mapping.spec import Line
from sdtmflow.mapping.values import dates
from sdtmflow.mapping.values.numbers import number_of
from sdtmflow.study import Study


@dataclass(frozen=True, slots=True)
class Manner:
    """How the dates and numbers of some rows are written."""

    formats: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    year_cutoff: int | None = None
    decimal: str = "."


def manner_of(study: Study, source: str | None, line: Line | None = None) -> Manner:
    """What the line declares, else the source."""
    declared = study.sources.get(source or "")
    formats = (line.formats if line else []) or (declared.dates if declared else [])
    cutoff = (line.year_cutoff if line else None) or (declared.year_cutoff if declared else None)
    unknown = tuple(line.unknown) if line else ()
    return Manner(tuple(formats), unknown, cutoff, declared.decimal if declared else ".")


def by_source(
    texts: pl.DataFrame,
    sources: pl.Series,
    manner: Callable[[str | None], Manner],
    read: Callable[[pl.DataFrame, Manner], pl.DataFrame],
) -> pl.DataFrame:
    """What ``read`` makes of each source's rows in its manner, row for row of ``texts``."""
    manners = {source: manner(source) for source in sources.unique().to_list()}
    if len(set(manners.values())) <= 1:
        return read(texts, next(iter(manners.values()), manner(None)))
    frame = texts.with_columns(_source=sources).with_row_index("_at")
    parts = [
        group.select("_at").hstack(read(group.drop("_at", "_source"), manners[source]))
        for (source,), group in frame.group_by(["_source"], maintain_order=True)
    ]
    return pl.concat(parts).sort("_at").drop("_at")


def read_dates(texts: pl.DataFrame, manner: Manner) -> pl.DataFrame:
    """Columns ``date`` and, if any, ``time`` → ``value`` (ISO), ``rule`` broken (null: none)."""
    date = dates.read(
        texts["date"], dates.dates_of(manner.formats), manner.unknown, manner.year_cutoff
    )
    time = None
    if "time" in texts.columns:
        time = dates.read(texts["time"], dates.times_of(manner.formats), manner.unknown)
    rule = date["problem"]
    if time is not None:
        rule = rule.zip_with(rule.is_not_null(), time["problem"])
    return pl.DataFrame({"value": dates.joined(date, time), "rule": rule})


def read_numbers(texts: pl.DataFrame, manner: Manner) -> pl.DataFrame:
    """The only column → ``value`` (number), ``rule`` broken (null: none)."""
    text = pl.col(texts.columns[0])
    value = number_of(text, manner.decimal)
    broken = text.is_not_null() & value.is_null()
    return texts.select(value=value, rule=pl.when(broken).then(pl.lit("NUMBER_UNREADABLE")))
