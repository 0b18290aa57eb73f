"""The changes of two frames of one table: records that came or went, and every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sdtmflow.comparison.matching import AFTER, BEFORE, Matched, matched, text

SUBJECT = "USUBJID"
ROW_FILE, ROW_SOURCE = "_file", "_source"
COLUMN = "_column"
"""The column whose rule made the cell: the variable, ``supp.QNAM`` in SUPP--, else empty."""


@dataclass(frozen=True, slots=True)
class Named:
    """How a table's records are told apart and named; SDTM's own words by default."""

    keys: tuple[str, ...]
    number: tuple[str, ...] = ()
    """Subject and --SEQ; none where the table has no --SEQ."""
    subject: str = SUBJECT
    separator: str = ", "
    """Between the parts of a record's name."""
    origin: tuple[str, ...] = (ROW_SOURCE, ROW_FILE)
    """Columns that say where a record comes from; they go with each of its changes."""

    @property
    def shown(self) -> tuple[str, ...]:
        """What names a record beside its subject."""
        shown = dict.fromkeys((*self.number, *self.keys))
        return tuple(name for name in shown if name not in {"STUDYID", self.subject})


def changes(before: pl.DataFrame, after: pl.DataFrame, named: Named) -> pl.DataFrame:
    """Rows of change, subject, record, variable, before, after, and where they come from.

    Variables that only one side has are not compared: define.xml's changes tell of them.
    """
    return changes_of(before, after, matched(before, after, named.keys, named.number), named)


def changes_of(
    before: pl.DataFrame, after: pl.DataFrame, found: Matched, named: Named
) -> pl.DataFrame:
    """As ``changes``, of records that are paired already."""
    names = [name for name in after.columns if name in before.columns and not name.startswith("_")]
    parts = [
        _whole(before[found.removed], "removed", named),
        _whole(after[found.added], "added", named),
        *(
            part
            for pairs, change in (
                (found.same_key, "changed"),
                (found.same_number, "key changed"),
            )
            for part in _cells(before[pairs[BEFORE]], after[pairs[AFTER]], change, named, names)
        ),
    ]
    return pl.concat(parts, how="vertical")


def _whole(frame: pl.DataFrame, change: str, named: Named) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    return frame.select(
        pl.lit(change).alias("change"),
        *_naming(frame, named),
        nothing.alias("variable"),
        nothing.alias("before"),
        nothing.alias("after"),
        *_origin(frame, "", named),
    )


def _cells(
    old: pl.DataFrame, new: pl.DataFrame, change: str, named: Named, names: Sequence[str]
) -> list[pl.DataFrame]:
    """The cells that differ; the frames stand row for row beside each other."""
    found = []
    for name in names:
        left = old.select(text(old, name)).to_series()
        right = new.select(text(new, name)).to_series()
        differs = left.ne_missing(right)
        if not differs.any():
            continue
        rows = new.filter(differs)
        found.append(
            rows.select(
                pl.lit(change).alias("change"),
                *_naming(rows, named),
                pl.lit(name).alias("variable"),
                pl.Series("before", left.filter(differs)),
                pl.Series("after", right.filter(differs)),
                *_origin(rows, name, named),
            )
        )
    return found


def _naming(frame: pl.DataFrame, named: Named) -> list[pl.Expr]:
    """The subject, and the record as ``AESEQ=3, AETERM=HEADACHE``."""
    has_subject = named.subject in frame.columns
    subject = pl.col(named.subject) if has_subject else pl.lit(None, pl.String)
    shown = [name for name in named.shown if name in frame.columns]
    parts = [
        pl.when(pl.col(name).is_not_null()).then(
            pl.concat_str(pl.lit(f"{name}="), text(frame, name))
        )
        for name in shown
    ]
    record = pl.lit("")
    if parts:
        record = pl.concat_str(parts, separator=named.separator, ignore_nulls=True)
    return [subject.alias("subject"), record.alias("record")]


def _origin(frame: pl.DataFrame, variable: str, named: Named) -> list[pl.Expr]:
    column = pl.concat_str(pl.lit("supp."), "QNAM") if "QNAM" in frame.columns else pl.lit(variable)
    return [
        column.alias(COLUMN),
        *(
            pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name)
            for name in named.origin
        ),
    ]
