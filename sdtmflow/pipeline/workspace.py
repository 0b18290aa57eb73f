"""Content-keyed artifact folders that are whole or absent: ``work/<step>/<key>/files/``.

An artifact is built in a folder of its own and renamed into place, with a record of its files and
their SHA-256 beside them. A crash leaves only a building folder, which the next run sweeps away; a
damaged or incomplete artifact counts as missing and is built anew. Two processes that build the
same artifact at the same time both succeed: the first rename wins, the other's copy is removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.store.protocol import file_sha256

FINDINGS = "findings.parquet"
"""Where every step that finds something writes it."""
_RECORD = "artifact.json"
_FILES = "files"
_BUILDING = ".building"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A reference small enough to travel between tasks; ``digest`` is SHA-256 over the files."""

    step: str
    key: str
    digest: str


class Workspace:
    """The artifacts of one study; everything in it can be recomputed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def crashes(self) -> Path:
        """Where it is written in full what nobody foresaw: it may hold subjects' data."""
        return self.root / "crashes"

    def path(self, artifact: Artifact) -> Path:
        """The folder that holds the artifact's files."""
        return self._folder(artifact.step, artifact.key) / _FILES

    def paths(self, artifacts: Mapping[str, Artifact]) -> dict[str, Path]:
        """The folders of several artifacts by their names."""
        return {name: self.path(artifact) for name, artifact in artifacts.items()}

    def find(self, step: str, key: str) -> Artifact | None:
        """The artifact, or None where it is missing, incomplete or damaged."""
        folder = self._folder(step, key)
        recorded = _recorded(folder)
        if recorded is None or recorded != _files(folder / _FILES):
            return None
        return Artifact(step, key, _digest(recorded))

    def artifact(self, step: str, key: str, build: Callable[[Path], object]) -> Artifact:
        """The artifact; ``build(out)`` fills an empty folder where there is none yet.

        Whatever ``build`` raises goes through, and nothing of the attempt stays.
        """
        found = self.find(step, key)
        if found:
            return found
        with self._building(f"{step}-{key}") as building:
            out = building / _FILES
            out.mkdir()
            build(out)
            files = _files(out)
            (building / _RECORD).write_text(json.dumps(files, indent=1, sort_keys=True))
            return self._put(building, step, key, _digest(files))

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """An empty folder for what is not yet known to be an artifact; gone afterwards."""
        with self._building("draft") as folder:
            yield folder

    def sweep(self) -> None:
        """Remove what killed processes left behind; what living ones build is locked and stays."""
        for lock in sorted((self.root / _BUILDING).glob("*.lock")):
            with lock.open() as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)

    def forget(self, step: str, *, but: int) -> None:
        """Remove the step's artifacts but for the ``but`` newest; whoever asks makes them anew."""
        found = [(_made(folder), folder) for folder in (self.root / step).iterdir()]
        for _, folder in sorted(found, reverse=True)[but:]:
            shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, step: str, key: str) -> Path:
        return self.root / step / key

    def _put(self, built: Path, step: str, key: str, digest: str) -> Artifact:
        """Rename into place; where an intact artifact came first, that one is the artifact."""
        folder = self._folder(step, key)
        folder.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                built.rename(folder)
            except OSError:
                if found := self.find(step, key):
                    return found
                _move_away(folder, built.with_name(f"{uuid.uuid4().hex}.damaged"))
            else:
                return Artifact(step, key, digest)

    @contextmanager
    def _building(self, name: str) -> Iterator[Path]:
        """An empty folder of our own, gone afterwards; its lock says that we still live."""
        folder = self.root / _BUILDING / f"{name}-{uuid.uuid4().hex}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = folder.with_name(f"{folder.name}.lock")
        with lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                folder.mkdir()
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                lock.unlink(missing_ok=True)


def digests(artifacts: Mapping[str, Artifact]) -> dict[str, str]:
    """The artifacts' digests by their names: what of them goes into another's key."""
    return {name: artifact.digest for name, artifact in artifacts.items()}


def _made(folder: Path) -> int:
    """When the artifact was made, as the system counts; 0 where it is gone already."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _move_away(damaged: Path, aside: Path) -> None:
    """Make room for a sound artifact; another process may have done so already."""
    try:
        damaged.rename(aside)
    except FileNotFoundError:
        return
    shutil.rmtree(aside, ignore_errors=True)


def _recorded(folder: Path) -> dict[str, str] | None:
    try:
        recorded: dict[str, str] = json.loads((folder / _RECORD).read_text())
    except (OSError, ValueError):
        return None
    return recorded


def _files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its path within ``folder``."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            found[path.relative_to(folder).as_posix()] = file_sha256(path)
    return dict(sorted(found.items()))


def _digest(files: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
