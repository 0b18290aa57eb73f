"""Second copies of a series' entries, in the part of the store that can be locked.

A mirror is written after its entry. So one that is missing is a crash's trace, mended by the next
writer; an entry that is missing although its mirror is there was lost or removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sdtmflow.store.protocol import Store, Stored, entry_key, entry_number, read_object

_READERS = 8
"""Mirrors at a time."""
_ENDING = ".json"
Entries = TypeVar("Entries")
"""However they are read: raw, or parsed."""


def mirrored(store: Store, series: str) -> dict[int, bytes]:
    """Number → the mirror of that entry, ascending."""
    numbers = mirrored_numbers(store, series)
    with ThreadPoolExecutor(_READERS) as pool:
        found = pool.map(
            lambda number: read_object(store, Stored(mirror_key(series, number))), numbers
        )
        return dict(zip(numbers, found, strict=True))


def mirrored_before(
    store: Store, series: str, read: Callable[[], Entries]
) -> tuple[dict[int, bytes], Entries]:
    """The mirrors, and then what ``read`` gives of the series.

    In this order: others go on writing, and an entry of meanwhile has no mirror yet, which is no
    fault; a mirror without its entry would be one.
    """
    return mirrored(store, series), read()


def mirrored_numbers(store: Store, series: str) -> list[int]:
    """The entries that have a mirror, ascending."""
    folder = f"{series.rpartition('/')[0]}/"
    keys = (key.removesuffix(_ENDING) for key in store.keys(folder) if key.endswith(_ENDING))
    return sorted(n for key in keys if (n := entry_number(series, key)) is not None)


def write_mirrors(store: Store, series: str, entries: Mapping[int, bytes]) -> None:
    """Mirror those of ``entries`` (number → bytes) that have no mirror yet."""
    for number, data in entries.items():
        key = mirror_key(series, number)
        if store.current(key) is None:
            store.put_bytes(key, data)


def mirror_key(series: str, number: int) -> str:
    """``claims/TRIAL/v``, 7 → ``claims/TRIAL/v0007.json``."""
    return entry_key(series, number) + _ENDING
