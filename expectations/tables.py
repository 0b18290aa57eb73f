"""A table as checks see it: its rows with what names a record, and columns of other tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from expectations.suite import Join
from sdtmflow.errors import StudyError
from sdtmflow.sources.raw import FILE, ROW, SITE, SOURCE, SUBJECT


@dataclass
class Joined:
    """Rows with joined columns.

    ``source`` names, for each joined column, the column that holds its own record's source (dates
    are read in the formats of the system that sent them); ``absent`` names, for each column that
    could not be joined, what is missing.
    """

    rows: pl.DataFrame
    source: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)


def subject_column(stage: str) -> str:
    """The column that a join uses where it names none."""
    return SUBJECT if stage == "raw" else "USUBJID"


def read_rows(tables: Path, stage: str, table: str) -> pl.DataFrame:
    """A table with what names its records.

    A raw table has that from staging. An SDTM dataset gets ``SUBJECT`` from USUBJID, ``SITE`` from
    DM.SITEID, and ``FILE`` and ``ROW`` from ``lineage/`` where they stand beside it.
    """
    rows = pl.read_parquet(tables / f"{table}.parquet")
    if stage == "raw" or "USUBJID" not in rows.columns:
        return rows
    rows = rows.with_columns(pl.col("USUBJID").alias(SUBJECT))
    rows = _with_lineage(rows, tables / "lineage" / f"{table}.parquet")
    return rows if SITE in rows.columns else _with_site(rows, tables / "DM.parquet")


def joined(
    rows: pl.DataFrame, joins: Sequence[Join], tables: Path, stage: str, place: str
) -> Joined:
    """The rows with the columns of every join; as many rows, in their order.

    Raises StudyError where a taken column would hide one that is there (``place``: the suites).
    """
    answer = Joined(rows)
    for join in joins:
        _refuse_hiding(answer.rows, join, place)
        on = list(join.keys) or [subject_column(stage)]
        _join(answer, join, on, tables / f"{join.to}.parquet")
    return answer


def _join(answer: Joined, join: Join, on: list[str], path: Path) -> None:
    if not path.is_file():
        answer.absent |= dict.fromkeys((*join.columns, join.found), join.to)
        return
    other = pl.read_parquet(path)
    gone = [name for name in on if name not in other.columns or name not in answer.rows.columns]
    if gone:
        answer.absent |= dict.fromkeys((*join.columns, join.found), f"{join.to} with {gone[0]}")
        return
    taken = {new: old for new, old in join.columns.items() if old in other.columns}
    source = f"{SOURCE} of {join.to}"
    columns = [pl.col(old).alias(new) for new, old in taken.items()]
    if SOURCE in other.columns:
        columns.append(pl.col(SOURCE).alias(source))
        answer.source |= dict.fromkeys(taken, source)
    found = other.select(*on, *columns, pl.lit("Y").alias(join.found))
    found = found.unique(subset=on, keep="first", maintain_order=True)
    answer.rows = answer.rows.join(found, on=on, how="left", maintain_order="left")


def _refuse_hiding(rows: pl.DataFrame, join: Join, place: str) -> None:
    hidden = [name for name in (*join.columns, join.found) if name in rows.columns]
    if hidden:
        new = f"{join.to.upper()}_{hidden[0]}"
        raise StudyError(
            f"the join with {join.to} takes '{hidden[0]}', which the table has itself",
            place=place,
            remedy=f"give it another name: take: {{{new}: {hidden[0]}}}",
        )


def _with_lineage(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    if FILE in rows.columns or not path.is_file():
        return rows
    beside = pl.read_parquet(path)
    found = [name for name in (FILE, ROW, SITE) if name in beside.columns]
    return rows.hstack(beside.select(found)) if beside.height == rows.height else rows


def _with_site(rows: pl.DataFrame, demographics: Path) -> pl.DataFrame:
    if not demographics.is_file():
        return rows
    sites = pl.read_parquet(demographics, columns=["USUBJID", "SITEID"])
    sites = sites.unique("USUBJID", keep="first").rename({"SITEID": SITE})
    return rows.join(sites, on="USUBJID", how="left", maintain_order="left")
