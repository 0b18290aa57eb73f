"""Large files in parts: uploaded in parallel, each with its SHA-256 in a header, or copied.

boto3's own transfer sends checksums as trailers, which older servers refuse over TLS, does not
tell the version id that it made, and cannot copy parts whose checksums are kept.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Lock, Semaphore
from typing import TYPE_CHECKING, BinaryIO, Literal

from botocore.exceptions import BotoCoreError, ClientError

from sdtmflow.store.digests import Hashing
from sdtmflow.store.protocol import CHUNK, Moved
from sdtmflow.store.s3_proof import checksum

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, CopySourceTypeDef

    _Task = Callable[[], CompletedPartTypeDef]

PART = 8 << 20
"""Bytes of a part, but of the largest objects."""
COPY_PART = 1 << 30
"""Bytes of a part of a copy that one request cannot make."""
_MOST_PARTS = 10_000
"""S3's limit."""
_ALGORITHM: Literal["SHA256"] = "SHA256"


@dataclass(frozen=True, slots=True)
class Whole:
    """An object that was put together; ``checksum`` is what S3 calls the composite one."""

    version: str
    checksum: str


class Parts:
    """Room in memory for what is under way, of all uploads of a store together.

    ``threads`` parts of one upload are sent at a time, and twice as many fit in.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.at_once = threads * PART
        """Bytes that one request may carry."""
        self._free = Semaphore(2 * threads)
        self._door = Lock()

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Room for ``size`` bytes (at most ``at_once``), as soon as there is."""
        parts = max(1, -(-size // PART))
        with self._door:  # one at a time, else two might wait for each other with half their room
            for _ in range(parts):
                self._free.acquire()
        try:
            yield
        finally:
            self._free.release(parts)

    def take(self) -> None:
        """Wait for the room of one part."""
        with self._door:
            self._free.acquire()

    def give(self) -> None:
        """Give the room of one part back."""
        self._free.release()


@dataclass(frozen=True, slots=True)
class _Upload:
    client: S3Client
    bucket: str
    key: str
    id: str

    def send(self, number: int, data: bytes) -> CompletedPartTypeDef:
        """Upload part ``number`` (from 1)."""
        sha256 = checksum(data)
        answer = self.client.upload_part(
            Bucket=self.bucket,
            Key=self.key,
            UploadId=self.id,
            PartNumber=number,
            Body=data,
            ChecksumSHA256=sha256,
        )
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": sha256}

    def copy(self, number: int, origin: CopySourceTypeDef, span: range) -> CompletedPartTypeDef:
        """Copy bytes ``span`` of another object as part ``number``."""
        result = self.client.upload_part_copy(
            Bucket=self.bucket,
            Key=self.key,
            UploadId=self.id,
            PartNumber=number,
            CopySource=origin,
            CopySourceRange=f"bytes={span.start}-{span.stop - 1}",
        )["CopyPartResult"]
        part: CompletedPartTypeDef = {"PartNumber": number, "ETag": result["ETag"]}
        if sha256 := result.get("ChecksumSHA256"):
            part["ChecksumSHA256"] = sha256
        return part

    def complete(self, parts: list[CompletedPartTypeDef]) -> Whole:
        """Put the parts together."""
        done = self.client.complete_multipart_upload(
            Bucket=self.bucket, Key=self.key, UploadId=self.id, MultipartUpload={"Parts": parts}
        )
        sums = [base64.b64decode(part.get("ChecksumSHA256", "")) for part in parts]
        return Whole(done.get("VersionId", ""), _composite(sums))

    def abort(self) -> None:
        """Take back what was sent."""
        with suppress(BotoCoreError, ClientError):  # the first error is the one to tell
            self.client.abort_multipart_upload(Bucket=self.bucket, Key=self.key, UploadId=self.id)


def upload_parts(
    client: S3Client,
    target: tuple[str, str],
    path: Path,
    parts: Parts,
    taken: tuple[Hashing, Moved],
) -> Whole:
    """Upload ``path`` to ``target`` (bucket, key); all or nothing.

    The file is read once: ``taken`` takes in each part as it is read, and hears of each that has
    arrived. Memory: the parts under way. Raises botocore's errors, OSError.
    """
    hashed, moved = taken
    part = part_size(path.stat().st_size)

    def send(upload: _Upload, number: int, data: bytes) -> CompletedPartTypeDef:
        sent = upload.send(number, data)
        moved(len(data))
        return sent

    def sending(upload: _Upload) -> Iterator[_Task]:
        with path.open("rb") as file:
            for number, data in enumerate(iter(partial(file.read, part), b""), start=1):
                hashed.update(data)
                yield partial(send, upload, number, data)

    return _assembled(client, target, parts, sending)


def copy_parts(
    client: S3Client,
    target: tuple[str, str],
    origin: CopySourceTypeDef,
    size: int,
    parts: Parts,
) -> Whole:
    """Copy an object of ``size`` bytes that is too large for one request; all or nothing."""

    def copying(upload: _Upload) -> Iterator[_Task]:
        for number, start in enumerate(range(0, size, COPY_PART), start=1):
            yield partial(upload.copy, number, origin, range(start, min(start + COPY_PART, size)))

    return _assembled(client, target, parts, copying)


def _assembled(
    client: S3Client,
    target: tuple[str, str],
    parts: Parts,
    work: Callable[[_Upload], Iterator[_Task]],
) -> Whole:
    """Do the work part by part, several at a time; the next is begun when there is room for it."""
    bucket, key = target
    begun = client.create_multipart_upload(Bucket=bucket, Key=key, ChecksumAlgorithm=_ALGORITHM)
    upload = _Upload(client, bucket, key, begun["UploadId"])
    try:
        with ThreadPoolExecutor(parts.threads) as pool:
            return upload.complete(_done(pool, parts, work(upload)))
    except BaseException:
        upload.abort()
        raise


def _done(pool: Executor, parts: Parts, work: Iterator[_Task]) -> list[CompletedPartTypeDef]:
    """What each task gave, in their order; none is begun after one has failed."""
    under_way: list[Future[CompletedPartTypeDef]] = []
    failed = Event()

    def landed(future: Future[CompletedPartTypeDef]) -> None:
        parts.give()
        if future.exception():
            failed.set()

    while True:
        parts.take()  # before the next part is read into memory
        try:
            task = None if failed.is_set() else next(work, None)
        except BaseException:
            parts.give()
            raise
        if task is None:
            parts.give()
            return [future.result() for future in under_way]
        under_way.append(pool.submit(task))
        under_way[-1].add_done_callback(landed)


def part_size(size: int) -> int:
    """Bytes of each part but the last of an uploaded object of ``size`` bytes."""
    return max(PART, -(-size // _MOST_PARTS))


def composite_of(path: Path, like: str) -> str:
    """The composite checksum that ``path`` has in as many parts as ``like`` has.

    Empty where neither an upload nor a copy of it would make so many.
    """
    size = path.stat().st_size
    count = int(like.rpartition("-")[2])
    for part in (part_size(size), COPY_PART):
        if -(-size // part) == count:
            return _composite(_part_sums(path, part))
    return ""


def _part_sums(path: Path, part: int) -> list[bytes]:
    with path.open("rb") as file:
        count = -(-path.stat().st_size // part)
        return [_span_sum(file, part) for _ in range(count)]


def _span_sum(file: BinaryIO, length: int) -> bytes:
    """SHA-256 of the next ``length`` bytes, or of what is left."""
    digest = hashlib.sha256()
    while length and (chunk := file.read(min(length, CHUNK))):
        digest.update(chunk)
        length -= len(chunk)
    return digest.digest()


def _composite(sums: Sequence[bytes]) -> str:
    return f"{checksum(b''.join(sums))}-{len(sums)}"
