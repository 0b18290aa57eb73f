"""A bit that flips anywhere in a published bundle, where it lies in the store, is named."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from sdtmflow.bundle import bundles, verify
from sdtmflow.bundle.verifier import HIDDEN, VERIFIER
from sdtmflow.errors import SdtmflowError

STEP = {VERIFIER: 211}
"""Every so many bytes of a long file; of the others every one."""


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def named(ground) -> str:
    """What ``verify`` says, whether as faults or, of a damaged claim, as an error."""
    try:
        return "\n".join(str(fault) for fault in verify(ground.store, ground.study).faults)
    except SdtmflowError as error:
        return str(error)


@pytest.mark.parametrize("exclusive_place", ["local"], indirect=True)
def test_every_byte_of_every_file_of_a_folder(grounds):
    ground = next(grounds)
    ground.require_published("the first")
    root = Path(ground.url)
    found = [*root.glob("bundles/**/*"), *root.glob("claims/**/*")]
    for path in sorted(path for path in found if path.is_file()):
        path.chmod(0o644)
        data = path.read_bytes()
        for position in range(0, len(data), STEP.get(path.name, 1)):
            path.write_bytes(flipped(data, position))
            assert expected_name(root, path) in named(ground), (path, position)
        path.write_bytes(data)
    assert named(ground) == ""


def expected_name(root: Path, path: Path) -> str:
    """A bundle's file by its path in it; of claim and mirror it is the version that is told."""
    inside = path.relative_to(root).parts
    return "/".join(inside[2:]) if inside[0] == "bundles" else "v0001"


def test_every_byte_of_a_claim(s3_grounds):
    ground = next(s3_grounds)
    ground.require_published("the first")
    client = ground.place.client()
    where = {
        "Bucket": f"{ground.place.bucket}-claims",
        "Key": f"some/prefix/claims/{ground.study}/v0001",
    }
    data = client.get_object(**where)["Body"].read()
    for position in range(len(data)):
        client.put_object(**where, Body=flipped(data, position))
        assert "v0001" in named(ground), position
    client.put_object(**where, Body=data)
    assert named(ground) == ""


def test_bytes_of_every_object(s3_grounds):
    """Under each key a newer version, which is what can be done to a bucket with Object Lock.

    A dozen bytes of each: a folder's are tested one by one.
    """
    ground = next(s3_grounds)
    ground.require_published("the first")
    claim = bundles(ground.store, ground.study)[0]
    prefix = f"bundles/{ground.study}/{claim.attempt}/"
    keys = [*ground.store.keys(prefix), f"claims/{ground.study}/v0001.json"]
    assert len(keys) == 5
    client = ground.place.client()
    for key in keys:
        where = {"Bucket": ground.place.bucket, "Key": f"some/prefix/{key}"}
        data = client.get_object(**where)["Body"].read()
        for position in range(0, len(data), max(1, len(data) // 12)):
            with newer(client, where, flipped(data, position)):
                told = named(ground)
            if key.startswith("bundles/"):
                assert told == f"{key.removeprefix(prefix)}: {HIDDEN}", position
            else:
                assert told == "v0001/claim.json: differs from its mirror", position
    assert named(ground) == ""


@contextmanager
def newer(client, where, body: bytes):
    """Meanwhile this version lies over the object."""
    version = client.put_object(**where, Body=body)["VersionId"]
    yield
    client.delete_object(**where, VersionId=version)


def test_a_request_that_arrived_twice_is_no_fault(s3_grounds):
    ground = next(s3_grounds)
    ground.require_published("the first")
    client = ground.place.client()
    prefix = f"some/prefix/bundles/{ground.study}/"
    found = client.list_objects_v2(Bucket=ground.place.bucket, Prefix=prefix)["Contents"]
    for key in (each["Key"] for each in found):
        body = client.get_object(Bucket=ground.place.bucket, Key=key)["Body"].read()
        client.put_object(Bucket=ground.place.bucket, Key=key, Body=body)
    assert named(ground) == ""
