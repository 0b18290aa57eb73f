"""Which database: what the environment says, else study.yaml, else a file in the study's folder."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from sdtmflow.errors import RegisterError
from sdtmflow.settings import FINDINGS_DATABASE, Settings
from sdtmflow.study import StudyFolder

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


def database_of(folder: StudyFolder) -> URL:
    """The address of the study's register.

    ``str()`` of it hides the password. Raises RegisterError where it is none that we can use.
    """
    given = Settings.read().findings_database.get_secret_value()
    place = FINDINGS_DATABASE if given else "study.yaml: findings.database"
    return address(given or folder.study.findings.database, folder.root, place)


def address(database: str, root: Path, place: str) -> URL:
    """``database`` as an address; a file counts from ``root``.

    Raises RegisterError, which names ``place`` and never the text: it may hold a password.
    """
    if "://" not in database:
        return URL.create("sqlite", database=str(root / Path(database).expanduser()))
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):
        raise _unknown(place) from None
    kind = url.drivername.partition("+")[0]
    if kind not in _DRIVERS:
        raise _unknown(place)
    return url.set(drivername=_DRIVERS[kind])


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None where it is a server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def shown(url: URL) -> str:
    """The address as people may see it."""
    file = file_of(url)
    if file:
        return str(file)
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def _unknown(place: str) -> RegisterError:
    return RegisterError(
        "this is no address of a database",
        place=place,
        remedy="name a file, or postgresql://user:password@host:5432/database",
    )
