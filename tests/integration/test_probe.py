"""A store that cannot keep its promises is found out before anything is published."""

from __future__ import annotations

import dataclasses

import pytest
from botocore.exceptions import ReadTimeoutError

from sdtmflow.errors import StoreError
from sdtmflow.settings import S3Settings, Settings
from sdtmflow.store.protocol import Created, Slot, Stored, read_object
from sdtmflow.store.s3 import S3Store, open_s3
from sdtmflow.store.s3_client import Clients, parse_address


@pytest.fixture
def raw(s3_place):
    """A place whose buckets are not made yet."""
    return s3_place.beside("raw")


def make(place, *, locked: tuple[bool, bool]) -> None:
    """Its buckets, with Object Lock (and so versioned) or plain."""
    for name, lock in zip((place.bucket, f"{place.bucket}-claims"), locked, strict=True):
        place.client().create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)


def test_a_missing_bucket(raw):
    with pytest.raises(StoreError, match=rf"s3://{raw.bucket}: the bucket does not exist.*create"):
        raw.open().probe()


def test_a_missing_claims_bucket(raw):
    raw.client().create_bucket(Bucket=raw.bucket, ObjectLockEnabledForBucket=True)
    with pytest.raises(StoreError, match=rf"s3://{raw.bucket}-claims: the bucket does not exist"):
        raw.open().probe()


def test_an_unversioned_bucket(raw):
    make(raw, locked=(False, False))
    with pytest.raises(StoreError, match=r"not versioned.*enable versioning"):
        raw.open().probe()


def test_versioned_claims(raw):
    make(raw, locked=(True, True))
    with pytest.raises(StoreError, match="two publishers win"):
        raw.open().probe()


def test_a_bucket_without_lock_is_told_but_used(raw):
    make(raw, locked=(False, False))
    enabled = {"Status": "Enabled"}
    raw.client().put_bucket_versioning(Bucket=raw.bucket, VersioningConfiguration=enabled)
    (warning,) = raw.open().probe()
    assert "has no Object Lock" in warning


class Misbehaving:
    """boto3's client of a server that is not what it says."""

    def __init__(self, client, **changed) -> None:
        self.client = client
        self.changed = changed

    def __getattr__(self, name):
        return self.changed.get(name) or getattr(self.client, name)


def misbehaving(place, **changed) -> S3Store:
    client = Misbehaving(place.client(), **changed)
    return S3Store(Clients(client, client), parse_address(place.url, S3Settings()))


def test_a_server_that_ignores_conditions(s3_place):
    client = s3_place.client()

    def put_object(IfNoneMatch="", **request):  # noqa: N803 — boto3's
        return client.put_object(**request)

    with pytest.raises(StoreError, match=r"ignores .* conditional creates.*nothing was published"):
        misbehaving(s3_place, put_object=put_object).probe()


def test_a_server_that_lets_rivals_win(s3_place):
    client = s3_place.client()

    def put_object(IfNoneMatch="", Key="", **request):  # noqa: N803 — boto3's
        raced = {} if Key.endswith("-2") else {"IfNoneMatch": IfNoneMatch} if IfNoneMatch else {}
        return client.put_object(Key=Key, **raced, **request)

    with pytest.raises(StoreError, match="8 of 8 rivals created the same object"):
        misbehaving(s3_place, put_object=put_object).probe()


def test_a_lock_that_does_not_hold(s3_place):
    client = s3_place.client()

    def delete_object(VersionId="", **request):  # noqa: N803 — boto3's
        return {} if VersionId else client.delete_object(**request)

    with pytest.raises(StoreError, match="a locked object could be deleted"):
        misbehaving(s3_place, delete_object=delete_object).probe()


def test_a_publisher_without_the_right_to_delete(s3_place):
    client = s3_place.client()

    def delete_object(**request):
        error = client.exceptions.ClientError
        answer = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise error(answer, "DeleteObject")

    assert misbehaving(s3_place, delete_object=delete_object).probe() == ()


def test_damage_on_the_way_is_found_by_reading_back(s3_place):
    client = s3_place.client()

    def put_object(Body=b"", **request):  # noqa: N803 — boto3's
        plain = {k: v for k, v in request.items() if k in {"Bucket", "Key"}}
        return client.put_object(Body=Body[:-1], **plain)

    with pytest.raises(StoreError, match=r"read back .* damages data"):
        misbehaving(s3_place, put_object=put_object).put_bytes("a/b", b"bytes")


def test_a_read_that_breaks_off_is_taken_up(s3_place):
    client, asked = s3_place.client(), []

    class Broken:
        def __init__(self, body):
            self.body = body

        def iter_chunks(self, size):
            yield self.body.read(3)
            raise ReadTimeoutError(endpoint_url="http://x")

        def close(self):
            self.body.close()

    def get_object(**request):
        asked.append(request.get("Range"))
        answer = client.get_object(**request)
        return {"Body": Broken(answer["Body"])} if len(asked) == 1 else answer

    waits: list[float] = []
    address = parse_address(s3_place.url, S3Settings())
    breaking = Misbehaving(client, get_object=get_object)
    store = S3Store(Clients(breaking, breaking), address, waits.append)
    key = s3_place.open().put_bytes("a/b", b"abcdefgh").key
    assert read_object(store, Stored(key)) == b"abcdefgh"
    assert asked == [None, "bytes=3-"]
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("SDTMFLOW_S3_SECRET_ACCESS_KEY", "the secret key is wrong; check the credentials"),
        ("SDTMFLOW_S3_ACCESS_KEY_ID", "does not know the access key; check the credentials"),
    ],
)
def test_wrong_credentials(guarded_place, name, complaint):
    environ = {**guarded_place.environ, name: "AKIA" + "X" * 16}
    wrong = dataclasses.replace(guarded_place, environ=environ)
    with pytest.raises(StoreError, match=complaint) as caught:
        wrong.open().probe()
    assert "XXXX" not in str(caught.value)


def test_an_unreachable_store():
    settings = Settings(
        s3=S3Settings(
            endpoint="http://127.0.0.1:9",
            retries=1,
            connect_timeout=1,
            access_key_id="a",
            secret_access_key="b",
        )
    )
    with pytest.raises(StoreError, match="the store cannot be reached; check the endpoint"):
        open_s3("s3://trials", settings).probe()


def test_prefixes_keep_stores_of_one_bucket_apart(s3_place):
    stores = [
        dataclasses.replace(s3_place, url=f"s3://{s3_place.bucket}/{name}").open()
        for name in ("one", "two")
    ]
    for store in stores:
        store.put_bytes(store.attempt_prefix("S", "a") + "dm.xpt", b"x")
        assert store.take_claim(Slot("S", 1, "a"), b"claim") == Created()
        assert list(store.keys("bundles/")) == ["bundles/S/a/dm.xpt"]
