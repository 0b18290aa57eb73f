"""A bundle wherever it is (store, folder, zip) as names and bytes."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from sdtmflow.bundle.manifest import CLAIM, Claim, ManifestFile
from sdtmflow.errors import VerificationError
from sdtmflow.store.protocol import (
    CHUNK,
    MissingObjectError,
    Store,
    Stored,
    file_chunks,
    relative_files,
)


class UnreadableError(VerificationError):
    """The bytes of a file cannot be read at all."""


class Contents(Protocol):
    """The files of one bundle; names are POSIX paths relative to it."""

    place: str

    def names(self) -> set[str]:
        """Every file that is there."""

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:
        """A file's bytes. Raises MissingObjectError, UnreadableError."""

    def is_covered(self, file: ManifestFile) -> bool:
        """Whether a newer object lies over the published one."""


class StoredContents:
    """A bundle in its store."""

    def __init__(self, store: Store, claim: Claim) -> None:
        self.store = store
        self.prefix = store.bundle_prefix(claim.slot)
        self.place = f"{store.url}: {claim.name}"

    def names(self) -> set[str]:
        """Every key under the bundle's prefix."""
        return {key.removeprefix(self.prefix) for key in self.store.keys(self.prefix)}

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:
        """The bytes of the version that was published."""
        return self.store.chunks(Stored(self.prefix + name, version))

    def is_covered(self, file: ManifestFile) -> bool:
        """Object Lock does not stop a newer version, which a plain reader would get."""
        current = self.store.current(self.prefix + file.path)
        return current is None or current.version != file.version


class FolderContents:
    """A downloaded bundle in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder)

    def names(self) -> set[str]:
        """Every file below the folder."""
        return {str(path) for path in relative_files(self.folder)}

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:  # noqa: ARG002 — no versions
        """The file's bytes."""
        try:
            yield from file_chunks(self.folder / name)
        except (FileNotFoundError, NotADirectoryError):
            raise MissingObjectError("the file is missing", place=name) from None
        except OSError as error:
            raise UnreadableError(error.strerror or "cannot be read", place=name) from None

    def is_covered(self, file: ManifestFile) -> bool:  # noqa: ARG002 — nothing lies over a file
        """Never."""
        return False


class ZipContents:
    """A downloaded bundle in a zip, below the one folder that holds its claim."""

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile):
            raise VerificationError(
                "this is no readable zip", place=str(path), remedy="download it again"
            ) from None
        claims = [name for name in self._zip.namelist() if f"/{name}".endswith(f"/{CLAIM}")]
        self.prefix = min(claims, key=len, default=CLAIM).removesuffix(CLAIM)

    def names(self) -> set[str]:
        """Every member; one outside the bundle's folder keeps its full name."""
        members = (info.filename for info in self._zip.infolist() if not info.is_dir())
        return {name.removeprefix(self.prefix) for name in members}

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:  # noqa: ARG002 — no versions
        """The member's bytes."""
        try:
            with self._zip.open(self.prefix + name) as member:
                while chunk := member.read(CHUNK):
                    yield chunk
        except KeyError:
            raise MissingObjectError("the file is missing", place=name) from None
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError):
            raise UnreadableError("its place in the zip is damaged", place=name) from None

    def is_covered(self, file: ManifestFile) -> bool:  # noqa: ARG002 — nothing lies over a member
        """Never."""
        return False
