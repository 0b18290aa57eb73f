"""Stores of every kind, behind one fixture: a folder, moto, and MiniStack with authentication."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

from sdtmflow.settings import Settings
from sdtmflow.store import Store, open_store

ROOT = Path(__file__).parents[2]
MINISTACK = ROOT / ".venv-ministack" / "bin" / "ministack"
OWNER = {"aws_access_key_id": "owner", "aws_secret_access_key": "the owner's secret"}
PUBLISHER_MAY = [
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketVersioning",
    "s3:ListBucket",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:PutObjectRetention",
    "s3:AbortMultipartUpload",
]
"""Enough to publish and read; not to delete, nor to change a bucket."""
RELEASER_MAY = [
    *PUBLISHER_MAY,
    "s3:GetObjectRetention",
    "s3:GetObjectLegalHold",
    "s3:PutObjectLegalHold",
]
"""Enough to lock what was published, too."""
SWEEPER_MAY = [
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectRetention",
    "s3:GetObjectLegalHold",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:AbortMultipartUpload",
]
"""Enough to sweep orphans."""
_numbers = itertools.count()


@dataclass(frozen=True)
class Server:
    """An S3 server, and the settings of those who publish, release and sweep there."""

    endpoint: str
    environ: Mapping[str, str]
    releaser: Mapping[str, str]
    sweeper: Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """A store that is empty; ``open`` gives a new handle on it, as another process would have.

    ``client`` is the owner's, who may do everything.
    """

    kind: str
    url: str
    environ: Mapping[str, str] = field(default_factory=dict)
    releaser: Mapping[str, str] = field(default_factory=dict)
    sweeper: Mapping[str, str] = field(default_factory=dict)

    def for_sweeper(self) -> Place:
        """The same store, for somebody who may sweep orphans."""
        return replace(self, environ=self.sweeper)

    def for_releaser(self) -> Place:
        """The same store, for somebody who may release."""
        return replace(self, environ=self.releaser)

    def open(self) -> Store:
        return open_store(self.url, Path("/"), Settings.read(self.environ))

    def client(self):
        return _client(self.environ["SDTMFLOW_S3_ENDPOINT"])

    @property
    def bucket(self) -> str:
        return self.url.removeprefix("s3://").partition("/")[0]


@pytest.fixture(scope="session")
def moto() -> Iterator[Server]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    environ = _environ(endpoint, "anybody", "anything")
    yield Server(endpoint, environ, environ, environ)
    server.stop()


@pytest.fixture(scope="session")
def ministack(tmp_path_factory) -> Iterator[Server]:
    if not MINISTACK.is_file():
        reason = "MiniStack is not installed: run `make s3-server` to test against a second server"
        if os.environ.get("SDTMFLOW_TEST_SERVERS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    port = _free_port()
    environ = {
        **os.environ,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "SERVICES": "s3,iam,sts",
        **{name.upper(): value for name, value in OWNER.items()},
    }
    log = tmp_path_factory.mktemp("ministack") / "log"
    with log.open("wb") as output:
        server = subprocess.Popen([MINISTACK], env=environ, stdout=output, stderr=output)
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait_for(endpoint, server, log)
        users = {"publisher": PUBLISHER_MAY, "releaser": RELEASER_MAY, "sweeper": SWEEPER_MAY}
        keys = [_user(endpoint, name, may) for name, may in users.items()]
        yield Server(endpoint, *(_environ(endpoint, *key) for key in keys))
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(params=["local", "moto", "ministack"])
def place(request, tmp_path) -> Place:
    return make_place(request, request.param, tmp_path)


@pytest.fixture(params=["local", "ministack"])
def exclusive_place(request, tmp_path) -> Place:
    """Stores whose claims are exclusive under load; moto's are check-then-act without a lock."""
    return make_place(request, request.param, tmp_path)


@pytest.fixture(params=["moto", "ministack"])
def s3_place(request, tmp_path) -> Place:
    return make_place(request, request.param, tmp_path)


@pytest.fixture
def guarded_place(request, tmp_path) -> Place:
    """A store that checks who asks."""
    return make_place(request, "ministack", tmp_path)


@pytest.fixture
def store(place) -> Store:
    return place.open()


def make_place(request, kind: str, tmp_path: Path) -> Place:
    if kind == "local":
        return Place(kind, str(tmp_path / "a store"))
    server: Server = request.getfixturevalue(kind)
    bucket = f"trial-{next(_numbers)}"
    client = _client(server.endpoint)
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    client.create_bucket(Bucket=f"{bucket}-claims")
    return Place(
        kind, f"s3://{bucket}/some/prefix", server.environ, server.releaser, server.sweeper
    )


def _environ(endpoint: str, key: str, secret: str) -> dict[str, str]:
    return {
        "SDTMFLOW_S3_ENDPOINT": endpoint,
        "SDTMFLOW_S3_ACCESS_KEY_ID": key,
        "SDTMFLOW_S3_SECRET_ACCESS_KEY": secret,
    }


def _user(endpoint: str, name: str, may: list[str]) -> tuple[str, str]:
    """Key and secret of a user with these rights and nothing else."""
    iam = _client(endpoint, "iam")
    iam.create_user(UserName=name)
    allow = {"Effect": "Allow", "Action": may, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


def _client(endpoint: str, service: str = "s3"):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        **OWNER,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(endpoint: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(150):
        if server.poll() is not None:
            break
        try:
            _client(endpoint).list_buckets()
        except (BotoCoreError, ClientError):
            time.sleep(0.2)
        else:
            return
    server.kill()
    pytest.fail(f"MiniStack did not start:\n{log.read_text()[-2000:]}")
