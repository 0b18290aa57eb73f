"""Object Lock: retention and legal hold of single versions of objects.

Both are set by version id: a lock does not stop a newer version on the same key, so a key alone
says nothing. What was set is read back, because some servers answer 200 and lock nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from sdtmflow.errors import StoreError
from sdtmflow.retention import Mode, Protection, Retention
from sdtmflow.store.protocol import Stored
from sdtmflow.store.s3_client import Address, in_plain_words, status_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NO_LOCK = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.NOT_IMPLEMENTED}
"""Answers of servers without a lock configured, or without the feature."""


def has_lock(client: S3Client, bucket: str) -> bool:
    """Whether the bucket says that it has Object Lock. Raises botocore's errors."""
    try:
        answer = client.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if status_of(error) in _NO_LOCK:
            return False
        raise
    return answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"


class S3Locks:
    """Locks on objects of one store."""

    def __init__(self, client: S3Client, address: Address) -> None:
        self.client = client
        self.address = address
        self.bucket = address.bucket
        self._threads = address.settings.threads

    def available(self) -> bool:
        """Whether the bucket has Object Lock."""
        with in_plain_words(f"s3://{self.bucket}"):
            return has_lock(self.client, self.bucket)

    def protect(self, objects: Sequence[Stored], retention: Retention) -> None:
        """Keep these versions at least so long; one that is kept longer already stays so."""
        self._each(objects, lambda stored: self._protect(stored, retention))

    def hold(self, objects: Sequence[Stored], *, held: bool) -> None:
        """Put these versions under legal hold, or free them of it."""
        self._each(objects, lambda stored: self._hold(stored, held=held))

    def of(self, stored: Stored) -> Protection:
        """What keeps this version."""
        with in_plain_words(self.address.place(stored.key)):
            head = self.client.head_object(
                Bucket=self.bucket, Key=self.address.full(stored.key), VersionId=stored.version
            )
        mode, until = head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate")
        held = head.get("ObjectLockLegalHoldStatus") == "ON"
        if not mode or until is None:
            return Protection(None, held)
        return Protection(Retention(until.astimezone(dt.UTC), cast("Mode", mode.lower())), held)

    def _protect(self, stored: Stored, wanted: Retention) -> None:
        kept = self.of(stored)
        if kept.covers(wanted):
            return
        retention = wanted.joined(kept.retention)
        with in_plain_words(self.address.place(stored.key)):
            self.client.put_object_retention(
                Bucket=self.bucket,
                Key=self.address.full(stored.key),
                VersionId=stored.version,
                Retention={
                    "Mode": "COMPLIANCE" if retention.mode == "compliance" else "GOVERNANCE",
                    "RetainUntilDate": retention.until,
                },
            )
        if not self.of(stored).covers(wanted):
            raise self._ignored(stored, "retention", "s3:GetObjectRetention")

    def _hold(self, stored: Stored, *, held: bool) -> None:
        if self.of(stored).held == held:
            return
        with in_plain_words(self.address.place(stored.key)):
            self.client.put_object_legal_hold(
                Bucket=self.bucket,
                Key=self.address.full(stored.key),
                VersionId=stored.version,
                LegalHold={"Status": "ON" if held else "OFF"},
            )
        if self.of(stored).held != held:
            raise self._ignored(stored, "legal hold", "s3:GetObjectLegalHold")

    def _each(self, objects: Sequence[Stored], act: Callable[[Stored], None]) -> None:
        for stored in objects:
            if not stored.version:
                raise StoreError(
                    "an object is locked by its version id, and this one has none",
                    place=self.address.place(stored.key),
                    remedy="enable versioning, and publish anew",
                )
        with ThreadPoolExecutor(self._threads) as pool:
            for _ in pool.map(act, objects):
                pass

    def _ignored(self, stored: Stored, what: str, right: str) -> StoreError:
        return StoreError(
            f"the {what} was set, but the store does not show it",
            place=self.address.place(stored.key),
            remedy=f"give yourself the right {right}; if you have it, the server has no real locks",
        )
