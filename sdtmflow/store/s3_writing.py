"""Objects into S3, each proven to be there before the caller goes on (decision 20)."""

from __future__ import annotations

import base64
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sdtmflow.errors import StoreError
from sdtmflow.store.digests import Digests, Hashing, hashing
from sdtmflow.store.pieces import PROBE
from sdtmflow.store.protocol import (
    MissingObjectError,
    Moved,
    Stored,
    require_promised,
    require_sha256,
    sha256_of,
    unwatched,
)
from sdtmflow.store.s3_client import Address, Clients, in_plain_words
from sdtmflow.store.s3_multipart import (
    Parts,
    composite_of,
    copy_parts,
    upload_parts,
)
from sdtmflow.store.s3_proof import READ_BACK, Word, told, word_of
from sdtmflow.store.s3_reading import S3Reader

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

_COPY_LIMIT = 5 << 30
"""CopyObject takes no more; larger objects are copied in parts."""


class S3Writer:
    """Writes the objects of a store; ``reader`` reads them back where that is the proof."""

    def __init__(self, clients: Clients, address: Address, reader: S3Reader) -> None:
        self.client = clients.usual
        self._sender = clients.sender
        self.address = address
        self.bucket = address.bucket
        self._reader = reader
        self._parts = Parts(address.settings.threads)
        self._word: Word | None = None
        self._asking = Lock()

    def put_file(
        self, key: str, path: Path, sha256: str = "", moved: Moved = unwatched
    ) -> tuple[Stored, Digests]:
        """Upload a file, in parallel parts where it is large; it is read once."""
        size = path.stat().st_size
        with hashing(size) as hashed:
            if size > self._parts.at_once:
                stored, said = self._put_parts(key, path, hashed, moved)
            else:
                with self._parts.room(size):
                    data = path.read_bytes()
                    hashed.update(data)
                    stored, said = self._put(key, data, hashed.hexdigest())
                moved(len(data))
        digests = hashed.digests()
        require_promised(digests.sha256, sha256, path)
        return self._proven(stored, digests.sha256, said=said), digests

    def put_bytes(self, key: str, data: bytes) -> Stored:
        """Upload some bytes."""
        sha256 = sha256_of([data])
        stored, said = self._put(key, data, sha256)
        return self._proven(stored, sha256, said=said)

    def copy(self, source: Stored, key: str, original: Path, sha256: str) -> Stored:
        """Copy within the server."""
        origin: CopySourceTypeDef = {"Bucket": self.bucket, "Key": self.address.full(source.key)}
        if source.version:
            origin["VersionId"] = source.version
        with in_plain_words(self.address.place(key)):
            stored, said = self._copied(origin, key, original, sha256)
        return self._proven(stored, sha256, said=said)

    def word(self) -> Word:
        """What the server's word is worth, asked once for this object."""
        with self._asking:
            if self._word is None:
                self._word = self._asked()
        return self._word

    def _asked(self) -> Word:
        if self.address.settings.read_back == "always":
            return READ_BACK
        with in_plain_words(self.address.url):
            return word_of(self._sender, self.bucket, self.address.prefix + PROBE)

    def _put(self, key: str, data: bytes, sha256: str) -> tuple[Stored, bool]:
        """Upload in one request; the other answer is whether the server says that it has it.

        One that refuses wrong sums says so by taking the right one; some tell it again besides.
        """
        sent, believed = _base64(sha256), self.word().objects
        with in_plain_words(self.address.place(key)):
            answer = (self._sender if believed else self.client).put_object(
                Bucket=self.bucket, Key=self.address.full(key), Body=data, ChecksumSHA256=sent
            )
        stored = Stored(key, answer.get("VersionId", ""))
        return stored, believed and answer.get("ChecksumSHA256", sent) == sent

    def _put_parts(
        self, key: str, path: Path, hashed: Hashing, moved: Moved
    ) -> tuple[Stored, bool]:
        """Upload in parts; the other answer is whether the server says that it has them."""
        believed = self.word().parts
        with in_plain_words(self.address.place(key)):
            target = (self.bucket, self.address.full(key))
            client = self._sender if believed else self.client
            whole = upload_parts(client, target, path, self._parts, (hashed, moved))
            stored = Stored(key, whole.version)
            return stored, believed and self._told(stored) == whole.checksum

    def _copied(
        self, origin: CopySourceTypeDef, key: str, original: Path, sha256: str
    ) -> tuple[Stored, bool]:
        """The copy, and whether the server says that it holds the bytes of ``original``."""
        size, target = original.stat().st_size, (self.bucket, self.address.full(key))
        if size > _COPY_LIMIT:
            stored = Stored(key, copy_parts(self.client, target, origin, size, self._parts).version)
            said = ""
        else:
            answer = self.client.copy_object(
                Bucket=self.bucket, Key=target[1], CopySource=origin, ChecksumAlgorithm="SHA256"
            )
            stored = Stored(key, answer.get("VersionId") or self._newest(target[1]))
            said = answer["CopyObjectResult"].get("ChecksumSHA256", "")
        if self.word() == READ_BACK:
            return stored, False
        said = said or self._told(stored)
        if "-" in said:  # some servers compute it anew for the whole, some keep the uploaded one's
            return stored, self.word().parts and said == composite_of(original, said)
        return stored, self.word().objects and said == _base64(sha256)

    def _newest(self, key: str) -> str:
        """The version on top: Ceph 16 does not say which one a copy made.

        Nobody else writes under the keys of this attempt.
        """
        return self.client.head_object(Bucket=self.bucket, Key=key).get("VersionId", "")

    def _told(self, stored: Stored) -> str:
        return told(self.client, self.bucket, self.address.full(stored.key), stored.version)

    def _proven(self, stored: Stored, sha256: str, *, said: bool) -> Stored:
        if not said:
            require_sha256(self._read_back(stored), sha256, self.address.place(stored.key))
        return stored

    def _read_back(self, stored: Stored) -> str:
        """The SHA-256 of what is there. An answer that was damaged on its way may name another."""
        try:
            return sha256_of(self._reader.chunks(stored))
        except MissingObjectError as error:
            raise StoreError(
                "the store does not give back what it says it has taken",
                place=error.place,
                remedy="run again; where it stays so, have the way to the store looked at",
            ) from None


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()
