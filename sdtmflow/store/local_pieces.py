"""What lies in a local store's folder: attempts, temporary files, snapshots that were hidden."""

from __future__ import annotations

import datetime as dt
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from sdtmflow.store.disk import PARTIAL, disk_errors, sync_folder
from sdtmflow.store.pieces import Piece, by_key
from sdtmflow.store.protocol import checked_key

ATTEMPT = ".attempt-"
PROBE_FOLDER = ".probe-"
HIDDEN = ".hidden-"
"""How the name of a snapshot begins while a sweep looks whether somebody needs it after all."""
_HIDDEN_NAME = re.compile(rf"(?P<aside>{re.escape(HIDDEN)}[0-9a-f]{{32}}-)(?P<name>.+)")
BUNDLES = "bundles"
"""The folder of the versions and of the attempts at one."""
SERIES = "series"
"""The folder of the series."""


class LocalPieces:
    """``Pieces`` of a folder.

    A hidden object is told by its own key; its version is how its name on disk begins.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def now(self) -> dt.datetime:
        """This machine's time."""
        return dt.datetime.now(dt.UTC)

    def under(self, prefix: str) -> Iterator[Piece]:
        """Files, hidden ones among them."""
        folder = self.root / prefix.rpartition("/")[0]
        pieces = (self._piece(path) for path in _below(folder) if not path.is_dir())
        yield from (piece for piece in pieces if piece and piece.key.startswith(prefix))

    def attempts(self, study: str) -> dict[str, tuple[Piece, ...]]:  # noqa: ARG002 — one a folder
        """What lies below ``bundles/.attempt-<id>``; published bundles are not looked into."""
        return {
            folder.name.removeprefix(ATTEMPT): self._all_of(folder)
            for folder in self._folders(BUNDLES)
            if folder.name.startswith(ATTEMPT)
        }

    def leavings(self) -> dict[str, tuple[Piece, ...]]:
        """Temporary files and folders outside attempts and published bundles."""
        tops = [folder for folder in self._folders("") if folder.name != BUNDLES]
        probes = {folder for folder in tops if folder.name.startswith(PROBE_FOLDER)}
        partial = (
            piece
            for folder in tops
            if folder not in probes
            for path in _below(folder)
            if path.name.startswith(PARTIAL) and (piece := self._piece(path))
        )
        folders = {f"{folder.name}/": self._all_of(folder) for folder in sorted(probes)}
        return folders | by_key(partial)

    def studies(self) -> set[str]:
        """The names below ``claims/``; the one study of a folder may not be there yet."""
        return {folder.name for folder in self._folders("claims")}

    def entry_keys(self, beginning: str) -> list[str]:
        """Keys of files below ``series/``."""
        series = self.root / SERIES
        names = (path.relative_to(series).as_posix() for path in _below(series) if path.is_file())
        return sorted(name for name in names if name.startswith(beginning))

    def remove(self, piece: Piece) -> None:
        """Remove the file, or the folder where it is empty."""
        path = self._path(piece)
        with disk_errors(path):
            if not piece.key.endswith("/"):
                path.unlink(missing_ok=True)
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()

    def hide(self, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        """Rename the file, to a name that no other sweep gives."""
        aside = f"{HIDDEN}{uuid.uuid4().hex}-"
        return tuple(each for piece in pieces if (each := self._hidden(piece, aside)))

    def show(self, pieces: Sequence[Piece]) -> None:
        """Give the file its own name besides, unless another has it; then drop the other names."""
        for piece in pieces:
            hidden, path = self._path(piece), self.root / checked_key(piece.key)
            with disk_errors(path):
                if piece.latest or not hidden.is_file():
                    continue
                with suppress(FileExistsError):
                    os.link(hidden, path)
                sync_folder(path.parent)
                hidden.unlink(missing_ok=True)

    def _hidden(self, piece: Piece, aside: str) -> Piece | None:
        """The piece under its other name; None where it is gone."""
        path = self._path(piece)
        with disk_errors(path):
            try:
                path.rename(self._path(replace(piece, version=aside)))
            except FileNotFoundError:
                return None
            sync_folder(path.parent)
        return replace(piece, version=aside, latest=False)

    def _all_of(self, folder: Path) -> tuple[Piece, ...]:
        found = (self._piece(path) for path in (*_below(folder), folder))
        return tuple(piece for piece in found if piece)

    def _piece(self, path: Path) -> Piece | None:
        """None where it is gone meanwhile."""
        try:
            known = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        key = PurePosixPath(path.relative_to(self.root).as_posix())
        changed = dt.datetime.fromtimestamp(known.st_mtime, dt.UTC)
        if path.is_dir():
            return Piece(f"{key}/", changed)
        hidden = _HIDDEN_NAME.fullmatch(path.name)
        if not hidden:
            return Piece(str(key), changed, known.st_size)
        shown, aside = key.with_name(hidden["name"]), hidden["aside"]
        return Piece(str(shown), changed, known.st_size, aside, latest=False)

    def _path(self, piece: Piece) -> Path:
        path = self.root / checked_key(piece.key.removesuffix("/"))
        return path.with_name(piece.version + path.name)

    def _folders(self, below: str) -> list[Path]:
        folder = self.root / below
        with disk_errors(folder):
            there = folder.iterdir() if folder.is_dir() else ()
            return sorted(path for path in there if path.is_dir())


def _below(folder: Path) -> Iterator[Path]:
    """Everything below a folder, what is in a folder before the folder itself."""
    for place, folders, files in os.walk(folder, topdown=False):
        yield from (Path(place, name) for name in sorted((*files, *folders)))
