"""A register in an SQLite file, and one on a real PostgreSQL server, which starts once a session.

Nothing of the machine is used: the server runs as another user on a port of its own, in a folder
that is gone afterwards.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from sdtmflow.register import open_register

_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
REQUIRED = os.environ.get("SDTMFLOW_TEST_SERVERS") == "required"


def _programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    if _INSTALLED:
        return _INSTALLED[-1]
    if REQUIRED:
        pytest.fail("PostgreSQL is not installed (Debian: postgresql)")
    pytest.skip("PostgreSQL is not installed: nothing was tested on it")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _user() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    programs, user, port = _programs(), _user(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="sdtmflow-pg-"))
    if user:
        os.chown(folder, user["user"], user["group"])
    data = str(folder / "data")
    quiet = {"capture_output": True, "cwd": folder, **user}
    made = [programs / "initdb", "-D", data, "-A", "trust", "-U", "sdtmflow", "--no-sync"]
    subprocess.run([*made, "-E", "UTF8", "--locale=C"], check=True, **quiet)
    options = f"-k {folder} -h 127.0.0.1 -p {port} -c fsync=off"
    control = [programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], check=True, **quiet)
    try:
        yield URL.create("postgresql+psycopg", "sdtmflow", None, "127.0.0.1", port, "postgres")
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def _database(server: URL, template: str) -> URL:
    name = f"life_{os.urandom(4).hex()}"
    admin = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    return server.set(database=name)


@pytest.fixture(scope="session")
def migrated(server: URL) -> str:
    """The name of a database with the tables, which others are copied from."""
    made = _database(server, "template1")
    open_register(made, "S0")
    return str(made.database)


@pytest.fixture
def postgresql(server: URL, migrated: str) -> URL:
    """A database of the test's own."""
    return _database(server, migrated)


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the tables, which others are copied from."""
    made = tmp_path_factory.mktemp("register") / "findings.db"
    open_register(URL.create("sqlite", database=str(made)), "S0")
    return made


@pytest.fixture
def sqlite(file: Path, tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(shutil.copy(file, tmp_path)))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> URL:
    return request.getfixturevalue(request.param)
