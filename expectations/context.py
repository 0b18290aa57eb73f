"""Great Expectations' data context as we use it: in memory, silent, without telemetry."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Patient data systems do not phone home.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

_ONE_AT_A_TIME = threading.Lock()
"""A GX context registers itself globally: threads take turns, processes do not need to."""


@contextmanager
def context() -> Iterator[AbstractDataContext]:
    """A context for one validation or one build of pages."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    memory = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)  # no folders left in /tmp
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = gx.get_context(
            mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=memory)
        )
        made.variables.progress_bars = ProgressBarsConfig(globally=False)
        yield made
