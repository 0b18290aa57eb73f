"""The connection to a register's database, and what becomes of its errors.

SQLite keeps its rollback journal: one file that can be copied, also on network drives, where WAL
does not work. Who writes takes the write lock when they begin and waits for others up to a minute,
so nothing is read that somebody else is about to change; readers wait only while a commit is
written. On PostgreSQL who writes holds the study's row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from sdtmflow.errors import RegisterError
from sdtmflow.register.address import file_of, shown

_PATIENCE = 60
"""Seconds that a writer waits for another one."""
_WRITING = "sdtmflow_writing"


def engine_of(url: URL) -> Engine:
    """An engine that holds no connection open; its errors name no value that was written.

    Raises RegisterError where the driver is not installed.
    """
    file = file_of(url)
    # A second of silence is a server that is gone; SQLite waits for its lock.
    waits = {"timeout": _PATIENCE} if file else {"connect_timeout": 10}
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=waits)
    except ModuleNotFoundError as error:
        raise RegisterError(
            "the driver of PostgreSQL is not installed",
            place=shown(url),
            remedy="pip install 'sdtmflow[postgresql]'",
        ) from error
    if file:
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database. Raises RegisterError."""
    isolation = {} if file_of(engine.url) else {"isolation_level": "REPEATABLE READ"}
    with _transaction(engine, isolation) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is written as a whole, or not at all. Raises RegisterError."""
    with _transaction(engine, {_WRITING: True}) as connection:
        yield connection


@contextmanager
def _transaction(engine: Engine, options: dict[str, Any]) -> Iterator[Connection]:
    with (
        told(engine.url),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Inside, errors of the database become RegisterErrors, without any value or secret."""
    try:
        yield
    except OperationalError as error:
        raise _unreachable(url, error) from None
    except SQLAlchemyError as error:
        kind = type(error.orig if isinstance(error, DBAPIError) else error).__name__
        raise RegisterError(
            f"the database of findings refused ({kind}), and nothing was changed",
            place=shown(url),
            remedy="is this a database of sdtmflow, and are you allowed to write to it?",
        ) from None


def _unreachable(url: URL, error: DatabaseError) -> RegisterError:
    file = file_of(url)
    if file is None:
        return RegisterError(
            "the database of findings cannot be reached or does not let us in",
            place=shown(url),
            remedy="is the server up, and are user, password and database right? Then do the same "
            "again: what was done is not done again",
        )
    return RegisterError(
        f"the database of findings cannot be used ({str(error.orig).splitlines()[0]})",
        place=str(file),
        remedy=_remedy(file),
    )


def _remedy(file: Path) -> str:
    if not file.parent.is_dir():
        return "its folder is not there: make it, or correct 'findings' in study.yaml"
    return (
        "is the disk full or read-only, or does another program hold it? Then do the same again: "
        "what was done is not done again"
    )


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # Python's sqlite3 would begin where it sees fit


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
