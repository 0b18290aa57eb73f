"""Publishers and readers as real processes, forked in milliseconds by one that is warm.

The warm process is this module run as a program. It imports everything, opens and probes each
store once, and forks a child for each job that comes with a socket of its own; it ends when the
tests do. Waits between two tries of a request take a fiftieth of their time there.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).parents[3]
_HURRY = 50


class Process:
    """A job under way in a process of its own."""

    def __init__(self, talk: Connection) -> None:
        self._talk = talk
        self.pid: int = talk.recv()

    def go(self) -> None:
        """The word that a waiting process waits for, and a watching one ends at."""
        self._talk.send("go")

    def kill(self) -> None:
        """SIGKILL; a process that has told its ending lives until ``ending`` was asked for."""
        os.kill(self.pid, signal.SIGKILL)

    def ending(self):
        """How it ended (``jobs.Ending``)."""
        from tests.integration.faults.jobs import Killed

        try:
            return self._talk.recv() if self._talk.poll(120) else _hangs(self.pid)
        except (EOFError, ConnectionResetError):
            return Killed()
        finally:
            self._talk.close()


def _hangs(pid: int):
    os.kill(pid, signal.SIGKILL)
    raise AssertionError(f"process {pid} hangs")


class Warm:
    """The test's end of the warm process."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def start(self, job) -> Process:
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"job"], [theirs.fileno()])
        talk = Connection(ours.detach())
        talk.send(job)
        return Process(talk)


@contextmanager
def warm_process() -> Iterator[Warm]:
    ours, theirs = socket.socketpair()
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.faults.processes", str(theirs.fileno())],
        cwd=ROOT,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    try:
        with ours:
            yield Warm(ours)
    finally:
        server.wait(30)


def serve(control: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    stores: dict = {}
    while handles := socket.recv_fds(control, 8, 1)[1]:
        talk = Connection(handles[0])
        job = talk.recv()
        store = _opened(job, stores)
        if os.fork() == 0:
            control.close()
            _work(talk, job, store)
        talk.close()


def _opened(job, stores: dict):
    """The store, opened and probed before the fork; no connection of it is shared by processes."""
    from sdtmflow.errors import SdtmflowError
    from sdtmflow.settings import Settings
    from sdtmflow.store import open_store

    key = (job.url, job.probed, tuple(sorted(job.environ.items())))
    if key not in stores:
        store = open_store(job.url, Path("/"), Settings.read(job.environ))
        if job.probed:
            with suppress(SdtmflowError):  # the job will meet it again, and tell
                store.probe()
            if hasattr(store, "client"):
                for client in (store.clients.usual, store.clients.sender):
                    client._endpoint.http_session.close()
        stores[key] = store
    return stores[key]


def _work(talk: Connection, job, store) -> None:
    """Do the job, tell how it ended, and wait until that was heard: the pid is ours till then."""
    from tests.integration.faults.jobs import Crashed

    try:
        talk.send(os.getpid())
        if job.waits:
            talk.recv()
        try:
            ending = _ending(talk, job, store)
        except BaseException:  # noqa: BLE001 — the test is told, whatever it was
            ending = Crashed(traceback.format_exc())
        talk.send(ending)
        talk.poll(120)
    finally:
        os._exit(0)


def _ending(talk: Connection, job, store):
    from sdtmflow.errors import SdtmflowError
    from tests.integration.faults.boundaries import Boundaries
    from tests.integration.faults.jobs import JOBS, Done, Refused

    boundaries = Boundaries(job.fatal)
    boundaries.watch_requests()
    if store.local_path("x") is not None:
        boundaries.watch_files(store.root)
    if job.file_limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails instead
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.file_limit, job.file_limit))
    os.environ.update(job.environ)
    try:
        answer = JOBS[job.name](store, job.study, talk, **job.options)
    except SdtmflowError as error:
        return Refused(error.exit_code, str(error))
    return Done(answer, tuple(boundaries.passed))


def _hurry() -> None:
    """Must come before the first import of what binds ``time.sleep``."""
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(seconds / _HURRY)


if __name__ == "__main__":
    _hurry()
    for needed in ("cli.main", "sdtmflow.store.s3", "tests.integration.faults.jobs"):
        import_module(needed)
    with socket.socket(fileno=int(sys.argv[1])) as given:
        serve(given)
