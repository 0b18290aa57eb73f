"""The store in S3: objects in a versioned Object Lock bucket, series in an unversioned one.

Conditional creates are exclusive on every good server only in an unversioned bucket, Object Lock
needs a versioned one: hence two. Lock does not stop a newer version on the same key, so everything
is read back by the version id that the write returned.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, IncompleteReadError
from botocore.response import StreamingBody

from sdtmflow.retention import Protection, Retention
from sdtmflow.settings import Settings
from sdtmflow.store.link import Link
from sdtmflow.store.protocol import (
    CHUNK,
    Created,
    Exists,
    MissingObjectError,
    Slot,
    Stored,
    checked_key,
    claims_series,
    require_sha256,
    sha256_of,
)
from sdtmflow.store.s3_client import (
    NO_ANSWER,
    Address,
    connect,
    explained,
    in_plain_words,
    is_missing,
    parse_address,
    status_of,
)
from sdtmflow.store.s3_links import make_link
from sdtmflow.store.s3_locks import S3Locks
from sdtmflow.store.s3_multipart import PART, upload_parts
from sdtmflow.store.s3_pieces import S3Pieces
from sdtmflow.store.s3_probe import probe_buckets
from sdtmflow.store.s3_series import WAITS, S3Series

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        CopySourceTypeDef,
        GetObjectRequestTypeDef,
        HeadObjectRequestTypeDef,
    )

_COPY_LIMIT = 5 << 30
"""CopyObject takes no more; larger objects are copied in parts, by boto3."""


def open_s3(url: str, settings: Settings) -> S3Store:
    """The store at ``s3://bucket/prefix?…``; nothing is sent yet. Raises StoreError."""
    address = parse_address(url, settings.s3)
    return S3Store(connect(address.settings, address.url), address)


class S3Store:
    """A ``Store`` in two buckets. ``pause`` waits some seconds between two tries."""

    def __init__(
        self, client: S3Client, address: Address, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.client = client
        self.address = address
        self.bucket = address.bucket
        self.url = address.url
        self._series = S3Series(client, address, pause)
        self._locks = S3Locks(client, address)
        self._pause = pause
        self._warnings: tuple[str, ...] | None = None

    def put_file(self, key: str, path: Path, sha256: str) -> Stored:
        """Upload a file, in parallel parts where it is large, and read it back."""
        if path.stat().st_size <= PART:
            return self._put(key, path.read_bytes(), sha256)
        with in_plain_words(self._place(key)):
            target = (self.bucket, self._full(key))
            version = upload_parts(self.client, target, path, self.address.settings.threads)
        return self._checked(Stored(key, version), sha256)

    def put_bytes(self, key: str, data: bytes) -> Stored:
        """Upload some bytes and read them back."""
        return self._put(key, data, sha256_of([data]))

    def copy(self, source: Stored, key: str, sha256: str) -> Stored:
        """Copy within the server and read the copy back."""
        origin: CopySourceTypeDef = {"Bucket": self.bucket, "Key": self._full(source.key)}
        if source.version:
            origin["VersionId"] = source.version
        with in_plain_words(self._place(key)):
            version = self._copy(origin, self._full(key))
        return self._checked(Stored(key, version), sha256)

    def chunks(self, stored: Stored, start: int = 0) -> Iterator[bytes]:
        """The bytes from ``start`` on; a download that breaks off is taken up where it broke."""
        position = start
        for wait in (*WAITS, None):
            try:
                with closing(self._open(stored, position)) as body:
                    for chunk in body.iter_chunks(CHUNK):
                        position += len(chunk)
                        yield chunk
            except (*NO_ANSWER, IncompleteReadError) as error:
                if wait is None:
                    raise explained(error, self._place(stored.key)) from error
                self._pause(wait)
            else:
                return

    def current(self, key: str) -> Stored | None:
        """The key's newest version; None where there is none, or a delete marker."""
        with in_plain_words(self._place(key)):
            try:
                head = self.client.head_object(Bucket=self.bucket, Key=self._full(key))
            except ClientError as error:
                if status_of(error) == HTTPStatus.NOT_FOUND:
                    return None
                raise
        return Stored(key, head.get("VersionId", ""))

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys under ``prefix`` in the order of their UTF-8 bytes."""
        pages = self.client.get_paginator("list_objects_v2")
        with in_plain_words(self.url):
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.address.prefix + prefix):
                for found in page.get("Contents", []):
                    yield found["Key"].removeprefix(self.address.prefix)

    def local_path(self, key: str) -> Path | None:  # noqa: ARG002 — the protocol's
        """None: the objects are elsewhere."""
        return None

    def attempt_prefix(self, study: str, attempt: str) -> str:
        """``bundles/<study>/<attempt>/``."""
        return f"bundles/{study}/{attempt}/"

    def bundle_prefix(self, slot: Slot) -> str:
        """The attempt's own prefix: the claim points to it."""
        return self.attempt_prefix(slot.study, slot.attempt)

    def take_claim(self, slot: Slot, data: bytes) -> Created | Exists:
        """Create the claim object with ``If-None-Match: *``."""
        return self.append(claims_series(slot.study), slot.version, data)

    def claims(self, study: str) -> dict[int, bytes]:
        """Version → its claim, ascending."""
        return self.entries(claims_series(study))

    def append(self, series: str, number: int, data: bytes) -> Created | Exists:
        """Create the entry's object with ``If-None-Match: *``."""
        return self._series.append(series, number, data)

    def entries(self, series: str, after: int = 0) -> dict[int, bytes]:
        """Number → entry, ascending, for the numbers above ``after``."""
        return self._series.entries(series, after)

    def last_entry(self, series: str) -> tuple[int, bytes] | None:
        """The entry with the highest number; None for an empty series."""
        return self._series.last_entry(series)

    def can_lock(self) -> bool:
        """Whether the bucket has Object Lock."""
        return self._locks.available()

    def protect(self, objects: Sequence[Stored], retention: Retention) -> None:
        """Set the retention of these versions, and read it back."""
        self._locks.protect(objects, retention)

    def hold(self, objects: Sequence[Stored], *, held: bool) -> None:
        """Set or remove the legal hold of these versions, and read it back."""
        self._locks.hold(objects, held=held)

    def protection(self, stored: Stored) -> Protection:
        """What the server says that it keeps this version by."""
        return self._locks.of(stored)

    def pieces(self) -> S3Pieces:
        """Versions, delete markers and unfinished uploads of both buckets."""
        return S3Pieces(self.client, self.address)

    def link(self, stored: Stored, name: str, lasts: dt.timedelta) -> Link:
        """A presigned link, pinned by version id."""
        return make_link(self.client, self.address, stored, name, int(lasts.total_seconds()))

    def abandon(self, study: str, attempt: str) -> None:
        """Nothing: a publisher has no right to delete; the orphans lie under the attempt's id."""

    def probe(self) -> tuple[str, ...]:
        """Prove, once for this object, that the buckets keep the promises of DESIGN §9."""
        if self._warnings is None:
            with in_plain_words(self.url):
                self._warnings = probe_buckets(self.client, self.address)
        return self._warnings

    def _put(self, key: str, data: bytes, sha256: str) -> Stored:
        with in_plain_words(self._place(key)):
            answer = self.client.put_object(
                Bucket=self.bucket,
                Key=self._full(key),
                Body=data,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                ContentMD5=_content_md5(data),
            )
        return self._checked(Stored(key, answer.get("VersionId", "")), sha256)

    def _copy(self, origin: CopySourceTypeDef, key: str) -> str:
        """The version id of the copy."""
        request: HeadObjectRequestTypeDef = {"Bucket": origin["Bucket"], "Key": origin["Key"]}
        if "VersionId" in origin:
            request["VersionId"] = origin["VersionId"]
        if self.client.head_object(**request)["ContentLength"] <= _COPY_LIMIT:
            copied = self.client.copy_object(
                Bucket=self.bucket, Key=key, CopySource=origin, ChecksumAlgorithm="SHA256"
            )
            return copied.get("VersionId", "")
        self.client.copy(origin, self.bucket, key)
        return self.client.head_object(Bucket=self.bucket, Key=key).get("VersionId", "")

    def _checked(self, stored: Stored, sha256: str) -> Stored:
        require_sha256(sha256_of(self.chunks(stored)), sha256, self._place(stored.key))
        return stored

    def _open(self, stored: Stored, start: int) -> StreamingBody:
        request: GetObjectRequestTypeDef = {"Bucket": self.bucket, "Key": self._full(stored.key)}
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
                raise explained(error, self._place(stored.key)) from error
            raise MissingObjectError(
                "the store has no such object", place=self._place(stored.key)
            ) from None
        if start and "ContentRange" not in answer:
            _skip(answer["Body"], start)
        return answer["Body"]

    def _full(self, key: str) -> str:
        return self.address.prefix + checked_key(key)

    def _place(self, key: str) -> str:
        return f"{self.url}/{key}"


def _skip(body: StreamingBody, count: int) -> None:
    """Drop the first bytes: some servers ignore a range where a version id is given."""
    while count > 0 and (dropped := body.read(min(count, CHUNK))):
        count -= len(dropped)


def _content_md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
