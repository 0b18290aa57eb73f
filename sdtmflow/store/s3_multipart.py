"""Upload of a large file in parallel parts, each with its SHA-256 in a header.

boto3's own transfer sends checksums as trailers, which older servers refuse over TLS, and does not
tell the version id that it made.
"""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sdtmflow.errors import StoreError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART = 16 << 20
"""Bytes of a part; what is no larger goes in one request."""
_MOST_PARTS = 10_000
"""S3's limit."""


@dataclass(frozen=True, slots=True)
class _Upload:
    client: S3Client
    bucket: str
    key: str
    id: str
    path: Path
    part: int
    """Bytes of each part but the last."""

    def send(self, index: int) -> CompletedPartTypeDef:
        """Upload part ``index`` (from 0)."""
        data = self._read(index)
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        answer = self.client.upload_part(
            Bucket=self.bucket,
            Key=self.key,
            UploadId=self.id,
            PartNumber=index + 1,
            Body=data,
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256=checksum,
        )
        return {"PartNumber": index + 1, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    def complete(self, parts: list[CompletedPartTypeDef]) -> str:
        """The version id of the whole."""
        done = self.client.complete_multipart_upload(
            Bucket=self.bucket, Key=self.key, UploadId=self.id, MultipartUpload={"Parts": parts}
        )
        return done.get("VersionId", "")

    def abort(self) -> None:
        """Take back what was sent."""
        self.client.abort_multipart_upload(Bucket=self.bucket, Key=self.key, UploadId=self.id)

    def _read(self, index: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(index * self.part)
            data = file.read(self.part)
        if not data:
            raise StoreError("the file was cut off while it was uploaded", place=self.path.name)
        return data


def upload_parts(client: S3Client, target: tuple[str, str], path: Path, threads: int) -> str:
    """Upload ``path`` to ``target`` (bucket, key) and return the version id; all or nothing.

    Memory: ``threads`` parts. Raises botocore's errors, and StoreError where the file shrank.
    """
    size = path.stat().st_size
    part = max(PART, -(-size // _MOST_PARTS))
    bucket, key = target
    begun = client.create_multipart_upload(Bucket=bucket, Key=key, ChecksumAlgorithm="SHA256")
    upload = _Upload(client, bucket, key, begun["UploadId"], path, part)
    try:
        with ThreadPoolExecutor(threads) as pool:
            return upload.complete(list(pool.map(upload.send, range(-(-size // part)))))
    except BaseException:
        with suppress(BotoCoreError, ClientError):  # the first error is the one to tell
            upload.abort()
        raise
