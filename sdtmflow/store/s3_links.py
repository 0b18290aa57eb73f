"""Links that let anybody get one object for some time, without credentials (presigned, SigV4)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from sdtmflow.store.link import Link
from sdtmflow.store.protocol import Stored
from sdtmflow.store.s3_client import Address, in_plain_words

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def make_link(client: S3Client, address: Address, stored: Stored, name: str, lasts: int) -> Link:
    """A link to exactly these bytes for ``lasts`` seconds, which a browser saves as ``name``.

    Nothing is sent: whether the link works is the server's to say. Raises StoreError where there
    are no credentials to sign with.
    """
    with in_plain_words(address.url):
        url = client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": address.bucket,
                "Key": address.full(stored.key),
                "VersionId": stored.version,
                "ResponseContentDisposition": _attachment(name),
                "ResponseContentType": "application/octet-stream",
                "ResponseCacheControl": "no-store",
            },
            ExpiresIn=lasts,
        )
    said = parse_qs(urlsplit(url).query)
    signed = dt.datetime.strptime(said["X-Amz-Date"][0], "%Y%m%dT%H%M%S%z")
    return Link(url, signed + dt.timedelta(seconds=lasts), "X-Amz-Security-Token" in said)


def _attachment(name: str) -> str:
    """Save, do not show: as ``name``, with a plain one for browsers that know no UTF-8 there."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
