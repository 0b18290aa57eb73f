"""The remedy for an unknown name: the nearest known one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    """``did you mean …?`` where a known name is near, else ``otherwise``."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else otherwise
