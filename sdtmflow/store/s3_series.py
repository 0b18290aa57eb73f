"""Series in an unversioned bucket, appended by conditional creates (docs/explanation/versions.md).

Claims are one such series for each study, the audit log is another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sdtmflow.errors import StoreError
from sdtmflow.store.protocol import Created, Exists, checked_key, entry_key, entry_number
from sdtmflow.store.s3_client import (
    NO_ANSWER,
    Address,
    in_plain_words,
    is_ill,
    is_missing,
    listed,
    status_of,
)
from sdtmflow.store.s3_proof import checksum

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WAITS = (0.2, 0.5, 1, 2, 4, 8)
"""Seconds before the same thing is asked for again."""


class S3Series:
    """The series of a store. ``pause`` waits some seconds between two tries."""

    def __init__(self, client: S3Client, address: Address, pause: Callable[[float], None]) -> None:
        self.client = client
        self.bucket = address.claims
        self.prefix = address.prefix
        self._threads = address.settings.threads
        self._pause = pause

    def append(self, series: str, number: int, data: bytes) -> Created | Exists:
        """Create the entry, or tell what is there.

        After 409, 5xx or no answer the same entry is asked for again with the same bytes: going on
        to the next number would write twice if the first request still lands.
        """
        key = self._key(series, number)
        place = f"s3://{self.bucket}/{key}"
        for wait in WAITS:
            with in_plain_words(place):
                answer = self._try(key, data)
            if answer is not None:
                return answer
            self._pause(wait)
        raise StoreError(
            "the entry was neither granted nor refused",
            place=place,
            remedy="wait until the store is well, then run again: what was granted after all is "
            "found then, and no version is published twice",
        )

    def entries(self, series: str, after: int = 0) -> dict[int, bytes]:
        """Number → entry, ascending, for the numbers above ``after``."""
        with in_plain_words(f"s3://{self.bucket}"):
            return self._read_all(series, [n for n in self._numbers(series) if n > after])

    def last_entry(self, series: str) -> tuple[int, bytes] | None:
        """The entry with the highest number; None for an empty series."""
        with in_plain_words(f"s3://{self.bucket}"):
            newest = max(self._numbers(series), default=0)
            found = self._read_all(series, [newest] if newest else [])
        return next(iter(found.items()), None)

    def _try(self, key: str, data: bytes) -> Created | Exists | None:
        """One request; None where the same entry must be asked for again.

        Granted or taken, what is there tells whose it is: after a lost answer botocore asks twice
        and is refused for our own entry.
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
                ChecksumSHA256=checksum(data),
            )
        except ClientError as error:
            if status_of(error) != HTTPStatus.PRECONDITION_FAILED:
                raise

    def _read_all(self, series: str, numbers: Iterable[int]) -> dict[int, bytes]:
        numbers = sorted(numbers)
        keys = [self._key(series, number) for number in numbers]
        with ThreadPoolExecutor(self._threads) as pool:
            found = zip(numbers, pool.map(self._read, keys), strict=True)
            return {number: data for number, data in found if data is not None}

    def _read(self, key: str) -> bytes | None:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def _numbers(self, series: str) -> list[int]:
        prefix = self.prefix + series
        keys = (found["Key"] for found in listed(self.client, self.bucket, prefix))
        return [number for key in keys if (number := entry_number(prefix, key)) is not None]

    def _key(self, series: str, number: int) -> str:
        return self.prefix + checked_key(entry_key(series, number))
