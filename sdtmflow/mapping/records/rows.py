"""What becomes of the rows of a raw table before they are records: split, duplicates, collapse."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.planning.plan import plain
from sdtmflow.mapping.provenance.identity import LINEAGE, PART
from sdtmflow.mapping.records.collapsing import collapsed
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.spec import Collapse, Duplicates, RecordSet, Split
from sdtmflow.mapping.values.conditions import Column, expression, parse
from sdtmflow.sources.raw import SITE, SUBJECT
from sdtmflow.study import Study

_KEPT = (SITE, SUBJECT, *LINEAGE, PART)
MERGED = {name: f"merged{name}" for name in LINEAGE}
"""The row that went into another, beside the lineage of that other."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Raw rows on their way to become records.

    ``merged`` has one line for every row that went into another (``LINEAGE`` and ``MERGED``).
    """

    frame: pl.DataFrame
    made: int
    dropped: int = 0
    merged: pl.DataFrame = field(default_factory=pl.DataFrame)
    told: tuple[tuple[Problem, pl.DataFrame], ...] = ()

    def with_merged(self, frame: pl.DataFrame, merged: pl.DataFrame) -> Rows:
        """These rows, of which some went into others."""
        both = [part for part in (self.merged, merged) if part.height]
        return replace(self, frame=frame, merged=pl.concat(both) if both else self.merged)

    def with_told(self, problems: tuple[Problem, ...], frame: pl.DataFrame) -> Rows:
        """These rows, and what is wrong with some of ``frame``."""
        return replace(self, told=(*self.told, *((found, frame) for found in problems)))


def rows_of(study: Study, records: RecordSet, sent: pl.DataFrame) -> Rows:
    """The rows after ``split``, ``duplicates`` and ``collapse``."""
    frame = _split(sent, records.split) if records.split else sent
    rows = Rows(frame, made=frame.height)
    if records.duplicates:
        rows = _without_duplicates(rows, records.duplicates)
    return _collapsed(study, rows, records.collapse) if records.collapse else rows


def _split(sent: pl.DataFrame, split: Split) -> pl.DataFrame:
    """One row a text; ``PART`` is its position. A row without a text stays one row."""
    text = pl.element().str.strip_chars()
    texts = pl.col(split.column).str.split(split.separator).list.eval(text.filter(text != ""))
    known = sent.with_columns(pl.when(texts.list.len() > 0).then(texts).alias(split.column))
    rows = known.with_row_index("_at").explode(split.column)
    part = pl.int_range(pl.len(), dtype=pl.Int16).over("_at")
    there = pl.col(split.column).is_not_null()
    return rows.with_columns(pl.when(there).then(part).alias(PART)).drop("_at")


def _without_duplicates(rows: Rows, spec: Duplicates) -> Rows:
    frame = rows.frame
    data = spec.by or [name for name in frame.columns if name not in _KEPT]
    key = pl.struct([SUBJECT, *data])
    kept = key.is_first_distinct() if spec.take == "first" else key.is_last_distinct()
    repeated = frame.select(~kept & pl.col(SUBJECT).is_not_null()).to_series()
    if spec.report:
        rows = rows.with_told(_repeated(frame, repeated, data), frame)
    if spec.action == "keep":
        return rows
    keepers = frame.filter(~repeated).select(SUBJECT, *data, *LINEAGE)
    others = frame.filter(repeated).select(SUBJECT, *data, *_as_merged())
    merged = others.join(keepers, on=[SUBJECT, *data], nulls_equal=True, maintain_order="left")
    return rows.with_merged(frame.filter(~repeated), merged.select(*LINEAGE, *MERGED.values()))


def _as_merged() -> list[pl.Expr]:
    return [pl.col(name).alias(other) for name, other in MERGED.items()]


def _repeated(frame: pl.DataFrame, at: pl.Series, data: list[str]) -> tuple[Problem, ...]:
    shown = pl.concat_str([pl.col(name) for name in data], separator=", ", ignore_nulls=True)
    return problem(
        "ROW_REPEATED",
        Severity.MINOR,
        f"the row repeats another of the subject in {', '.join(data)}",
        at=at,
        values=frame.select(shown).to_series(),
        variable=data[0],
        query="Please check: this record repeats another one.",
    )


def _collapsed(study: Study, rows: Rows, spec: Collapse) -> Rows:
    """One row a subject and ``by``; rows without a subject stay, to be quarantined."""
    if spec.where:
        kept = rows.frame.filter(expression(parse(spec.where), _text_column))
        rows = replace(rows, frame=kept, dropped=rows.dropped + rows.frame.height - kept.height)
    nobody = rows.frame.filter(pl.col(SUBJECT).is_null())
    frame = rows.frame.filter(pl.col(SUBJECT).is_not_null())
    found = collapsed(study, frame, spec)
    first = found.rows.select(SUBJECT, *spec.by, *LINEAGE)
    members = frame.select(SUBJECT, *spec.by, *_as_merged())
    merged = members.join(first, on=[SUBJECT, *spec.by], nulls_equal=True, maintain_order="left")
    own = pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(other)) for name, other in MERGED.items()
    )
    others = merged.filter(~own).select(*LINEAGE, *MERGED.values())
    for told, where in found.told:
        rows = rows.with_told(told, where)
    return rows.with_merged(pl.concat([found.rows.select(frame.columns), nobody]), others)


def _text_column(name: str) -> Column:
    return Column(pl.col(plain(name)))
