"""Ctrl-C: whatever the work is doing, the command ends within seconds, with one line.

The work is asked to end by KeyboardInterrupt. It may be deaf to it: code that is not Python's runs
to its end first, and libraries wait for their threads, swallow the interrupt, or take it for an
error of their own. So a thread of ours hears it as well, waits, and then ends the process. That is
safe: nothing that is written is ever half-written, as for a process that is killed.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Exit code, as a shell gives it."""
_PATIENCE = 6.0
"""Seconds that the work has to end by itself."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, an interrupt ends the process with one line on standard error, and nothing else.

    So it does where the work ended by another error, or went on to its end. What is left to do
    when Python exits is not done (Prefect's is to wait for its threads): flows.watchdog ends what
    a run has started.
    """
    interrupt = _Interrupt()
    try:
        yield
    except BaseException:
        if not interrupt.came:
            interrupt.unhook()
            raise
    if interrupt.came:
        interrupt.end()
    interrupt.unhook()


@contextmanager
def leaving(what: str) -> Iterator[None]:
    """Inside, the line says ``what`` is left of the work."""
    global _left  # noqa: PLW0603 — a process has one line, which two threads may tell
    before, _left = _left, what
    yield
    _left = before


_left = ""


class _Interrupt:
    """Hears the interrupts of this process until it is unhooked."""

    def __init__(self) -> None:
        self.came = False
        self._telling = threading.Lock()
        self._stderr = os.dup(2)
        self._hear, self._speak = os.pipe()
        os.set_blocking(self._speak, False)
        self._before = signal.signal(signal.SIGINT, self._raise)
        # Python's own handler waits for the main thread; this is done at once.
        self._woken_before = signal.set_wakeup_fd(self._speak, warn_on_full_buffer=False)
        threading.Thread(target=self._listen, daemon=True).start()

    def unhook(self) -> None:
        """Leave interrupts to whom they were left before."""
        signal.signal(signal.SIGINT, self._before)
        signal.set_wakeup_fd(self._woken_before)
        os.close(self._speak)
        os.close(self._stderr)

    def end(self) -> NoReturn:
        """Print the line, and be gone."""
        with self._telling:  # by whoever is first
            restored = "\x1b[?25h\n" if os.isatty(self._stderr) else ""  # the cursor
            os.write(self._stderr, f"{restored}interrupted{_left}\n".encode())
            os._exit(INTERRUPTED)

    def _raise(self, _number: int, _frame: FrameType | None) -> None:
        first, self.came = not self.came, True
        self._silence()
        if first:
            raise KeyboardInterrupt

    def _silence(self) -> None:
        """What is still told of the work is of its ruins: traces, complaints, a last picture."""
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2)
        os.close(nothing)

    def _listen(self) -> None:
        """Wait for an interrupt; then for the end of our patience, or for another."""
        while data := os.read(self._hear, 1):
            if data[0] == signal.SIGINT:
                select.select([self._hear], [], [], _PATIENCE)
                self.end()
        os.close(self._hear)
