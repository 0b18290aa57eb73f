"""S3 servers that tests start, and their users with the rights of a role.

A role's rights are those of infra/policies/<role>.json, the very file that is given out, with the
names of the test's buckets.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

from tests.integration.ceph import PACKAGES, Ceph, free_port, missing_programs, running_ceph

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "infra" / "policies"
_BESIDE = ROOT / ".venv-ministack" / "bin"
MINISTACK = _BESIDE / "ministack"
RCLONE = _BESIDE / "rclone"


class MissingServerError(Exception):
    """This machine has no such server; the message says how to get it."""


@dataclass(frozen=True)
class Keys:
    """What somebody is known by."""

    key: str
    secret: str


OWNER = Keys("owner", "the owner's secret")
"""May do everything."""
_EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}],
    }
)
"""On Ceph an object belongs to who wrote it; the bucket's owner may not even read it."""


@dataclass(frozen=True)
class Server:
    """A running S3 server. ``add_user`` makes a user without rights; None: anybody may anything."""

    endpoint: str
    add_user: Callable[[str], Keys] | None = None
    _users: dict[str, Keys] = field(default_factory=dict)

    def client(self, service: str = "s3", keys: Keys = OWNER):
        """A plain boto3 client, the owner's where no other keys are given."""
        return client_at(self.endpoint, service, keys)

    def environ(self, keys: Keys) -> Mapping[str, str]:
        """The settings of somebody with these keys."""
        return {
            "SDTMFLOW_S3_ENDPOINT": self.endpoint,
            "SDTMFLOW_S3_ACCESS_KEY_ID": keys.key,
            "SDTMFLOW_S3_SECRET_ACCESS_KEY": keys.secret,
        }

    def allow(self, role: str, bucket: str, prefix: str) -> Keys:
        """The keys of the user of that role, whose rights now reach to these buckets, too."""
        if self.add_user is None:
            return OWNER
        if role not in self._users:
            self._users[role] = self.add_user(role)
        self.client("iam").put_user_policy(
            UserName=role, PolicyName=bucket, PolicyDocument=policy(role, bucket, prefix)
        )
        return self._users[role]


def policy(role: str, bucket: str = "trials", prefix: str = "") -> str:
    """infra/policies/<role>.json for a store at ``s3://bucket/prefix`` (which ends in ``/``)."""
    text = (POLICIES / f"{role}.json").read_text(encoding="utf-8")
    for folder in ("attempts", "audit", "probe"):
        text = text.replace(f"/{folder}/*", f"/{prefix}{folder}/*")
    return text.replace(":::trials", f":::{bucket}")


def client_at(endpoint: str, service: str, keys: Keys):
    """boto3's client that asks once."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys.key,
        aws_secret_access_key=keys.secret,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


@contextmanager
def running_moto() -> Iterator[Server]:
    """A mock: it asks nobody who he is, and its conditions are exclusive by luck only."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield Server("http://{}:{}".format(*server.get_host_and_port()))
    server.stop()


@contextmanager
def running_ministack(folder: Path) -> Iterator[Server]:
    """An emulator of AWS that checks signatures and policies. Raises MissingServerError."""
    if not MINISTACK.is_file():
        raise MissingServerError("MiniStack is not installed: run `make s3-server`")
    port = free_port()
    environ = {
        **os.environ,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "SERVICES": "s3,iam,sts",
        "AWS_ACCESS_KEY_ID": OWNER.key,
        "AWS_SECRET_ACCESS_KEY": OWNER.secret,
    }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([MINISTACK], env=environ, stdout=output, stderr=output)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait_for(endpoint, process, log)
        yield Server(endpoint, lambda name: _add_iam_user(endpoint, name))
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def running_ceph_server(folder: Path) -> Iterator[Server]:
    """A real store of objects, the oldest that is supported. Raises MissingServerError."""
    if missing := missing_programs():
        raise MissingServerError(
            f"Ceph is not installed ({', '.join(missing)}): on Debian, as root, run "
            f"`apt-get install --no-install-recommends {PACKAGES}`"
        )
    with running_ceph(folder) as ceph:
        ceph.add_user(OWNER.key, OWNER.key, OWNER.secret, "--caps", "user-policy=*")
        server = Server(ceph.endpoint, lambda name: _add_ceph_user(ceph, name))
        server.client("iam").put_user_policy(
            UserName=OWNER.key, PolicyName="everything", PolicyDocument=_EVERYTHING
        )
        yield server


@contextmanager
def running_rclone(folder: Path) -> Iterator[Server]:
    """A gateway to files that ignores conditions; a bucket is a folder in ``folder / "buckets"``.

    Raises MissingServerError.
    """
    if not RCLONE.is_file():
        raise MissingServerError("rclone is not installed: run `make s3-server`")
    port, log = free_port(), folder / "log"
    (folder / "buckets").mkdir()
    command = [RCLONE, "serve", "s3", str(folder / "buckets"), "--addr", f"127.0.0.1:{port}"]
    environ = {**os.environ, "RCLONE_CONFIG": "/dev/null"}
    keys = ["--auth-key", f"{OWNER.key},{OWNER.secret}"]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *keys], env=environ, stdout=output, stderr=output)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait_for(endpoint, process, log)
        yield Server(endpoint)
    finally:
        process.terminate()
        process.wait(10)


def _add_iam_user(endpoint: str, name: str) -> Keys:
    iam = client_at(endpoint, "iam", OWNER)
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


def _add_ceph_user(ceph: Ceph, name: str) -> Keys:
    keys = Keys(f"key of {name}".replace(" ", "-"), f"secret of {name}")
    ceph.add_user(name, keys.key, keys.secret)
    return keys


def _wait_for(endpoint: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(150):
        if process.poll() is not None:
            break
        try:
            client_at(endpoint, "s3", OWNER).list_buckets()
        except (BotoCoreError, ClientError):
            time.sleep(0.2)
        else:
            return
    process.kill()
    raise RuntimeError(f"{process.args[0]} did not start:\n{log.read_text()[-2000:]}")
