"""Which files of a bundle ``--only`` names."""

from __future__ import annotations

from collections.abc import Sequence

from sdtmflow.bundle.manifest import ManifestFile
from sdtmflow.bundle.verifier import WrongCommandError, chosen
from sdtmflow.errors import StoreError


def selected(files: Sequence[ManifestFile], only: Sequence[str]) -> tuple[ManifestFile, ...]:
    """The files that ``only`` names, as the verifier reads its patterns, which is among them.

    Raises StoreError for a pattern that names nothing.
    """
    try:
        return tuple(files[at] for at in chosen([file.path for file in files], only))
    except WrongCommandError as error:
        raise StoreError(
            str(error), remedy="name a file, a pattern such as *.xpt, or a folder"
        ) from None
