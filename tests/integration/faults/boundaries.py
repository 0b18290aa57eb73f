"""Every point at which a process can die between two of its effects on a store, by name.

A boundary is called after what is done there (``PUT <claims>/claims/v*``), the side (``before``,
``after``) and how often it was passed (``#2``); ids that differ from run to run are starred. Names
do not depend on the order of threads, so that a run can be killed at each boundary of another run.
"""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.httpsession import URLLib3Session

_STARRED = [
    (re.compile(r"trial-\d+-claims"), "<claims>"),
    (re.compile(r"trial-\d+"), "<bucket>"),
    (re.compile(r"[0-9a-f]{32}"), "*"),
    (re.compile(r"TRIAL-\d+"), "TRIAL"),
    (re.compile(r"\bv\d{4}\b"), "v*"),
    (re.compile(r"(/audit/TRIAL/)\d{4}\b"), r"\1*"),
    (re.compile(r"\.(partial|probe)-\w+"), r".\1-*"),
]
_TELLING = {
    "uploads",
    "uploadId",
    "partNumber",
    "list-type",
    "versioning",
    "object-lock",
    "retention",
}
"""Query parameters that say which operation a request is."""
_CHANGES = {"os.mkdir", "os.rename", "os.chmod", "os.remove", "os.rmdir", "os.link", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


def starred(text: str) -> str:
    """``text`` without what differs from run to run."""
    for pattern, name in _STARRED:
        text = pattern.sub(name, text)
    return text


def request_name(method: str, url: str) -> str:
    """The request in a word or two: ``PUT <bucket>/some/prefix/bundles/TRIAL/*/m5/dm.xpt``."""
    parts = urlsplit(url)
    query = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    telling = "&".join(sorted(_TELLING.intersection(query)))
    return starred(f"{method} {unquote(parts.path).strip('/')}{telling and '?'}{telling}")


class Boundaries:
    """Counts what this process passes; at the boundary ``fatal`` it is killed by SIGKILL."""

    def __init__(self, fatal: str | None = None) -> None:
        self.passed: list[str] = []
        self._fatal = fatal
        self._times: Counter[str] = Counter()
        self._lock = threading.RLock()  # a boundary may be met while another is being told

    def cross(self, name: str) -> None:
        with self._lock:
            self._times[name] += 1
            name = f"{name} #{self._times[name]}"
            if name == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            self.passed.append(name)

    def watch_requests(self) -> None:
        """Before a request is sent, and after its answer began to arrive."""
        send = URLLib3Session.send

        def sending(session, request):
            name = request_name(request.method, request.url)
            self.cross(f"before {name}")
            answer = send(session, request)
            self.cross(f"after {name}")
            return answer

        URLLib3Session.send = sending

    def watch_files(self, root: Path) -> None:
        """Before each change below ``root``, each sync, and in the middle of each piece written.

        What is after one change is before the next; the end of the process is after the last.
        """
        sys.addaudithook(lambda event, arguments: self._heed(event, arguments, str(root)))
        sync, fdopen = os.fsync, os.fdopen

        def syncing(handle):
            self.cross(f"fsync {_inside(_path_of(handle), str(root))}")
            sync(handle)

        def opening(handle, mode="r", *arguments, **options):
            file = fdopen(handle, mode, *arguments, **options)
            path = _path_of(handle)
            return TornFile(file, self, path) if path.startswith(str(root)) else file

        os.fsync, os.fdopen = syncing, opening

    def _heed(self, event: str, arguments: tuple, root: str) -> None:
        if event in _CHANGES or (event == "open" and _writes(arguments)):
            path = arguments[0]
            if isinstance(path, int):
                path = _path_of(path)
            if str(path).startswith(root):
                self.cross(f"{event} {_inside(str(path), root)}")


class TornFile(io.RawIOBase):
    """A file whose every piece is written in two halves, with a boundary before and between."""

    def __init__(self, file, boundaries: Boundaries, path: str) -> None:
        self._file, self._boundaries = file, boundaries
        self._name = starred(Path(path).name)

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        half, written = len(data) // 2, 0
        for piece, which in ((data[:half], "first"), (data[half:], "second")):
            self._boundaries.cross(f"write {which} half of {self._name}")
            taken = self._file.write(piece)
            self._file.flush()
            written += taken
            if taken < len(piece):  # a disk that is full takes what it has room for
                break
        return written

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()
        super().close()


def _path_of(handle: int) -> str:
    return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115 — a Path would resolve nothing more


def _inside(path: str, root: str) -> str:
    return starred(path.removeprefix(root))


def _writes(arguments: tuple) -> bool:
    return isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
