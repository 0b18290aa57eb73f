"""Dates of entry that go backwards: the columns that ``drift.entered`` names."""

from __future__ import annotations

import polars as pl

from sdtmflow.drift.records import Sides
from sdtmflow.drift.telling import Telling
from sdtmflow.drift_rules import DriftRule
from sdtmflow.mapping.values.dates import COMPLETE_DATE, read
from sdtmflow.study import Source


def tell_entry(telling: Telling, sides: Sides, source: Source, entered: tuple[str, ...]) -> None:
    """Tell each column whose newest date lies before the last delivery's newest."""
    for column in entered:
        before, after = (_newest(rows, column, source) for rows in (sides.before, sides.after))
        if before and after and after < before:
            telling.tell(
                DriftRule.ENTRY_BACKWARDS,
                f"the newest date of {column} in the delivery of source {sides.source} lies before "
                "the newest of the last one",
                dataset=sides.table,
                record_key=f"SOURCE={sides.source}",
                variable=column,
                value=f"{before} → {after}",
                query="Please confirm that this is the newest export.",
            )


def _newest(rows: pl.LazyFrame, column: str, source: Source) -> str | None:
    """The newest complete date of the column (ISO 8601)."""
    texts = rows.select(pl.col(column).drop_nulls().str.strip_chars().unique()).collect()
    parts = texts[column].str.splitn(" ", 2).struct.unnest()["field_0"]
    formats = tuple(source.dates) or ("ISO",)
    dates = read(parts, formats, year_cutoff=source.year_cutoff)["date"]
    newest = dates.filter(dates.str.contains(COMPLETE_DATE)).max()
    return newest if isinstance(newest, str) else None
