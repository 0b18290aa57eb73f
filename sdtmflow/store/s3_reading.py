"""Objects out of S3."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody

from sdtmflow.store.protocol import CHUNK, MissingObjectError, Stored
from sdtmflow.store.s3_client import (
    NO_ANSWER,
    Address,
    explained,
    in_plain_words,
    is_missing,
    listed,
    status_of,
)
from sdtmflow.store.s3_series import WAITS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef, HeadObjectOutputTypeDef


class S3Reader:
    """Reads the objects of a store. ``pause`` waits some seconds between two tries."""

    def __init__(self, client: S3Client, address: Address, pause: Callable[[float], None]) -> None:
        self.client = client
        self.address = address
        self._pause = pause

    def chunks(self, stored: Stored, start: int = 0) -> Iterator[bytes]:
        """The bytes from ``start`` on; a download that breaks off is taken up where it broke."""
        position = start
        for wait in (*WAITS, None):
            try:
                with closing(self._open(stored, position)) as body:
                    for chunk in body.iter_chunks(CHUNK):
                        position += len(chunk)
                        yield chunk
            except NO_ANSWER as error:
                if wait is None:
                    raise explained(error, self.address.place(stored.key)) from error
                self._pause(wait)
            except BotoCoreError as error:
                raise explained(error, self.address.place(stored.key)) from error
            else:
                return

    def current(self, key: str) -> Stored | None:
        """The key's newest version; None where there is none, or a delete marker."""
        head = self._head(key)
        return Stored(key, head.get("VersionId", "")) if head else None

    def stored_at(self, key: str) -> dt.datetime | None:
        """When the key's newest version was stored."""
        head = self._head(key)
        return head["LastModified"].astimezone(dt.UTC) if head else None

    def _head(self, key: str) -> HeadObjectOutputTypeDef | None:
        with in_plain_words(self.address.place(key)):
            try:
                return self.client.head_object(
                    Bucket=self.address.bucket, Key=self.address.full(key)
                )
            except ClientError as error:
                if status_of(error) == HTTPStatus.NOT_FOUND:
                    return None
                raise

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys under ``prefix`` in the order of their UTF-8 bytes."""
        ours = self.address.prefix
        with in_plain_words(self.address.url):
            for found in listed(self.client, self.address.bucket, ours + prefix):
                yield found["Key"].removeprefix(ours)

    def _open(self, stored: Stored, start: int) -> StreamingBody:
        request: GetObjectRequestTypeDef = {
            "Bucket": self.address.bucket,
            "Key": self.address.full(stored.key),
        }
        if stored.version:
            request["VersionId"] = stored.version
        if start:
            request["Range"] = f"bytes={start}-"
        try:
            answer = self.client.get_object(**request)
        except ClientError as error:
            if status_of(error) == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return StreamingBody(io.BytesIO(), 0)  # the object ends exactly here
            if not is_missing(error):
                raise explained(error, self.address.place(stored.key)) from error
            raise MissingObjectError(
                "the store has no such object", place=self.address.place(stored.key)
            ) from None
        if start and "ContentRange" not in answer:
            _skip(answer["Body"], start)
        return answer["Body"]


def _skip(body: StreamingBody, count: int) -> None:
    """Drop the first bytes: some servers ignore a range where a version id is given."""
    while count > 0 and (dropped := body.read(min(count, CHUNK))):
        count -= len(dropped)
