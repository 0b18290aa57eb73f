"""Series in a folder: a read-only file for each entry, created complete and only once."""

from __future__ import annotations

from pathlib import Path

from sdtmflow.store.disk import create_exclusively, disk_errors, plain_bytes, sync_folder
from sdtmflow.store.protocol import Created, Exists, checked_key, entry_key, entry_number


class LocalSeries:
    """The series below ``root``, which is made at the first entry."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def append(self, series: str, number: int, data: bytes) -> Created | Exists:
        """Create the entry, or tell what is there."""
        path = self._path(series, number)
        with disk_errors(path):
            self._make_folder(path.parent)
            if create_exclusively(path, data):
                return Created()
            found = plain_bytes(path)
        return Created() if found == data else Exists(found)

    def entries(self, series: str, after: int = 0) -> dict[int, bytes]:
        """Number → entry, ascending, for the numbers above ``after``."""
        numbers = sorted(number for number in self._numbers(series) if number > after)
        return {number: self._read(series, number) for number in numbers}

    def last_entry(self, series: str) -> tuple[int, bytes] | None:
        """The entry with the highest number; None for an empty series."""
        newest = max(self._numbers(series), default=0)
        return (newest, self._read(series, newest)) if newest else None

    def _numbers(self, series: str) -> list[int]:
        folder, _, beginning = series.rpartition("/")
        place = self.root / checked_key(folder)
        with disk_errors(place):
            names = [path.name for path in place.iterdir()] if place.is_dir() else []
        return [number for name in names if (number := entry_number(beginning, name)) is not None]

    def _read(self, series: str, number: int) -> bytes:
        path = self._path(series, number)
        with disk_errors(path):
            return plain_bytes(path)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        for made in (folder, *folder.parents):
            sync_folder(made.parent)
            if made == self.root:
                return

    def _path(self, series: str, number: int) -> Path:
        return self.root / checked_key(entry_key(series, number))
