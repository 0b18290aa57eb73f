"""Findings as people name them: by the beginning of a fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sdtmflow.errors import RegisterError

SHOWN_DIGITS = 8
"""Digits of a fingerprint that lists show; fewer do, where no other finding begins like it."""


def fingerprints_of(known: Iterable[str], prefixes: Sequence[str]) -> list[str]:
    """The fingerprints that begin so, each once, in the order given.

    Raises RegisterError for one that none or several begin with.
    """
    ordered = sorted(known)
    return list(dict.fromkeys(_one(ordered, prefix.strip().lower()) for prefix in prefixes))


def _one(known: Sequence[str], prefix: str) -> str:
    found = [each for each in known if each.startswith(prefix)] if prefix else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise RegisterError(
            "the study has no such finding",
            place=f"finding '{prefix}'",
            remedy="`sdtmflow findings --format csv` lists the fingerprints",
        )
    raise RegisterError(
        f"{len(found):,} findings begin like this ({found[0]}, {found[1]}, …)",
        place=f"finding '{prefix}'",
        remedy="write more digits of the one that is meant",
    )
