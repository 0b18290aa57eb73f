"""What nobody foresaw, told without a subject's value.

Messages of other libraries may quote the data. They are written to a file beside the data; what
goes up (to Prefect, to the screen) names the step, the kind of error and that file.
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdtmflow.errors import SdtmflowError

_PASSING = (SdtmflowError, ConnectionError, TimeoutError)


class UnforeseenError(SdtmflowError):
    """A step stopped for a reason that is no user's mistake: a defect of ours, or the machine."""


@contextmanager
def plainly(label: str, crashes: Path) -> Iterator[None]:
    """Let our own errors and those of the network through; turn any other into one plain line."""
    try:
        yield
    except _PASSING:
        raise
    except Exception as error:  # noqa: BLE001 — the one place that must let no message through
        raise _told(label, error, crashes) from None


def _told(label: str, error: Exception, crashes: Path) -> UnforeseenError:
    name = f"{re.sub(r'[^A-Za-z0-9]+', '-', label)}-{_digest(error)}.txt"
    crashes.mkdir(parents=True, exist_ok=True)
    (crashes / name).write_text(traceback.format_exc(), encoding="utf-8")
    return UnforeseenError(
        f"stopped at an unforeseen {type(error).__name__}",
        place=label,
        remedy=f"the details are in work/crashes/{name} (may hold subject data)",
    )


def _digest(error: Exception) -> str:
    """Tells failures apart; alike wherever the same code fails, for a bundle's gaps quote it."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename).name, frame.lineno, frame.name) for frame in frames]
    return hashlib.sha256(repr((type(error).__name__, places)).encode()).hexdigest()[:8]
