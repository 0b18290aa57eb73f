"""A register's tables brought to what this version of sdtmflow knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from sdtmflow.errors import RegisterError
from sdtmflow.register.address import shown
from sdtmflow.register.opening import reading, writing

NEWEST = "0002"
"""The newest revision in ``migrations/versions``; a test holds it so."""
_LOCK = 0x5D7F_F10D
"""Our own number among PostgreSQL's advisory locks: one migrates, the others wait."""
_MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(engine: Engine) -> None:
    """Make the tables, or change those of an older version; all of it or nothing.

    Raises RegisterError where a newer version of sdtmflow has made them.
    """
    with reading(engine) as connection:
        known = _revision(connection)
    if known == NEWEST:
        return
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _upgrade(connection, engine)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = _revision(connection)
    ours = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if known is not None and known not in ours:
        raise RegisterError(
            f"a newer version of sdtmflow has made this database (its tables are of {known}, "
            f"this version knows {NEWEST})",
            place=shown(engine.url),
            remedy="use that version or a newer one; nothing was changed",
        )
    command.upgrade(config, "head")
