"""How much of a transfer is done, told to whoever watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from sdtmflow.bundle.verifier import Progress

__all__ = ["Meter", "Progress", "unseen", "watched_by", "watcher"]


def unseen(done: int, total: int) -> None:
    """A ``Progress`` that nobody watches."""


_watcher: ContextVar[Progress] = ContextVar("watcher", default=unseen)


@contextmanager
def watched_by(progress: Progress) -> Iterator[None]:
    """Publications inside tell ``progress``: Prefect, which runs them, hands on no functions."""
    token = _watcher.set(progress)
    try:
        yield
    finally:
        _watcher.reset(token)


def watcher() -> Progress:
    """Whom ``watched_by`` has named here."""
    return _watcher.get()


class Meter:
    """Counts what any number of threads have moved, of ``total`` bytes."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._lock = Lock()
        progress(0, total)

    def moved(self, count: int) -> None:
        """So many bytes more; fewer than none where some must be moved again."""
        with self._lock:
            self._done += count
            self._progress(self._done, self._total)
