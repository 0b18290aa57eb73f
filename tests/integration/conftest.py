"""Stores of every kind, behind one fixture: a folder, moto, MiniStack and Ceph.

MiniStack and Ceph check who asks: tests act there as a publisher with the rights of
infra/policies/publisher.json, or in another role of that folder.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sdtmflow.settings import Settings
from sdtmflow.store import Store, open_store
from tests.integration.servers import (
    MissingServerError,
    Server,
    running_ceph_server,
    running_ministack,
    running_moto,
    running_rclone,
)

PREFIX = "some/prefix/"
_numbers = itertools.count()


@dataclass(frozen=True)
class Place:
    """A store that is empty; ``open`` gives a new handle on it, as another process would have.

    ``client`` is the owner's, who may do everything.
    """

    kind: str
    url: str
    environ: Mapping[str, str] = field(default_factory=dict)
    server: Server | None = None

    def open(self) -> Store:
        return open_store(self.url, Path("/"), Settings.read(self.environ))

    def client(self):
        assert self.server
        return self.server.client()

    @property
    def bucket(self) -> str:
        return self.url.removeprefix("s3://").partition("/")[0]

    def as_role(self, role: str) -> Place:
        """The same store, for somebody else."""
        if self.server is None:
            return self
        keys = self.server.allow(role, self.bucket, PREFIX)
        return replace(self, environ=self.server.environ(keys))

    def beside(self, name: str) -> Place:
        """A place in buckets of another name, which are not made yet."""
        return replace(self, url=f"s3://{self.bucket}-{name}/{PREFIX[:-1]}").as_role("publisher")


@pytest.fixture(scope="session")
def moto() -> Iterator[Server]:
    with running_moto() as server:
        yield server


@pytest.fixture(scope="session")
def ministack(tmp_path_factory) -> Iterator[Server]:
    with _started(running_ministack, tmp_path_factory.mktemp("ministack")) as server:
        yield server


@pytest.fixture(scope="session")
def ceph(tmp_path_factory) -> Iterator[Server]:
    with _started(running_ceph_server, tmp_path_factory.mktemp("ceph")) as server:
        yield server


@pytest.fixture(scope="session")
def rclone(tmp_path_factory) -> Iterator[Server]:
    with _started(running_rclone, tmp_path_factory.mktemp("rclone")) as server:
        yield server


@contextmanager
def _started(
    start: Callable[[Path], AbstractContextManager[Server]], folder: Path
) -> Iterator[Server]:
    """A server that may be absent, but not where CI says that all are required."""
    try:
        with start(folder) as server:
            yield server
    except MissingServerError as error:
        if os.environ.get("SDTMFLOW_TEST_SERVERS") == "required":
            pytest.fail(str(error))
        pytest.skip(f"NOT TESTED ON THIS SERVER: {error}")


@pytest.fixture(params=["local", "moto", "ministack", "ceph"])
def place(request, tmp_path) -> Place:
    return make_place(request, request.param, tmp_path)


@pytest.fixture(params=["local", "ministack", "ceph"])
def exclusive_place(request, tmp_path) -> Place:
    """Stores whose claims are exclusive under load; moto's are check-then-act without a lock."""
    return make_place(request, request.param, tmp_path)


@pytest.fixture(params=["moto", "ministack", "ceph"])
def s3_place(request, tmp_path) -> Place:
    return make_place(request, request.param, tmp_path)


@pytest.fixture(params=["ministack", "ceph"])
def guarded_place(request, tmp_path) -> Place:
    """A store that checks who asks."""
    return make_place(request, request.param, tmp_path)


@pytest.fixture
def store(place) -> Store:
    return place.open()


def make_place(request, kind: str, tmp_path: Path) -> Place:
    if kind == "local":
        return Place(kind, str(tmp_path / "a store"))
    server: Server = request.getfixturevalue(kind)
    bucket = f"trial-{next(_numbers)}"
    client = server.client()
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    client.create_bucket(Bucket=f"{bucket}-claims")
    place = Place(kind, f"s3://{bucket}/{PREFIX[:-1]}", server=server)
    return place.as_role("publisher")
