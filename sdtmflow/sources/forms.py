"""An ODM form as one table: its item groups side by side, its repeating groups as rows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sdtmflow.sources.odm_metadata import KEYS
from sdtmflow.sources.raw import MISSING, PROVENANCE
from sdtmflow.sources.report import TableReport

_GROUP_KEYS = ("ItemGroupOID", "ItemGroupRepeatKey")
FORM_KEYS = tuple(key for key in KEYS if key not in _GROUP_KEYS)
"""What tells one instance of a form from another."""


def form_table(
    form: str, reports: Sequence[TableReport], groups: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    """The rows of the form called ``form`` (OID or name), in the order of its first group.

    Groups that a form instance has once give their columns to each of its rows; groups that repeat
    give rows, each to itself. A form instance without repeating rows is one row.
    """
    frames = [
        group.filter(pl.col("FormOID").is_in(report.forms_called(form)))
        for report, group in zip(reports, groups, strict=True)
    ]
    if len(frames) == 1:
        return frames[0]
    single = [not _repeats(report, rows) for report, rows in zip(reports, frames, strict=True)]
    table = pl.concat([rows.select(FORM_KEYS) for rows in frames]).unique(maintain_order=True)
    missing = []
    for number, rows in enumerate(_distinct_names(reports, frames)):
        if single[number]:
            marked = rows.rename({MISSING: f"{MISSING}{number}"})
            missing.append(f"{MISSING}{number}")
            table = _beside(table, marked.drop(*_GROUP_KEYS))
    repeating = [
        rows
        for rows, once in zip(_distinct_names(reports, frames), single, strict=True)
        if not once
    ]
    if repeating:
        stacked = pl.concat(repeating, how="diagonal").rename({MISSING: f"{MISSING}r"})
        missing.append(f"{MISSING}r")
        table = _beside(table, stacked, keep_left=False)
    return _with_missing(table, missing)


def _repeats(report: TableReport, rows: pl.DataFrame) -> bool:
    return report.repeating is True or rows.select(FORM_KEYS).is_duplicated().any()


def _distinct_names(
    reports: Sequence[TableReport], frames: Sequence[pl.DataFrame]
) -> list[pl.DataFrame]:
    """An item name that two groups of the form use becomes ``group.item`` in the later one."""
    taken: set[str] = set()
    distinct = []
    for report, rows in zip(reports, frames, strict=True):
        items = [name for name in rows.columns if not _is_shared(name)]
        distinct.append(
            rows.rename({name: f"{report.name}.{name}" for name in items if name in taken})
        )
        taken.update(items)
    return distinct


def _is_shared(name: str) -> bool:
    """Keys, provenance and what systems keep on subject, event and form: the same in all groups."""
    levels = ("StudyEventData.", "FormData.", "ItemGroupData.")
    names = (*KEYS, *PROVENANCE, "StudySubjectID", "SubjectName")
    return name in names or name.startswith(levels)


def _beside(table: pl.DataFrame, rows: pl.DataFrame, *, keep_left: bool = True) -> pl.DataFrame:
    """``rows`` joined by form instance; of a column that both have, one side comes first."""
    both = [name for name in rows.columns if name in table.columns and name not in FORM_KEYS]
    joined = table.join(
        rows.rename({name: f"{name}__right" for name in both}),
        on=FORM_KEYS,
        how="left",
        nulls_equal=True,
        maintain_order="left_right",
    )
    first, second = ("", "__right") if keep_left else ("__right", "")
    values = [pl.coalesce(f"{name}{first}", f"{name}{second}").alias(name) for name in both]
    return joined.with_columns(values).drop(f"{name}__right" for name in both)


def _with_missing(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    joined = pl.concat_str(columns, separator=";", ignore_nulls=True)
    kinds = pl.when(joined != "").then(joined).alias(MISSING)
    order = [name for name in table.columns if name not in (*columns, *PROVENANCE)]
    return table.with_columns(kinds).select(*order, *PROVENANCE)
