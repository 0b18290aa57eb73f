"""What a store keeps for good: retention and legal hold where it can lock, read-only elsewhere."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from botocore.exceptions import ClientError

from sdtmflow.errors import StoreError
from sdtmflow.retention import Protection, Retention
from sdtmflow.store.local import LocalStore
from sdtmflow.store.protocol import Stored, read_object

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
WEEK = Retention(NOW + dt.timedelta(days=7), "compliance")
YEAR = Retention(NOW + dt.timedelta(days=365), "compliance")


@pytest.fixture
def published(s3_place):
    """Puts an object there, as a publisher does."""
    return s3_place.open().put_bytes


@pytest.fixture
def s3(s3_place):
    """A releaser's handle, the owner's client, and the bucket."""
    return s3_place.as_role("releaser").open(), s3_place.client(), s3_place.bucket


def full(stored: Stored) -> str:
    return f"some/prefix/{stored.key}"


def require_undeletable(client, bucket, stored: Stored) -> None:
    with pytest.raises(ClientError) as refused:
        client.delete_object(Bucket=bucket, Key=full(stored), VersionId=stored.version)
    assert refused.value.response["Error"]["Code"] in {"AccessDenied", "InvalidRequest"}


def test_a_protected_object_cannot_be_removed_not_even_by_the_owner(s3, published):
    store, client, bucket = s3
    assert store.can_lock()
    first, second = (published(f"a/{name}", b"x") for name in "pq")
    assert store.protection(first) == Protection()
    store.protect([first, second], WEEK)
    for stored in (first, second):
        assert store.protection(stored) == Protection(WEEK)
        require_undeletable(client, bucket, stored)


def test_a_retention_grows_and_never_shrinks(s3, published):
    store, *_ = s3
    stored = published("a/b", b"x")
    for wanted, kept in [(WEEK, WEEK), (YEAR, YEAR), (WEEK, YEAR)]:
        store.protect([stored], wanted)
        assert store.protection(stored).retention == kept
    store.protect([stored], dataclasses.replace(YEAR, mode="governance"))
    assert store.protection(stored).retention == YEAR


def test_a_hold_keeps_what_has_no_retention_until_it_is_lifted(s3, published):
    store, client, bucket = s3
    stored = published("a/b", b"x")
    store.hold([stored], held=True)
    assert store.protection(stored) == Protection(None, held=True)
    require_undeletable(client, bucket, stored)
    store.hold([stored], held=False)
    client.delete_object(Bucket=bucket, Key=full(stored), VersionId=stored.version)


def test_a_newer_object_over_a_protected_one_changes_nothing_for_who_knows_its_version(
    s3, published
):
    store, client, bucket = s3
    stored = published("a/b", b"as released")
    store.protect([stored], WEEK)
    client.put_object(Bucket=bucket, Key=full(stored), Body=b"forged")
    client.delete_object(Bucket=bucket, Key=full(stored))
    assert read_object(store, stored) == b"as released"


def test_a_bucket_without_object_lock_says_so(s3_place):
    place, enabled = s3_place.beside("unlocked"), {"Status": "Enabled"}
    place.client().create_bucket(Bucket=place.bucket)
    place.client().put_bucket_versioning(Bucket=place.bucket, VersioningConfiguration=enabled)
    releaser = place.as_role("releaser").open()
    assert not releaser.can_lock()
    with pytest.raises(StoreError):
        releaser.protect([place.open().put_bytes("a/b", b"x")], WEEK)


def test_what_has_no_version_is_not_locked(s3):
    store, *_ = s3
    with pytest.raises(StoreError, match="by its version id, and this one has none"):
        store.protect([Stored("a/b")], WEEK)


def test_a_folder_is_no_lock_and_gets_read_only(tmp_path):
    store = LocalStore(tmp_path)
    stored = [store.put_bytes(key, b"x") for key in ("bundles/v0001/m5/dm.xpt", "snapshots/ab/ab")]
    assert not store.can_lock()
    store.protect(stored, WEEK)
    store.hold(stored, held=True)
    assert store.protection(stored[0]) == Protection()
    modes = {name: (tmp_path / name).stat().st_mode & 0o222 for name in ("bundles", "snapshots/ab")}
    assert all(modes.values())  # they go on growing
    for name in ("bundles/v0001", "bundles/v0001/m5", "bundles/v0001/m5/dm.xpt", "snapshots/ab/ab"):
        assert (tmp_path / name).stat().st_mode & 0o222 == 0
