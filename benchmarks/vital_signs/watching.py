"""What a process and all that it started use: CPU seconds, and memory at its peak."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

_INTERVAL = 0.05
"""Seconds between two looks."""


@dataclass
class Usage:
    """What was used between the begin and the end of ``watched``."""

    seconds: float = 0
    peak: int = 0
    """Bytes of all processes together; a page that several share counts once (Linux)."""
    peak_of_one: int = 0
    """Bytes of the largest process."""
    _times: dict[int, float] = field(default_factory=dict)

    @property
    def cpu(self) -> float:
        """CPU seconds of all processes."""
        return sum(self._times.values())

    def look(self, root: psutil.Process, before: float) -> None:
        """Note what the processes use now; ``before`` is the CPU that ``root`` used earlier."""
        resident = []
        for process in [root, *root.children(recursive=True)]:
            try:
                spent, memory = process.cpu_times(), _memory(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            earlier = before if process.pid == root.pid else 0
            self._times[process.pid] = spent.user + spent.system - earlier
            resident.append(memory)
        self.peak = max(self.peak, sum(resident))
        self.peak_of_one = max(self.peak_of_one, *resident)


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
            usage.look(root, before)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield usage
    finally:
        stop.set()
        thread.join()
        usage.seconds = time.perf_counter() - start
        usage.look(root, before)
