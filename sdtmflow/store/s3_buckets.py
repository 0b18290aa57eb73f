"""The two buckets of a store, made with the settings that publishing needs."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sdtmflow.store.s3_client import Address, in_plain_words, status_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CreateBucketRequestTypeDef


def make_buckets(client: S3Client, address: Address) -> tuple[str, ...]:
    """Create those of the two buckets that are not there, and name them.

    The first gets Object Lock and is thereby versioned; the second gets neither. A bucket that is
    there is left as it is: `probe` says whether it will do. Raises StoreError.
    """
    wanted = {address.bucket: True, address.claims: False}
    missing = [bucket for bucket in wanted if not _exists(client, bucket)]
    for bucket in missing:
        with in_plain_words(f"s3://{bucket}"):
            client.create_bucket(**_request(client, address, bucket, locked=wanted[bucket]))
    return tuple(f"s3://{bucket}" for bucket in missing)


def _exists(client: S3Client, bucket: str) -> bool:
    with in_plain_words(f"s3://{bucket}"):
        try:
            client.head_bucket(Bucket=bucket)
        except ClientError as error:
            if status_of(error) == HTTPStatus.NOT_FOUND:
                return False
            raise
    return True


def _request(
    client: S3Client, address: Address, bucket: str, *, locked: bool
) -> CreateBucketRequestTypeDef:
    request: CreateBucketRequestTypeDef = {"Bucket": bucket}
    if locked:
        request["ObjectLockEnabledForBucket"] = True
    region = client.meta.region_name
    if not address.settings.endpoint and region != "us-east-1":  # AWS wants it said, and only so
        request["CreateBucketConfiguration"] = {"LocationConstraint": region}  # type: ignore[typeddict-item]
    return request
