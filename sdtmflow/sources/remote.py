"""Deliveries that lie in S3: one object, or everything under a prefix."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sdtmflow.errors import DeliveryError, StoreError
from sdtmflow.store.opening import open_store
from sdtmflow.store.protocol import Store, Stored


def is_remote(path: str) -> bool:
    """Whether a source's ``path`` is an address in S3."""
    return path.startswith("s3://")


def fetched(url: str, into: Path) -> dict[str, Path]:
    """Name below the prefix → local copy in ``into``, which holds nothing else afterwards.

    Empty where there is no such object. Raises DeliveryError where the store cannot be read.
    """
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    try:
        store, keys = _found(url)
        return {key: _download(store, key, into / str(n)) for n, key in enumerate(keys)}
    except StoreError as error:
        raise DeliveryError(error.message, place=error.place, remedy=error.remedy) from error


def _found(url: str) -> tuple[Store, list[str]]:
    """Everything under the address; else the one object that it names."""
    store = open_store(url, Path())
    below = [key for key in store.keys("") if not key.endswith("/")]
    if below:
        return store, sorted(below)
    parts = urlsplit(url)
    prefix, _, name = parts.path.rpartition("/")
    beside = open_store(urlunsplit(parts._replace(path=prefix)), Path())
    return beside, [name] if name and beside.current(name) else []


def _download(store: Store, key: str, path: Path) -> Path:
    with path.open("wb") as out:
        out.writelines(store.chunks(Stored(key)))
    return path
