"""Does this server keep the promises that publishing rests on? Asked before every publication.

Some servers ignore ``If-None-Match``, some let several rivals win in a versioned bucket
(measured: Ceph up to 20.2, rclone, Swift). Where an answer is wrong, publishing is refused.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sdtmflow.errors import StoreError
from sdtmflow.store.pieces import PROBE
from sdtmflow.store.protocol import Promise
from sdtmflow.store.s3_client import Address, in_plain_words, is_forbidden, is_ill, status_of
from sdtmflow.store.s3_locks import has_lock
from sdtmflow.store.s3_proof import checksum

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ROUNDS, _RIVALS = 5, 8
_LOCKED = b"lock"
_LOCKED_FOR = dt.timedelta(hours=1)


def promises(client: S3Client, address: Address) -> tuple[Promise, ...]:
    """What the two buckets must keep, in the order in which it is asked.

    Asking leaves some objects of a few bytes under ``probe/`` where the publisher may not delete.
    """
    bucket, claims = address.bucket, address.claims
    key, lock = address.full(PROBE + uuid.uuid4().hex), address.full(f"{PROBE}lock")

    def promise(name: str, place: str, prove: Callable[[], str | None]) -> Promise:
        def asked() -> str:
            with in_plain_words(f"s3://{place}"):
                return prove() or ""

        return Promise(name, asked)

    return (
        promise("files: every version is kept", bucket, lambda: _require_versioned(client, bucket)),
        promise(
            "claims: the bucket is not versioned",
            claims,
            lambda: _require_unversioned(client, claims),
        ),
        promise(
            "claims: none is created twice",
            claims,
            lambda: _require_exclusive(client, claims, key),
        ),
        promise(
            "claims: of rivals exactly one wins",
            claims,
            lambda: _require_race_free(client, claims, key),
        ),
        promise(
            "files: what is locked cannot be deleted",
            bucket,
            lambda: _locking(client, bucket, lock),
        ),
    )


def _locking(client: S3Client, bucket: str, key: str) -> str:
    """Empty, or a warning that there is no lock. Raises where the lock does not hold."""
    if not has_lock(client, bucket):
        return f"bucket {bucket} has no Object Lock: whoever may delete there can remove a bundle"
    _require_locking(client, bucket, key)
    return ""


def _require_versioned(client: S3Client, bucket: str) -> None:
    if _versioning(client, bucket) != "Enabled":
        raise _unsafe(
            bucket,
            "the bucket is not versioned, so published files could be replaced",
            "enable versioning (best: create the bucket with Object Lock), or use a server that "
            "has it",
        )


def _require_unversioned(client: S3Client, bucket: str) -> None:
    if _versioning(client, bucket):
        raise _unsafe(
            bucket,
            "the claims' bucket is versioned, where some servers let two publishers win",
            "name a bucket that was never versioned, with ?claims=NAME",
        )


def _versioning(client: S3Client, bucket: str) -> str:
    """``Enabled``, ``Suspended``, or empty where it never was."""
    try:
        return client.get_bucket_versioning(Bucket=bucket).get("Status", "")
    except ClientError as error:
        if status_of(error) != HTTPStatus.NOT_FOUND:
            raise
        raise _unsafe(
            bucket,
            "the bucket does not exist",
            "create the bundles' bucket with versioning and Object Lock, and the claims' bucket "
            "(<bucket>-claims, or ?claims=NAME) without: `sdtmflow store make` does both",
        ) from None


def _require_exclusive(client: S3Client, bucket: str, key: str) -> None:
    first = _create(client, bucket, f"{key}-0", b"first")
    second = _create(client, bucket, f"{key}-0", b"second")
    kept = client.get_object(Bucket=bucket, Key=f"{key}-0")["Body"].read()
    _forget(client, bucket, f"{key}-0")
    if (first, second, kept) != (True, False, b"first"):
        raise _unsafe(
            bucket,
            "the server ignores or does not know conditional creates (If-None-Match)",
            _OTHER_SERVER,
        )


def _require_race_free(client: S3Client, bucket: str, key: str) -> None:
    with ThreadPoolExecutor(_RIVALS) as pool:
        for round_number in range(1, _ROUNDS + 1):
            name = f"{key}-{round_number}"
            rivals = [
                pool.submit(_create, client, bucket, name, str(rival).encode())
                for rival in range(_RIVALS)
            ]
            winners = sum(rival.result() for rival in rivals)
            _forget(client, bucket, name)
            if winners != 1:
                raise _unsafe(
                    bucket,
                    f"{winners} of {_RIVALS} rivals created the same object",
                    _OTHER_SERVER,
                )


_OTHER_SERVER = (
    "use a server with atomic conditional creates (AWS, MinIO on one pool, Ceph), or a local folder"
)


def _create(client: S3Client, bucket: str, key: str, data: bytes) -> bool:
    """True: created; False: refused because it is there, or because of a rival (409)."""
    try:
        client.put_object(Bucket=bucket, Key=key, Body=data, IfNoneMatch="*")
    except ClientError as error:
        if status_of(error) in {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}:
            return False
        raise
    return True


def _forget(client: S3Client, bucket: str, key: str) -> None:
    """Delete a probe's object where that is allowed; a publisher need not have the right."""
    try:
        client.delete_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if not is_forbidden(error):
            raise


def _require_locking(client: S3Client, bucket: str, key: str) -> None:
    """Lock one object of a few bytes for an hour; deleting it must fail."""
    until = dt.datetime.now(dt.UTC) + _LOCKED_FOR
    version = client.put_object(
        Bucket=bucket,
        Key=key,
        Body=_LOCKED,
        # Given, not only named: else it is sent as a trailer over TLS, which Ceph 16 cannot read.
        ChecksumAlgorithm="SHA256",
        ChecksumSHA256=checksum(_LOCKED),
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=until,
    )["VersionId"]
    try:
        client.delete_object(Bucket=bucket, Key=key, VersionId=version)
    except ClientError as error:
        if is_ill(error):
            raise
        return
    raise _unsafe(
        bucket,
        "the bucket claims to have Object Lock, but a locked object could be deleted",
        _OTHER_SERVER,
    )


def _unsafe(bucket: str, message: str, remedy: str) -> StoreError:
    return StoreError(f"{message}; nothing was published", place=f"s3://{bucket}", remedy=remedy)
