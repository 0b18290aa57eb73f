"""ZIP and gzip deliveries, unpacked within bounds."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePath, PurePosixPath
from typing import Protocol

from sdtmflow.damage import refused_if_damaged
from sdtmflow.errors import DeliveryError
from sdtmflow.sources.sniff import identify

MAX_UNPACKED = 20 << 30
"""Bytes that all archives of a delivery may unpack to."""
MAX_RATIO = 1_000
"""A member that unpacks to more than this many times its size is no clinical data."""
MAX_MEMBERS = 10_000
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
"""The flag of a ZIP member that only a password opens."""
_NOT_DELIVERED = ("~$", ".", "Thumbs.db", "desktop.ini", "__MACOSX")
"""What office programs and file managers leave behind begins with these."""
_OF_NO_INTEREST = ("._", ".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX")
"""Those that come from looking at a folder; nobody can have put data there."""


class ByteStream(Protocol):
    """Anything that unpacks as it is read."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        ...


def unpacked_files(
    paths: Mapping[str, Path], unpacked: Path, keep: Callable[[Path], object]
) -> Iterator[tuple[str, Path]]:
    """The files, with archives replaced by what they hold (written into ``unpacked``).

    Each archive is handed to ``keep`` as it was sent. Raises DeliveryError for one that is damaged,
    locked or far too big.
    """
    for name, path in paths.items():
        nature = identify(path)
        if nature.kind == "zip":
            keep(path)
            yield from _zip_members(name, path, unpacked)
        elif nature.kind == "gzip":
            keep(path)
            yield _gunzipped(name, path, unpacked)
        else:
            yield name, path


def is_leftover(name: PurePath) -> bool:
    """Whether a program left the file behind: nobody meant to deliver it."""
    return any(part.startswith(_NOT_DELIVERED) for part in name.parts)


def is_worth_telling(name: PurePath) -> bool:
    """Whether a leftover may be data after all: a hidden file, one that was open when sent."""
    return not any(part.startswith(_OF_NO_INTEREST) for part in name.parts)


def _zip_members(name: str, path: Path, unpacked: Path) -> Iterator[tuple[str, Path]]:
    """``export.zip/ae.csv``, … Member names only name: every member gets a numbered file."""
    with refused_if_damaged(_damaged(name)), zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise _too_big(name)
        for member in sorted(members, key=lambda member: member.filename):
            inside = _inner_name(member.filename)
            if is_leftover(inside):
                continue
            if member.flag_bits & _ENCRYPTED:
                raise _needs_password(name)
            with archive.open(member) as stream:
                target = _copy_bounded(stream, unpacked, member.compress_size, name)
            yield f"{name}/{inside}", target


def _inner_name(filename: str) -> PurePosixPath:
    """A member's name without what would lead out of the archive."""
    parts = PurePosixPath(filename.replace("\\", "/")).parts
    return PurePosixPath(*(part for part in parts if part not in {"/", ".."}))


def _gunzipped(name: str, path: Path, unpacked: Path) -> tuple[str, Path]:
    with refused_if_damaged(_damaged(name)), gzip.open(path) as stream:
        target = _copy_bounded(stream, unpacked, path.stat().st_size, name)
    return name.removesuffix(".gz"), target


def _copy_bounded(stream: ByteStream, unpacked: Path, packed: int, name: str) -> Path:
    """Copy to the next numbered file in ``unpacked``."""
    target = unpacked / str(len(list(unpacked.iterdir())))
    size, before = 0, sum(file.stat().st_size for file in unpacked.iterdir())
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if before + size > MAX_UNPACKED or (size > _CHUNK and size > MAX_RATIO * packed):
                raise _too_big(name)
            out.write(chunk)
    return target


def _too_big(name: str) -> DeliveryError:
    return DeliveryError(
        "the archive unpacks to more than a clinical delivery can hold",
        place=name,
        remedy="check where it comes from; send the files without the archive",
    )


def _needs_password(name: str) -> DeliveryError:
    return DeliveryError(
        "the archive needs a password", place=name, remedy="send it without a password"
    )


def _damaged(name: str) -> DeliveryError:
    return DeliveryError("the archive is cut off or damaged", place=name, remedy="ask for it again")
