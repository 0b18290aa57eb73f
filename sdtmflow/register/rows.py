"""Rows of the register's tables, as frames and back: many at a time, never one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, Integer, Select, Table, bindparam, insert, select, text, update

from sdtmflow.register.tables import AUDIT, FINDING, RUN, STUDY, TREND
from sdtmflow.register.trail import Head
from sdtmflow.standing import HISTORY_SCHEMA, STANDING_SCHEMA, TREND_SCHEMA, Standing


def hold(connection: Connection, study: str) -> Head:
    """Hold the study's row until the transaction ends; its newest audit entry.

    Nobody else writes anything of the study meanwhile.
    """
    connection.execute(
        text(
            "INSERT INTO study (study, entries, digest) VALUES (:study, 0, '') "
            "ON CONFLICT DO NOTHING"
        ),
        {"study": study},
    )
    return head_of(connection, study, for_update=True)


def head_of(connection: Connection, study: str, *, for_update: bool = False) -> Head:
    """The study's newest audit entry."""
    asked = select(STUDY.c.entries, STUDY.c.digest).where(STUDY.c.study == study)
    row = connection.execute(asked.with_for_update() if for_update else asked).first()
    return Head(*row) if row else Head()


def move_head(connection: Connection, study: str, head: Head) -> None:
    """Note the newest audit entry."""
    connection.execute(
        update(STUDY).where(STUDY.c.study == study).values(entries=head.entries, digest=head.digest)
    )


def lives(connection: Connection, study: str) -> pl.DataFrame:
    """Every finding of the study, all columns of ``tables.FINDING`` but the study."""
    columns = [column for column in FINDING.columns if column.name != "study"]
    schema = {
        column.name: pl.Int64() if isinstance(column.type, Integer) else pl.String()
        for column in columns
    }
    asked = select(*columns).where(FINDING.c.study == study).order_by(FINDING.c.fingerprint)
    return _frame(connection, asked, schema)


def add_lives(connection: Connection, study: str, fresh: pl.DataFrame) -> None:
    """Insert findings that the study did not know."""
    put(connection, FINDING, ({"study": study, **row} for row in fresh.iter_rows(named=True)))


def rewrite_lives(connection: Connection, study: str, changed: pl.DataFrame) -> None:
    """Write known findings anew."""
    values = [name for name in changed.columns if name != "fingerprint"]
    statement = (
        update(FINDING)
        .where(FINDING.c.study == bindparam("of"), FINDING.c.fingerprint == bindparam("who"))
        .values({name: bindparam(f"to_{name}") for name in values})
    )
    named = changed.rename({name: f"to_{name}" for name in values} | {"fingerprint": "who"})
    rows = [{"of": study, **row} for row in named.iter_rows(named=True)]
    if rows:
        connection.execute(statement, rows)


def put(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows."""
    given = [dict(row) for row in rows]
    if given:
        connection.execute(insert(table), given)


def standing(connection: Connection, study: str, found: pl.DataFrame) -> Standing:
    """What stands where the lives are ``found``, as a bundle can hold it.

    What runs did is of their data cut-off and has no name: the same runs give the same bytes
    wherever and whenever they are made. What people did has its time and their name.
    """
    runs = runs_of(connection, study)
    changes = _acted(_changes(connection, study), runs, "run", time="time", who="who")
    return Standing(
        standing_of(found, runs), changes.select(list(HISTORY_SCHEMA)), trend(connection, study)
    )


def standing_of(found: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Lives with the columns of ``STANDING_SCHEMA``; ``runs`` are number, id and cut-off."""
    for when in ("first", "last"):
        named = runs.select(
            pl.col("number").alias(f"{when}_run"),
            pl.col("id").alias(f"{when}_id"),
            pl.col("cutoff").alias(f"{when}_seen"),
        )
        found = found.join(named, on=f"{when}_run", how="left", maintain_order="left")
    named = found.with_columns(first_run=pl.col("first_id"), last_run=pl.col("last_id"))
    return _acted(named, runs, "since_run", time="since", who="by").select(list(STANDING_SCHEMA))


def _acted(
    frame: pl.DataFrame, runs: pl.DataFrame, number: str, *, time: str, who: str
) -> pl.DataFrame:
    """Where the column ``number`` names a run: its cut-off as the time, its id as the name."""
    named = runs.select(
        pl.col("number").alias(number),
        pl.col("cutoff").alias("_cutoff"),
        pl.format("run {}", "id").alias("_id"),
    )
    return frame.join(named, on=number, how="left", maintain_order="left").with_columns(
        pl.coalesce("_cutoff", time).alias(time), pl.coalesce("_id", who).alias(who)
    )


def history(
    connection: Connection, study: str, fingerprints: Sequence[str] | None = None
) -> pl.DataFrame:
    """The columns of ``HISTORY_SCHEMA``, oldest first, with true times and names."""
    return _changes(connection, study, fingerprints).select(list(HISTORY_SCHEMA))


def _changes(
    connection: Connection, study: str, fingerprints: Sequence[str] | None = None
) -> pl.DataFrame:
    of = AUDIT.c
    columns = (of.fingerprint, of.time, of.who, of.action, of.status_before, of.status_after)
    asked = select(*columns, of.text, of.run).where(of.study == study).order_by(of.number)
    if fingerprints is not None:
        asked = asked.where(of.fingerprint.in_(fingerprints))
    return _frame(connection, asked, {**HISTORY_SCHEMA, "run": pl.Int64()})


def rules(connection: Connection, study: str) -> frozenset[str]:
    """The rules of suites that any run of the study has applied."""
    asked = select(RUN.c.rules).where(RUN.c.study == study).distinct()
    return frozenset(
        rule for row in connection.execute(asked).scalars() for rule in json.loads(row)
    )


def trend(connection: Connection, study: str) -> pl.DataFrame:
    """The columns of ``TREND_SCHEMA``, oldest run first."""
    asked = (
        select(
            *(TREND.c.number, RUN.c.id, RUN.c.cutoff, TREND.c.site, TREND.c.severity),
            *(TREND.c.open, TREND.c.new, TREND.c.resolved, TREND.c.waived),
        )
        .join(RUN, (RUN.c.study == TREND.c.study) & (RUN.c.number == TREND.c.number))
        .where(TREND.c.study == study)
        .order_by(TREND.c.number)
    )
    return _frame(connection, asked, TREND_SCHEMA).sort("number", "site", "severity")


def last_run(connection: Connection, study: str) -> tuple[int, str]:
    """Number and id of the study's last run; 0 and "" before the first."""
    asked = select(RUN.c.number, RUN.c.id).where(RUN.c.study == study)
    row = connection.execute(asked.order_by(RUN.c.number.desc()).limit(1)).first()
    return (row[0], row[1]) if row else (0, "")


def runs_of(connection: Connection, study: str) -> pl.DataFrame:
    """Number, id and data cut-off of the study's runs."""
    asked = select(RUN.c.number, RUN.c.id, RUN.c.cutoff).where(RUN.c.study == study)
    schema = {"number": pl.Int64(), "id": pl.String(), "cutoff": pl.String()}
    return _frame(connection, asked, schema)


def _frame(
    connection: Connection, asked: Select[Any], schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    rows = [tuple(row) for row in connection.execute(asked)]
    return pl.DataFrame(rows, schema=dict(schema), orient="row")
