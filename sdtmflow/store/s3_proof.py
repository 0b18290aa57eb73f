"""May the server's own checksum stand for reading an upload back? Asked of the server itself.

Some servers store whatever SHA-256 they are told (measured: Ceph 16 and 18, moto); there every
upload is read back. One that refuses bytes with another's SHA-256 has looked at each byte that
arrived, and to read it back would only ask the same again, at the price of a download.
Decision 20 has what this proves, and what it does not.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sdtmflow.store.s3_client import status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, HeadObjectRequestTypeDef


@dataclass(frozen=True, slots=True)
class Word:
    """Whether the server checks, keeps and tells the SHA-256 of what it is sent."""

    objects: bool
    """Objects in one request."""
    parts: bool
    """Objects in parts: each part's, and the one over all parts' (``…-<number of parts>``)."""


READ_BACK = Word(objects=False, parts=False)
"""The server's word counts for nothing."""


def word_of(client: S3Client, bucket: str, prefix: str) -> Word:
    """What the server's word is worth. Leaves some objects of a few bytes under ``prefix``.

    ``client`` is the one that is going to send: what it sends is asked in the same way. The header
    with the sum is all that says the algorithm: some servers find the sum twice if they hear it
    twice.
    A server that fails here in any way is read back. Raises botocore's errors of the connection.
    """
    key = f"{prefix}{uuid.uuid4().hex}"
    return Word(_checks_objects(client, bucket, key), _checks_parts(client, bucket, f"{key}-parts"))


def told(client: S3Client, bucket: str, key: str, version: str) -> str:
    """The SHA-256 (Base64) that the server has of an object; empty where it has none."""
    request: HeadObjectRequestTypeDef = {"Bucket": bucket, "Key": key, "ChecksumMode": "ENABLED"}
    if version:
        request["VersionId"] = version
    return client.head_object(**request).get("ChecksumSHA256", "")


def checksum(data: bytes) -> str:
    """SHA-256 as S3 writes it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _checks_objects(client: S3Client, bucket: str, key: str) -> bool:
    data = key.encode()

    def put(sha256: str) -> str:
        answer = client.put_object(Bucket=bucket, Key=key, Body=data, ChecksumSHA256=sha256)
        return answer.get("VersionId", "")

    try:
        if not _refused(lambda: put(checksum(b"other bytes"))):
            return False
        version = put(checksum(data))
        return told(client, bucket, key, version) == checksum(data)
    except ClientError:
        return False


def _checks_parts(client: S3Client, bucket: str, key: str) -> bool:
    data = key.encode()
    try:
        begun = client.create_multipart_upload(Bucket=bucket, Key=key, ChecksumAlgorithm="SHA256")
    except ClientError:
        return False

    def send(sha256: str) -> str:
        answer = client.upload_part(
            Bucket=bucket,
            Key=key,
            UploadId=begun["UploadId"],
            PartNumber=1,
            Body=data,
            ChecksumSHA256=sha256,
        )
        return answer["ETag"]

    try:
        if _refused(lambda: send(checksum(b"other bytes"))):
            part: CompletedPartTypeDef = {
                "PartNumber": 1,
                "ETag": send(checksum(data)),
                "ChecksumSHA256": checksum(data),
            }
            done = client.complete_multipart_upload(
                Bucket=bucket,
                Key=key,
                UploadId=begun["UploadId"],
                MultipartUpload={"Parts": [part]},
            )
            whole = f"{checksum(hashlib.sha256(data).digest())}-1"
            return told(client, bucket, key, done.get("VersionId", "")) == whole
    except ClientError:
        pass
    with suppress(ClientError):
        client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=begun["UploadId"])
    return False


def _refused(send: Callable[[], str]) -> bool:
    """Whether the server says that the bytes are not those (400), and nothing else is wrong."""
    try:
        send()
    except ClientError as error:
        if status_of(error) == HTTPStatus.BAD_REQUEST:
            return True
        raise
    return False
