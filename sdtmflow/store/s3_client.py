"""From an ``s3://`` address and the settings to a boto3 client, and its errors in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import boto3
from botocore import exceptions as boto
from botocore.config import Config
from botocore.parsers import ResponseParserError
from pydantic import SecretStr

from sdtmflow.errors import StoreError
from sdtmflow.settings import S3Settings, Settings
from sdtmflow.store.protocol import checked_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

OPTIONS = {
    "endpoint": "endpoint",
    "region": "region",
    "profile": "profile",
    "path_style": "path_style",
    "claims": "claims_bucket",
}
"""Options of the address (``s3://bucket/prefix?endpoint=…``) and the settings they override."""

NO_ANSWER = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    ResponseParserError,
)
"""The request may or may not have been done."""
_UNREADABLE = (ResponseParserError, ValueError)
"""What botocore makes of an answer damaged on its way: no XML, no time, no number."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is; ``prefix`` is empty or ends in ``/``."""

    bucket: str
    claims: str
    prefix: str
    settings: S3Settings

    @property
    def url(self) -> str:
        """For messages: never holds a secret."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def full(self, key: str) -> str:
        """The key in the bucket. Raises StoreError where ``key`` would leave the store."""
        return self.prefix + checked_key(key)

    def place(self, key: str) -> str:
        """An object, for messages."""
        return f"{self.url}/{key}"


def parse_address(url: str, settings: S3Settings) -> Address:
    """``s3://bucket/prefix?option=value``; options win over settings. Raises StoreError."""
    parts = urlsplit(url)
    if not parts.netloc or "@" in parts.netloc:
        raise StoreError(f"'{parts.path}' names no bucket", remedy="write s3://bucket/prefix")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(options.keys() - OPTIONS.keys())
    if unknown:
        raise StoreError(
            f"unknown option '{unknown[0]}' in the store's address",
            place=f"s3://{parts.netloc}",
            remedy=f"known options: {', '.join(OPTIONS)}",
        )
    given = {f"SDTMFLOW_S3_{OPTIONS[name].upper()}": value for name, value in options.items()}
    changed = Settings.read(given).s3.model_dump(exclude_unset=True)
    settings = settings.model_copy(update=changed)
    prefix = parts.path.strip("/")
    return Address(
        bucket=parts.netloc,
        claims=settings.claims_bucket or f"{parts.netloc}-claims",
        prefix=f"{prefix}/" if prefix else "",
        settings=settings,
    )


@dataclass(frozen=True, slots=True)
class Clients:
    """boto3's clients of one server: ``usual`` for what there is to ask, ``sender`` for files.

    The sender's signature covers a body by nothing but the SHA-256 in its header, which spares
    hashing it again. That is as good where the server refuses a body of another SHA-256: only there
    is it used.
    """

    usual: S3Client
    sender: S3Client


def connect(settings: S3Settings, place: str) -> Clients:
    """Clients; nothing is sent yet. Raises StoreError for a profile that does not exist.

    Checksums are ours: SHA-256 goes with every write and every read is hashed, so botocore's own
    (trailing) ones, which older servers refuse over TLS, are off.
    """
    with in_plain_words(place):
        session = boto3.Session(profile_name=settings.profile or None)
        return Clients(
            usual=_client(session, settings, signs_bodies=True),
            sender=_client(session, settings, signs_bodies=False),
        )


def _client(session: boto3.Session, settings: S3Settings, *, signs_bodies: bool) -> S3Client:
    path_style = settings.path_style if settings.path_style is not None else bool(settings.endpoint)
    config = Config(
        signature_version="s3v4",  # links, too: older signatures know no end and no region
        retries={"mode": "standard", "total_max_attempts": settings.retries},
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        max_pool_connections=4 * settings.threads,
        s3={
            "addressing_style": "path" if path_style else "auto",
            "payload_signing_enabled": signs_bodies,
        },
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return session.client(
        "s3",
        endpoint_url=settings.endpoint or None,
        region_name=settings.region or session.region_name or "us-east-1",
        aws_access_key_id=settings.access_key_id or None,
        aws_secret_access_key=_revealed(settings.secret_access_key),
        aws_session_token=_revealed(settings.session_token),
        verify=settings.ca_bundle or None,
        config=config,
    )


def _revealed(secret: SecretStr) -> str | None:
    return secret.get_secret_value() or None


def status_of(error: boto.ClientError) -> int:
    """The HTTP status of a refusal."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def code_of(error: boto.ClientError) -> str:
    """S3's own word for a refusal, such as ``NoSuchKey``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_missing(error: boto.ClientError) -> bool:
    """There is no such object, or no such version of it (a missing bucket is another matter)."""
    return code_of(error) in {"NoSuchKey", "NoSuchVersion"}


def is_forbidden(error: boto.ClientError) -> bool:
    """Whoever asks has not the right."""
    return status_of(error) in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def is_ill(error: boto.ClientError) -> bool:
    """The server could not say yes or no: overloaded, or broken."""
    status = status_of(error)
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def listed(client: S3Client, bucket: str, prefix: str) -> Iterator[ObjectTypeDef]:
    """The newest versions whose keys begin with ``prefix``, by key. Raises botocore's errors."""
    pages = client.get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix):
        yield from page.get("Contents", [])


@contextmanager
def in_plain_words(place: str) -> Iterator[None]:
    """Every botocore error inside as a StoreError."""
    try:
        yield
    except (boto.BotoCoreError, boto.ClientError, *_UNREADABLE) as error:
        raise explained(error, place) from error


_NETWORK = "check the endpoint, the network and the proxy (SDTMFLOW_S3_ENDPOINT, HTTPS_PROXY)"
_PROXY = (
    "check HTTPS_PROXY and HTTP_PROXY (http://user:password@host:port), and NO_PROXY for hosts "
    "that need none"
)
_KEYS = (
    "check the credentials (SDTMFLOW_S3_ACCESS_KEY_ID and SDTMFLOW_S3_SECRET_ACCESS_KEY, else "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile)"
)
_RIGHTS = "ask the store's owner for the right, or name other credentials"
_AGAIN = "the store is overloaded or ill; run again: nothing half-done is visible"

_BY_KIND: list[tuple[type[Exception], str, str]] = [
    (boto.NoCredentialsError, "there are no credentials for the store", _KEYS),
    (boto.PartialCredentialsError, "the credentials are incomplete", _KEYS),
    (boto.ProfileNotFound, "there is no such profile", "correct SDTMFLOW_S3_PROFILE"),
    (
        boto.SSLError,
        "the store's TLS certificate is not trusted",
        "name its authority's certificates with SDTMFLOW_S3_CA_BUNDLE",
    ),
    (boto.ProxyConnectionError, "the proxy cannot be reached, or refuses", _PROXY),
    (boto.EndpointConnectionError, "the store cannot be reached", _NETWORK),
    (boto.ConnectTimeoutError, "the store cannot be reached", _NETWORK),
    (boto.HTTPClientError, "the store's answer broke off", _NETWORK),
    (boto.IncompleteReadError, "the store's answer broke off", _NETWORK),
    *((kind, "the store's answer cannot be read", _NETWORK) for kind in _UNREADABLE),
    (boto.ConnectionError, "the connection to the store broke", _NETWORK),
]

_BY_CODE = {
    "NoSuchBucket": ("the bucket does not exist", "create it, or correct the address"),
    "InvalidAccessKeyId": ("the store does not know the access key", _KEYS),
    "SignatureDoesNotMatch": ("the secret key is wrong", _KEYS),
    "ExpiredToken": ("the session has expired", "get new session credentials"),
    "InvalidToken": ("the session token is wrong", "get new session credentials"),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "set the clock"),
    "PermanentRedirect": ("the bucket is in another region", "correct SDTMFLOW_S3_REGION"),
    "AuthorizationHeaderMalformed": ("the region is wrong", "correct SDTMFLOW_S3_REGION"),
    "BadDigest": (
        "the store received other bytes than were sent",
        "check the network and the proxy",
    ),
    "EntityTooLarge": ("the file is larger than the store takes", "raise the store's limit"),
    "QuotaExceeded": ("the store is full", "free some space, or raise the quota"),
}


def explained(error: Exception, place: str) -> StoreError:
    """A botocore error as one line with a remedy; it never quotes a request or a body."""
    if isinstance(error, boto.ClientError):
        return _refusal(error, place)
    for kind, message, remedy in _BY_KIND:
        if isinstance(error, kind):
            return StoreError(message, place=place, remedy=remedy)
    return StoreError(
        f"the request failed ({type(error).__name__})",
        place=place,
        remedy="check the store's address and the SDTMFLOW_S3_… settings",
    )


def _refusal(error: boto.ClientError, place: str) -> StoreError:
    code = code_of(error)
    status = status_of(error)
    if code in _BY_CODE:
        message, remedy = _BY_CODE[code]
    elif status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        message, remedy = "the proxy asks who you are", _PROXY
    elif is_forbidden(error):
        message, remedy = f"the store forbids {error.operation_name}", _RIGHTS
    elif is_ill(error) or status == HTTPStatus.CONFLICT:
        message, remedy = f"the store answered {status} to {error.operation_name}", _AGAIN
    else:
        message, remedy = f"the store refused {error.operation_name} ({code or status})", _RIGHTS
    return StoreError(message, place=place, remedy=remedy)
