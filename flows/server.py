"""Prefect's own server, started where the Ctrl-C that is meant for the run does not reach it."""

from __future__ import annotations

import signal
from concurrent.futures import Future
from threading import Thread

from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_EPHEMERAL_ENABLED


def start_server() -> None:
    """Start the server that Prefect would start by itself, unless another one is named.

    A terminal sends Ctrl-C to the server too, and a run whose server is gone cannot end in peace.
    What a program blocks stays blocked in those that it starts, so the server never hears it; it
    is ended by SIGTERM, as ever. Only the thread that starts it is deaf meanwhile: this one is not.
    """
    if PREFECT_API_URL.value() or not PREFECT_SERVER_EPHEMERAL_ENABLED.value():
        return
    started: Future[None] = Future()
    Thread(target=_start_deaf, args=(started,), daemon=True).start()
    started.result()


def _start_deaf(started: Future[None]) -> None:
    try:
        if hasattr(signal, "pthread_sigmask"):  # not on Windows
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        SubprocessASGIServer().start()
    except BaseException as error:  # noqa: BLE001 — it is raised where it is waited for
        started.set_exception(error)
    else:
        started.set_result(None)
