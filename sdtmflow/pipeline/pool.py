"""Jobs in processes of this machine: one pool for the whole run, with the heavy imports shared.

Prefect's own process pool starts anew for every subflow and imports everything in every process;
this one is forked from a server that has imported it once.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing import forkserver
from multiprocessing.connection import wait

from sdtmflow.pipeline.run import Job
from sdtmflow.pipeline.workspace import Artifact

_PRELOADED = ("sdtmflow.pipeline.study_jobs", "sdtmflow.mapping")
"""What most jobs import; what else a run's jobs need, whoever starts the run knows."""
CHECKING = ("pandas", "expectations.gx", "expectations.own")
"""What takes seconds to import, and every check needs."""
_importing = threading.Lock()
_THREADS = 2
"""Polars threads of a process where the processes alone keep the machine busy: enough for the jobs
that run alone, too few to fight over the cores while the sites are mapped."""
_pool: ContextVar[ProcessPoolExecutor | None] = ContextVar("pool", default=None)


@contextmanager
def processes(workers: int, preloaded: Sequence[str] = ()) -> Iterator[None]:
    """Perform the jobs of this run in ``workers`` processes, which end with it.

    ``preloaded`` are modules that their jobs import: they are imported once for all of them, from
    now on, while this process goes on.
    """
    os.environ.setdefault(
        "POLARS_MAX_THREADS", str(max(_THREADS, (os.cpu_count() or 1) // workers))
    )
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*_PRELOADED, *preloaded])
    forkserver.ensure_running()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_follow_parent)
    token = _pool.set(pool)
    try:
        yield
    finally:
        _pool.reset(token)
        pool.shutdown(wait=False, cancel_futures=True)


def perform(job: Job) -> Artifact:
    """The job's artifact, made in the pool where there is one, else here."""
    pool = _pool.get()
    if pool:
        return pool.submit(job.perform).result()
    _import_together()
    return job.perform()


def _import_together() -> None:
    """The heavy imports, by one thread: two that import pandas' cycles at once lock each other."""
    with _importing:
        for name in (*CHECKING, *_PRELOADED):
            importlib.import_module(name)


def _follow_parent() -> None:
    """An interrupt is the parent's to answer; when it is gone, however it went, so are we."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
