"""What a study's own code prints, warns of or logs while it sees patients' records: not shown.

Standard output and error, and Python's log, belong to the whole process, whose other threads go on
speaking: only what is said inside ``hushed`` is swallowed.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_is_hushed: ContextVar[bool] = ContextVar("hushed", default=False)
_SILENCED = "(what a derivation logs is not kept: it may hold a subject's value)"


class _Stream:
    """A stream that is deaf inside ``hushed``, and the stream itself everywhere else."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if _is_hushed.get() else int(self._stream.write(text))

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Streams:
    """The process's streams, replaced while anybody is hushed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hushed = 0
        self._kept: tuple[Any, Any] = (None, None)

    def enter(self) -> None:
        """Put deaf streams in their place, if nobody has."""
        with self._lock:
            self._hushed += 1
            if self._hushed == 1:
                self._kept = sys.stdout, sys.stderr
                sys.stdout, sys.stderr = _Stream(sys.stdout), _Stream(sys.stderr)

    def leave(self) -> None:
        """Give them back, if nobody needs the deaf ones any more."""
        with self._lock:
            self._hushed -= 1
            if self._hushed == 0:
                sys.stdout, sys.stderr = self._kept


_streams = _Streams()
_made_by = logging.getLogRecordFactory()


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _made_by(*args, **kwargs)
    if _is_hushed.get():
        record.msg, record.args, record.exc_info = _SILENCED, (), None
    return record


logging.setLogRecordFactory(_record)


@contextmanager
def hushed() -> Iterator[None]:
    """Inside, this thread's code says nothing that anybody can read."""
    token = _is_hushed.set(True)
    _streams.enter()
    try:
        yield
    finally:
        _streams.leave()
        _is_hushed.reset(token)
