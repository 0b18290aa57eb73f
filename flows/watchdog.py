"""Ends what a run has started where the run itself was killed: Prefect's own server above all.

Prefect ends its temporary server when Python exits; a process that is killed does not come to that,
and the server would stay until the next restart of the machine. So a run carries a mark in its
environment, which every program that it starts inherits, and this program, which the run starts as
well, waits for the run to go and then ends whatever still carries the mark.

Run as a program of its own; it imports nothing but the standard library. Processes are found in
``/proc``: where there is none (macOS, Windows), nothing is watched.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MARK = "SDTMFLOW_RUN_MARK"
"""The environment variable that a run's processes inherit."""
_PROCESSES = Path("/proc")
_EVERY = 0.5
"""Seconds between two looks at the run."""
_PATIENCE = 10.0
"""Seconds that a process has to end by itself."""


@contextmanager
def watched() -> Iterator[None]:
    """Inside, programs that this process starts do not outlive it."""
    if not _PROCESSES.is_dir():
        yield
        return
    nothing = subprocess.DEVNULL
    own = {name: value for name, value in os.environ.items() if name != MARK}
    mark = os.environ[MARK] = secrets.token_hex(16)
    # A session of its own: Ctrl-C is for the run, which ends its programs itself.
    program = [sys.executable, "-I", __file__, str(os.getpid()), mark]
    watch = subprocess.Popen(  # noqa: S603 — ours
        program, env=own, start_new_session=True, stdin=nothing, stdout=nothing, stderr=nothing
    )
    try:
        yield
    except KeyboardInterrupt:
        raise  # whoever started us may now end in any way: the watch stays until then
    except BaseException:
        _dismiss(watch)
        raise
    _dismiss(watch)


def _dismiss(watch: subprocess.Popen[bytes]) -> None:
    os.environ.pop(MARK, None)
    watch.terminate()
    watch.wait()


def marked(mark: str) -> list[int]:
    """The processes that carry the mark."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for path in _PROCESSES.glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or is another user's
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return sorted(found)


def _end(mark: str) -> None:
    """Ask them to end, then make them."""
    last = time.monotonic() + _PATIENCE
    while left := marked(mark):
        force = signal.SIGTERM if time.monotonic() < last else signal.SIGKILL
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, force)
        time.sleep(_EVERY)


def main(run: int, mark: str) -> None:
    """Wait until the run, our parent, has gone."""
    while os.getppid() == run:
        time.sleep(_EVERY)
    _end(mark)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
