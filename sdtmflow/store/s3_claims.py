"""Claims in an unversioned bucket, taken by conditional creates (DESIGN §9.2 and §9.3)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sdtmflow.errors import StoreError
from sdtmflow.store.protocol import Created, Exists, Slot, checked_key, version_number
from sdtmflow.store.s3_client import (
    NO_ANSWER,
    Address,
    in_plain_words,
    is_ill,
    is_missing,
    status_of,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WAITS = (0.2, 0.5, 1, 2, 4, 8)
"""Seconds before the same thing is asked for again."""


class S3Claims:
    """The claims of a store. ``pause`` waits some seconds between two tries."""

    def __init__(self, client: S3Client, address: Address, pause: Callable[[float], None]) -> None:
        self.client = client
        self.bucket = address.claims
        self.prefix = address.prefix
        self._threads = address.settings.threads
        self._pause = pause

    def take(self, slot: Slot, data: bytes) -> Created | Exists:
        """Create the claim, or tell whose it is.

        After 409, 5xx or no answer the same claim is asked for again with the same bytes: going on
        to the next number would publish twice if the first request still lands.
        """
        key = self._key(slot.study, slot.name)
        place = f"s3://{self.bucket}/{key}"
        for wait in WAITS:
            with in_plain_words(place):
                answer = self._try(key, data)
            if answer is not None:
                return answer
            self._pause(wait)
        raise StoreError(
            f"the claim on {slot.name} was neither granted nor refused",
            place=place,
            remedy="wait until the store is well, then run again: if the claim was granted after "
            "all, the run finds the version complete and publishes nothing new",
        )

    def of(self, study: str) -> dict[int, bytes]:
        """Version → its claim, ascending."""
        with in_plain_words(f"s3://{self.bucket}"):
            versions = sorted(self._versions(study))
            keys = [self._key(study, f"v{version:04d}") for version in versions]
            with ThreadPoolExecutor(self._threads) as pool:
                found = zip(versions, pool.map(self._read, keys), strict=True)
        return {version: data for version, data in found if data is not None}

    def _try(self, key: str, data: bytes) -> Created | Exists | None:
        """One request; None where the same claim must be asked for again.

        Granted or taken, what is there tells whose it is: after a lost answer botocore asks twice
        and is refused for our own claim.
        """
        try:
            self._create_if_absent(key, data)
            found = self._read(key)
        except NO_ANSWER:
            return None
        except ClientError as error:
            if is_ill(error) or status_of(error) == HTTPStatus.CONFLICT:
                return None
            raise
        if found is None:
            return None
        return Created() if found == data else Exists(found)

    def _create_if_absent(self, key: str, data: bytes) -> None:
        try:
            self.client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=data,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(hashlib.sha256(data).digest()).decode(),
            )
        except ClientError as error:
            if status_of(error) != HTTPStatus.PRECONDITION_FAILED:
                raise

    def _read(self, key: str) -> bytes | None:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def _versions(self, study: str) -> list[int]:
        prefix = self._key(study, "")
        pages = self.client.get_paginator("list_objects_v2")
        names = (
            found["Key"].removeprefix(prefix)
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix)
            for found in page.get("Contents", [])
        )
        return [version for name in names if (version := version_number(name)) is not None]

    def _key(self, study: str, name: str) -> str:
        return f"{self.prefix}claims/{checked_key(study)}/{name}"
