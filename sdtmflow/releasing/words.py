"""What people write beside a signature: one line each, and never nothing."""

from __future__ import annotations

from sdtmflow.errors import SdtmflowError

_LONGEST = 500


def required_words(option: str, text: str) -> str:
    """``text`` as one line. Raises SdtmflowError where it is empty, several lines, or too long."""
    words = text.strip()
    if not words or len(words) > _LONGEST or not words.isprintable():
        raise SdtmflowError(
            f"--{option} is one line of 1 to {_LONGEST} characters",
            remedy="it is kept in the audit log for good: write it for who will read it there",
        )
    return words
