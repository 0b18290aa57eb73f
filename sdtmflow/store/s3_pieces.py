"""What lies in the two buckets: versions, delete markers and uploads that were never finished."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sdtmflow.errors import StoreError
from sdtmflow.store.pieces import EXPORTS, PROBE, ForbiddenError, Piece, by_key, visible
from sdtmflow.store.s3_client import (
    Address,
    code_of,
    in_plain_words,
    is_forbidden,
    is_missing,
    listed,
    status_of,
)
from sdtmflow.store.snapshots import SNAPSHOTS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

_OUTSIDE_ATTEMPTS = (PROBE, EXPORTS, SNAPSHOTS, "claims/", "audit/")
"""Where uploads may lie that were never finished, beside ``bundles/``."""


class S3Pieces:
    """``Pieces`` of a store in S3."""

    def __init__(self, client: S3Client, address: Address) -> None:
        self.client = client
        self.address = address

    def now(self) -> dt.datetime:
        """The time that the server puts into its answers."""
        with _rights("s3:ListBucket", self.address.url):
            answer = self.client.head_bucket(Bucket=self.address.bucket)
        said = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
        try:
            return parsedate_to_datetime(said).astimezone(dt.UTC)
        except ValueError:
            raise StoreError(
                "the server does not tell its time, so no age can be known", place=self.address.url
            ) from None

    def under(self, prefix: str) -> Iterator[Piece]:
        """Versions and markers under ``prefix``, then uploads that were never finished."""
        yield from self._versions(self.address.bucket, prefix)
        yield from self._uploads(prefix)

    def attempts(self, study: str) -> dict[str, tuple[Piece, ...]]:
        """What lies under ``bundles/<study>/<attempt>/``."""
        prefix = f"bundles/{study}/"

        def attempt_of(piece: Piece) -> str:
            return piece.key.removeprefix(prefix).partition("/")[0]

        found = sorted(self.under(prefix), key=attempt_of)
        return {attempt: tuple(pieces) for attempt, pieces in groupby(found, attempt_of)}

    def leavings(self) -> dict[str, tuple[Piece, ...]]:
        """The probe's objects in both buckets, and unfinished uploads outside the bundles."""
        probes = (self._versions(self.address.bucket, PROBE), self._plain(PROBE))
        uploads = (self._uploads(prefix) for prefix in _OUTSIDE_ATTEMPTS)
        return by_key(piece for found in (*probes, *uploads) for piece in found)

    def studies(self) -> set[str]:
        """The names below ``claims/`` and ``bundles/``, in either bucket."""
        places = [(self.address.bucket, "bundles/"), (self.address.bucket, "claims/")]
        return {
            name
            for bucket, prefix in [*places, (self.address.claims, "claims/")]
            for name in self._folders(bucket, prefix)
        }

    def entry_keys(self, beginning: str) -> list[str]:
        """Keys in the claims' bucket."""
        return [piece.key for piece in self._plain(beginning)]

    def remove(self, piece: Piece) -> None:
        """Delete this very version, or abort the upload."""
        bucket, key = self._bucket(piece), self.address.prefix + piece.key
        right = _right_to_remove(piece)
        with _rights(right, self._place(piece)):
            try:
                if piece.upload:
                    self.client.abort_multipart_upload(
                        Bucket=bucket, Key=key, UploadId=piece.upload
                    )
                elif piece.version:
                    self.client.delete_object(Bucket=bucket, Key=key, VersionId=piece.version)
                else:
                    self.client.delete_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if not (is_missing(error) or code_of(error) == "NoSuchUpload"):
                    raise

    def hide(self, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        """Lay a delete marker over them, which is removed with them."""
        if not visible(pieces):
            return tuple(pieces)
        key, bucket = pieces[0].key, self.address.bucket
        with _rights("s3:DeleteObject", f"{self.address.url}/{key}"):
            answer = self.client.delete_object(Bucket=bucket, Key=self.address.prefix + key)
        marker = Piece(key, self.now(), version=answer["VersionId"], marker=True)
        return (*pieces, marker)

    def show(self, pieces: Sequence[Piece]) -> None:
        """Copy the newest bytes over the marker: their version is one that no sweep knows."""
        stored = [piece for piece in pieces if piece.is_file]
        newest = max(stored, key=lambda piece: piece.changed, default=None)
        if newest is None:
            return
        bucket, key = self.address.bucket, self.address.prefix + newest.key
        origin: CopySourceTypeDef = {"Bucket": bucket, "Key": key, "VersionId": newest.version}
        with _rights("s3:PutObject", self._place(newest)):
            try:
                self.client.copy(origin, bucket, key)
            except ClientError as error:
                if status_of(error) != HTTPStatus.NOT_FOUND:
                    raise

    def _versions(self, bucket: str, prefix: str) -> Iterator[Piece]:
        pages = self.client.get_paginator("list_object_versions")
        with _rights("s3:ListBucketVersions", f"s3://{bucket}"):
            for page in pages.paginate(Bucket=bucket, Prefix=self.address.prefix + prefix):
                for found in page.get("Versions", []):
                    yield Piece(
                        self._own(found["Key"]),
                        _utc(found["LastModified"]),
                        found["Size"],
                        found["VersionId"],
                        latest=found["IsLatest"],
                    )
                for marker in page.get("DeleteMarkers", []):
                    yield Piece(
                        self._own(marker["Key"]),
                        _utc(marker["LastModified"]),
                        version=marker["VersionId"],
                        marker=True,
                        latest=marker["IsLatest"],
                    )

    def _uploads(self, prefix: str) -> Iterator[Piece]:
        pages = self.client.get_paginator("list_multipart_uploads")
        bucket = self.address.bucket
        with _rights("s3:ListBucketMultipartUploads", f"s3://{bucket}"):
            for page in pages.paginate(Bucket=bucket, Prefix=self.address.prefix + prefix):
                for found in page.get("Uploads", []):
                    yield Piece(
                        self._own(found["Key"]),
                        _utc(found["Initiated"]),
                        upload=found["UploadId"],
                        latest=False,
                    )

    def _plain(self, prefix: str) -> Iterator[Piece]:
        """Objects in the claims' bucket, which has no versions."""
        bucket = self.address.claims
        with _rights("s3:ListBucket", f"s3://{bucket}"):
            for found in listed(self.client, bucket, self.address.prefix + prefix):
                yield Piece(
                    self._own(found["Key"]),
                    _utc(found["LastModified"]),
                    found["Size"],
                    among_claims=True,
                )

    def _folders(self, bucket: str, prefix: str) -> Iterator[str]:
        """The names that stand between ``prefix`` and the next ``/``."""
        whole = self.address.prefix + prefix
        pages = self.client.get_paginator("list_objects_v2")
        with _rights("s3:ListBucket", f"s3://{bucket}"):
            for page in pages.paginate(Bucket=bucket, Prefix=whole, Delimiter="/"):
                for found in page.get("CommonPrefixes", []):
                    yield found["Prefix"].removeprefix(whole).rstrip("/")

    def _bucket(self, piece: Piece) -> str:
        return self.address.claims if piece.among_claims else self.address.bucket

    def _own(self, key: str) -> str:
        return key.removeprefix(self.address.prefix)

    def _place(self, piece: Piece) -> str:
        return f"s3://{self._bucket(piece)}/{self.address.prefix}{piece.key}"


def _right_to_remove(piece: Piece) -> str:
    if piece.upload:
        return "s3:AbortMultipartUpload"
    return "s3:DeleteObjectVersion" if piece.version else "s3:DeleteObject"


@contextmanager
def _rights(right: str, place: str) -> Iterator[None]:
    """A refusal inside as a ForbiddenError that names the right; other errors in plain words."""
    with in_plain_words(place):
        try:
            yield
        except ClientError as error:
            if not is_forbidden(error):
                raise
            raise ForbiddenError(
                f"the store refuses {error.operation_name}",
                place=place,
                remedy=f"ask the store's owner for the right {right}, or name other credentials",
            ) from None


def _utc(time: dt.datetime) -> dt.datetime:
    return time.astimezone(dt.UTC)
