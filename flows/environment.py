"""Prefect's settings for our runs; import this before anything of Prefect.

Only defaults are given: what the user's environment or profile says, stays.
"""

from __future__ import annotations

import os

DEFAULTS = {
    # Patients' data systems do not phone home.
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "GX_ANALYTICS_ENABLED": "false",
    # A first start makes the database and needs more than the 20 s that Prefect allows.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    # One commit an event makes SQLite stall and lose records after a burst of task runs.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    # Whole seconds: Prefect cuts the fraction off, and with 0 the server spins on a core.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}
QUIET = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
"""Prefect's own log goes to its API; the screen is ours."""


def prepare(*, quiet: bool) -> None:
    """Set the defaults for this process and the server that it may start."""
    for name, value in {**DEFAULTS, **(QUIET if quiet else {})}.items():
        os.environ.setdefault(name, value)
