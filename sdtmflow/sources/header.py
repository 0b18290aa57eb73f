"""Column names from a header: unique, and what had to be changed."""

from __future__ import annotations

from collections.abc import Sequence


def unique_names(sent: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """A name for every column, and a note for each blank or repeated header field.

    The first ``AETERM`` keeps its name, the second becomes ``AETERM__2``; a blank one ``column7``.
    """
    names: list[str] = []
    notes = []
    for number, name in enumerate(sent, start=1):
        unique = _free(
            name or f"column{number}", {*names, *sent[number:]} if not name else {*names}
        )
        if unique != name:
            what = f"repeats '{name}'" if name else "has no name"
            notes.append(f"header field {number} {what}; read as '{unique}'")
        names.append(unique)
    return tuple(names), notes


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(
        candidate for n in range(2, len(taken) + 3) if (candidate := f"{name}__{n}") not in taken
    )
