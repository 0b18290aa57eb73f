"""Which files of a bundle ``--only`` names."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from sdtmflow.bundle.manifest import ManifestFile
from sdtmflow.errors import StoreError


def selected(files: Sequence[ManifestFile], only: Sequence[str]) -> tuple[ManifestFile, ...]:
    """The files that a pattern of ``only`` names; all where it is empty.

    A pattern is a file name (``dm.xpt``, ``*.xpt``), a path (``m5/*/define.xml``) or a folder
    (``dataset-json``). Raises StoreError for a pattern that names nothing.
    """
    for pattern in only:
        if not any(_names(pattern, file.path) for file in files):
            known = ", ".join(sorted({PurePosixPath(file.path).name for file in files})[:12])
            raise StoreError(
                f"the bundle has no file '{pattern}'", remedy=f"it has, for instance, {known}"
            )
    return tuple(
        file for file in files if not only or any(_names(pattern, file.path) for pattern in only)
    )


def _names(pattern: str, path: str) -> bool:
    folder = pattern.rstrip("/") + "/"
    return (
        fnmatchcase(PurePosixPath(path).name, pattern)
        or fnmatchcase(path, pattern)
        or path.startswith(folder)
    )
