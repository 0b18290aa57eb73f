"""The store in S3: objects in a versioned Object Lock bucket, series in an unversioned one.

Conditional creates are exclusive on every good server only in an unversioned bucket, Object Lock
needs a versioned one: hence two. Lock does not stop a newer version on the same key, so everything
is read by the version id that the write returned.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sdtmflow.retention import Protection, Retention
from sdtmflow.settings import Settings
from sdtmflow.store.digests import Digests
from sdtmflow.store.link import Link
from sdtmflow.store.protocol import (
    Created,
    Exists,
    Moved,
    Promise,
    Slot,
    Stored,
    claims_series,
    kept,
    unwatched,
)
from sdtmflow.store.s3_buckets import make_buckets
from sdtmflow.store.s3_client import Address, Clients, connect, parse_address
from sdtmflow.store.s3_links import make_link
from sdtmflow.store.s3_locks import S3Locks
from sdtmflow.store.s3_pieces import S3Pieces
from sdtmflow.store.s3_probe import promises
from sdtmflow.store.s3_proof import Word
from sdtmflow.store.s3_reading import S3Reader
from sdtmflow.store.s3_series import S3Series
from sdtmflow.store.s3_writing import S3Writer


def open_s3(url: str, settings: Settings) -> S3Store:
    """The store at ``s3://bucket/prefix?…``; nothing is sent yet. Raises StoreError."""
    address = parse_address(url, settings.s3)
    return S3Store(connect(address.settings, address.url), address)


class S3Store:
    """A ``Store`` in two buckets. ``pause`` waits some seconds between two tries."""

    def __init__(
        self, clients: Clients, address: Address, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.clients = clients
        self.client = client = clients.usual
        self.address = address
        self.bucket = address.bucket
        self.url = address.url
        self._series = S3Series(client, address, pause)
        self._locks = S3Locks(client, address)
        self._reader = S3Reader(client, address, pause)
        self._writer = S3Writer(clients, address, self._reader)
        self._warnings: tuple[str, ...] | None = None

    @property
    def identity(self) -> str:
        """The address, the claims' bucket and the server."""
        server = self.client.meta.endpoint_url.rpartition("@")[2]
        return f"{self.url} with {self.address.claims} at {server}"

    def put_file(
        self, key: str, path: Path, sha256: str = "", moved: Moved = unwatched
    ) -> tuple[Stored, Digests]:
        """Upload a file, in parallel parts where it is large."""
        return self._writer.put_file(key, path, sha256, moved)

    def put_bytes(self, key: str, data: bytes) -> Stored:
        """Upload some bytes."""
        return self._writer.put_bytes(key, data)

    def copy(self, source: Stored, key: str, original: Path, sha256: str) -> Stored:
        """Copy within the server."""
        return self._writer.copy(source, key, original, sha256)

    def word(self) -> Word:
        """What the server's own checksums are worth here; what they are not is read back."""
        return self._writer.word()

    def chunks(self, stored: Stored, start: int = 0) -> Iterator[bytes]:
        """The bytes from ``start`` on; a download that breaks off is taken up where it broke."""
        return self._reader.chunks(stored, start)

    def current(self, key: str) -> Stored | None:
        """The key's newest version; None where there is none, or a delete marker."""
        return self._reader.current(key)

    def stored_at(self, key: str) -> dt.datetime | None:
        """When the key's newest version was stored."""
        return self._reader.stored_at(key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys under ``prefix`` in the order of their UTF-8 bytes."""
        return self._reader.keys(prefix)

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

    def promises(self) -> tuple[Promise, ...]:
        """What publishing asks of the two buckets."""
        return promises(self.client, self.address)

    def make(self) -> tuple[str, ...]:
        """Create the two buckets with the right settings, where they are not there."""
        return make_buckets(self.client, self.address)

    def probe(self) -> tuple[str, ...]:
        """Prove, once for this object, that the buckets keep what publishing rests on."""
        if self._warnings is None:
            self._warnings = kept(self.promises())
        return self._warnings
