"""What a run brought that people may have to be told at once, and whether they were."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, case, func, select, update

from sdtmflow.register.tables import FINDING, RUN
from sdtmflow.standing import Status

NEWS_SCHEMA: dict[str, pl.DataType] = {
    "severity": pl.String(),
    "site": pl.String(),  # empty: of no single site
    "rule": pl.String(),
    "findings": pl.Int64(),
    "reopened": pl.Int64(),  # how many of them
}
"""One row a severity, site and rule: counts of what a run saw first or reopened."""
WHOLE = "all"
"""What people were told of, where the run was not limited."""
_CLOSED = [status.value for status in Status if not status.is_open]


def number_of(connection: Connection, study: str, run: str) -> int:
    """The place of the run with this id among the study's runs: its last one; 0: none."""
    asked = select(func.max(RUN.c.number)).where(RUN.c.study == study, RUN.c.id == run)
    return connection.execute(asked).scalar() or 0


def news_of(connection: Connection, study: str, number: int) -> pl.DataFrame:
    """What the run saw first or reopened and is still open: the columns of ``NEWS_SCHEMA``."""
    of = FINDING.c
    reopened = (of.status == Status.REOPENED.value) & (of.since_run == number)
    asked = (
        select(
            *(of.severity, of.site, of.rule),
            func.count().label("findings"),
            func.sum(case((reopened, 1), else_=0)).label("reopened"),
        )
        .where(of.study == study, (of.first_run == number) | reopened, of.status.not_in(_CLOSED))
        .group_by(of.severity, of.site, of.rule)
    )
    rows = [tuple(row) for row in connection.execute(asked)]
    frame = pl.DataFrame(rows, schema=NEWS_SCHEMA, orient="row")
    return frame.sort("severity", "site", "rule")


def was_told(connection: Connection, study: str, number: int, limits: str) -> bool:
    """Whether people were told of the run; of a limited one, with these limits or without any.

    A run limited to a domain has the id of the whole run: what is told of it is not all.
    """
    asked = select(RUN.c.told).where(RUN.c.study == study, RUN.c.number == number)
    return connection.execute(asked).scalar() in {WHOLE, limits or WHOLE}


def note_told(connection: Connection, study: str, number: int, limits: str) -> None:
    """Note that people were told of the run."""
    of_run = (RUN.c.study == study) & (RUN.c.number == number)
    connection.execute(update(RUN).where(of_run).values(told=limits or WHOLE))
