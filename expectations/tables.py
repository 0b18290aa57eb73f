"""A table as checks see it: its rows with what names a record, and columns of other tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from expectations.iso8601 import on_or_before
from expectations.suite import During, Join
from sdtmflow.errors import StudyError
from sdtmflow.mapping.values import conditions
from sdtmflow.mapping.values.numbers import text_of
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
        subject = subject_column(stage)
        _join(answer, join, join.keys or {subject: subject}, tables / f"{join.to}.parquet")
    return answer


def holds(condition: str, rows: pl.DataFrame) -> pl.Expr:
    """Where a condition (the mapping's grammar) is true of the rows; false where it is unknown."""

    def column(name: str) -> conditions.Column:
        return conditions.Column(pl.col(name), numeric=rows.schema[name].is_numeric())

    return conditions.expression(conditions.parse(condition), column).fill_null(value=False)


def _join(answer: Joined, join: Join, on: dict[str, str], path: Path) -> None:
    gap = _gap(answer.rows, join, on, path)
    if gap:
        answer.absent |= dict.fromkeys((*join.columns, join.found), gap)
        return
    other = pl.read_parquet(path)
    if join.where:
        other = other.filter(holds(join.where, other))
    source = f"{SOURCE} of {join.to}"
    taken = {new: old for new, old in join.columns.items() if old in other.columns}
    columns = [pl.col(old).alias(new) for new, old in taken.items()]
    if SOURCE in other.columns:
        columns.append(pl.col(SOURCE).alias(source))
        answer.source |= dict.fromkeys(taken, source)
    keys = [f"{_KEY}{number}" for number in range(len(on))]
    span = [pl.col(name) for name in _span(join.during)]
    found = other.select(
        *_keys(other, on.values(), answer.rows, on), *span, *columns, pl.lit("Y").alias(join.found)
    )
    rows = answer.rows.with_columns(_keys(answer.rows, on, other, on.values()))
    if join.during:
        found, rows = _during(found, rows, keys, join.during)
        keys = [_NUMBER]
    found = found.unique(subset=keys, keep="first", maintain_order=True)
    answer.rows = rows.join(found, on=keys, how="left", maintain_order="left").drop(keys)


_KEY, _NUMBER = "key ", "row number"


def _gap(rows: pl.DataFrame, join: Join, on: dict[str, str], path: Path) -> str:
    """What keeps the join from being made: the table, or the table with a column; else empty."""
    if not path.is_file():
        return join.to
    there = set(pl.read_parquet_schema(path))
    asked = conditions.names(conditions.parse(join.where)) if join.where else ()
    needed = [*on.values(), *_span(join.during), *asked]
    gone = [name for name in needed if name not in there]
    own = [name for name in (*on, *([join.during.date] if join.during else [])) if name not in rows]
    return f"{join.to} with {[*gone, *own][0]}" if gone or own else ""


def _span(during: During | None) -> tuple[str, ...]:
    return (during.start, during.end) if during else ()


def _keys(
    frame: pl.DataFrame, names: Iterable[str], other: pl.DataFrame, others: Iterable[str]
) -> list[pl.Expr]:
    """The key columns under one name in both tables, as text where one of them has numbers."""
    return [
        _as_text(pl.col(name), frame.schema[name], other.schema[same]).alias(f"{_KEY}{number}")
        for number, (name, same) in enumerate(zip(names, others, strict=True))
    ]


def _as_text(column: pl.Expr, kind: pl.DataType, other: pl.DataType) -> pl.Expr:
    if kind == other:
        return column
    return text_of(column) if kind.is_numeric() else column.cast(pl.String)


def _during(
    found: pl.DataFrame, rows: pl.DataFrame, keys: list[str], during: During
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The spans that may contain the row's date, by row number; the rows with their numbers."""
    numbered = rows.with_row_index(_NUMBER).drop(keys)
    dated = rows.with_row_index(_NUMBER).select(_NUMBER, *keys, pl.col(during.date).alias("date"))
    date, start, end = pl.col("date"), pl.col(during.start), pl.col(during.end)
    pairs = dated.join(found, on=keys, how="inner", maintain_order="left_right")
    spans = pairs.filter(on_or_before(start, date) & on_or_before(date, end))
    return spans.drop(*keys, "date", during.start, during.end), numbered


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
