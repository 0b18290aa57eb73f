"""The data of a study that an impact is counted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sdtmflow.mapping.planning.term_uses import TermUse


@dataclass(frozen=True, slots=True)
class StudyData:
    """The study's datasets, and the staged tables that they were made from, by site.

    ``said`` names them for people; empty where there are none.
    """

    said: str = ""
    tables: Mapping[str, pl.LazyFrame] = field(default_factory=dict)
    staged: Mapping[str, Path] = field(default_factory=dict)

    def records(self, use: TermUse) -> dict[str, int] | None:
        """Value → number of records, of the variable; None where there are no data at all."""
        if not self.said:
            return None
        table = self.tables.get(use.dataset)
        if table is None:
            return {}
        values = _values(table, use)
        return dict(values.drop_nulls().group_by("value").len().sort("value").collect().rows())


def _values(table: pl.LazyFrame, use: TermUse) -> pl.LazyFrame:
    if use.dataset.startswith("SUPP"):
        return table.filter(pl.col("QNAM") == use.variable).select(value="QVAL")
    if use.variable not in table.collect_schema():
        return pl.LazyFrame({"value": pl.Series([], dtype=pl.String)})
    return table.select(value=pl.col(use.variable).cast(pl.String))
