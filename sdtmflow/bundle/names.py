"""Names that a folder's disk cannot hold, or cannot hold apart."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from sdtmflow.bundle.manifest import CLAIM
from sdtmflow.errors import StoreError

_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789"),
}
"""Windows opens these in place of a file, whatever comes after a dot."""
_REFUSED = set('<>:"|?*') | {chr(code) for code in range(32)}


def require_holdable(paths: Iterable[str], folder: Path) -> None:
    """Raises StoreError for the first path that ``folder``, which has a claim, cannot hold."""
    folds = (folder / CLAIM.upper()).exists()
    problem = first_problem(paths, folds=folds, windows=os.name == "nt")
    if problem:
        raise StoreError(
            problem, place=str(folder), remedy="download with --zip, or to a disk of another kind"
        )


def first_problem(paths: Iterable[str], *, folds: bool, windows: bool) -> str:
    """What is wrong with the first path that cannot be held; empty where all can.

    ``folds``: the disk takes A and a for the same name, as those of Windows and macOS mostly do.
    """
    seen: dict[str, str] = {}
    for path in paths:
        if windows and any(_is_refused(part) for part in path.split("/")):
            return f"Windows can hold no file of the name {path}"
        other = seen.setdefault(path.casefold() if folds else path, path)
        if other != path:
            return f"this disk takes {other} and {path} for the same file"
    return ""


def _is_refused(part: str) -> bool:
    is_device = part.partition(".")[0].rstrip().lower() in _DEVICES
    return is_device or part[-1:] in {".", " "} or not _REFUSED.isdisjoint(part)
