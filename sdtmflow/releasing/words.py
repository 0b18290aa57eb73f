"""What people write beside a signature (one line each, and never nothing), and how long to keep."""

from __future__ import annotations

import datetime as dt

from sdtmflow.errors import SdtmflowError, StudyError, UsageError
from sdtmflow.retention import kept_until

_LONGEST = 500


def required_words(option: str, text: str) -> str:
    """``text`` as one line. Raises UsageError where it is empty, several lines, or too long."""
    words = text.strip()
    if not words or len(words) > _LONGEST or not words.isprintable():
        raise UsageError(
            f"--{option} is one line of 1 to {_LONGEST} characters",
            remedy="it is kept in the audit log for good: write it for who will read it there",
        )
    return words


def end_of(
    retention: str, now: dt.datetime, place: str, wrong: type[SdtmflowError] = StudyError
) -> dt.datetime:
    """When a retention that begins ``now`` ends (``kept_until``); ``place`` is where it stands.

    Raises ``wrong`` where it is none, or not ahead.
    """
    try:
        return kept_until(retention, now)
    except ValueError as error:
        message, _, remedy = str(error).partition("; ")
        raise wrong(message, place=place, remedy=remedy) from None
