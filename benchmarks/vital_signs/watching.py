"""What a process and all that it started use: CPU seconds, and memory at its peak.

Watching costs CPU as well: its own thread's time does not count, and the share of each process in
the memory, which the system finds out page by page, is asked only where the processes have grown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

_INTERVAL = 0.05
"""Seconds between two looks."""
_GROWTH = 1.01
"""How much more than at any look before must be resident for the shares to be asked again."""


@dataclass
class Usage:
    """What was used between the begin and the end of ``watched``."""

    seconds: float = 0
    peak: int = 0
    """Bytes of all processes together; a page that several share counts once (Linux)."""
    peak_of_one: int = 0
    """Bytes of the largest process."""
    _times: dict[int, float] = field(default_factory=dict)
    _resident: int = 0
    """Bytes that were resident when the shares were asked last."""

    @property
    def cpu(self) -> float:
        """CPU seconds of all processes."""
        return sum(self._times.values())

    def look(self, root: psutil.Process, not_counted: float) -> None:
        """Note what the processes use now; ``not_counted`` are CPU seconds of ``root``."""
        resident = 0
        processes = [root, *root.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                spent = process.cpu_times()
                earlier = not_counted if process.pid == root.pid else 0
                self._times[process.pid] = spent.user + spent.system - earlier
                resident += process.memory_info().rss
        if resident > _GROWTH * self._resident:
            self._resident = resident
            self._ask(processes)

    def _ask(self, processes: Sequence[psutil.Process]) -> None:
        """Note the memory of each process and of all together."""
        shares = [0]
        for process in processes:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                shares.append(_memory(process))
        self.peak = max(self.peak, sum(shares))
        self.peak_of_one = max(self.peak_of_one, *shares)


def _memory(process: psutil.Process) -> int:
    """The process's share of the memory where the system tells it, else what is resident."""
    found = process.memory_full_info()
    return int(getattr(found, "pss", 0) or found.rss)


@contextmanager
def watched() -> Iterator[Usage]:
    """Watch this process and its children until the end of the block."""
    root, usage, stop = psutil.Process(), Usage(), threading.Event()
    times = root.cpu_times()
    before, start = times.user + times.system, time.perf_counter()

    def watch() -> None:
        while not stop.wait(_INTERVAL):
            usage.look(root, before + time.thread_time())
        usage.seconds = time.perf_counter() - start
        usage.look(root, before + time.thread_time())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield usage
    finally:
        stop.set()
        thread.join()
