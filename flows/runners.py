"""Where task runs run: threads of this process, processes of this machine, or a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from sdtmflow.pipeline.pool import CHECKING, processes

Runner = Literal["threads", "processes", "dask"]
RunnerFactory = Callable[[], TaskRunner[Any]]


@contextmanager
def task_runners(runner: Runner, dask_scheduler: str = "") -> Iterator[RunnerFactory]:
    """A maker of task runners of this kind, one for each subflow.

    ``dask_scheduler`` is the address of a running cluster; empty starts one on this machine that
    ends with the run.
    """
    workers = os.cpu_count() or 1
    if runner == "dask":
        with _dask_cluster(dask_scheduler, workers) as address:
            yield lambda: _dask_runner(address)
    elif runner == "processes":
        with processes(workers, CHECKING):
            yield lambda: _threads(workers)
    else:
        yield lambda: _threads(workers)


def _threads(workers: int) -> TaskRunner[Any]:
    """Threads also wait for stores, files and processes, so there are more of them than cores."""
    return ThreadPoolTaskRunner(max_workers=2 * workers)


def _dask_runner(address: str) -> TaskRunner[Any]:
    from prefect_dask.task_runners import DaskTaskRunner

    return DaskTaskRunner(address=address)


@contextmanager
def _dask_cluster(scheduler: str, workers: int) -> Iterator[str]:
    if scheduler:
        yield scheduler
        return
    from distributed import LocalCluster

    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address
