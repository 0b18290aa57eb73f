"""From what the user wrote after ``--store`` to a store."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from sdtmflow.errors import StoreError
from sdtmflow.settings import Settings
from sdtmflow.store.local import LocalStore
from sdtmflow.store.protocol import Store


def open_store(url: str, base: Path, settings: Settings | None = None) -> Store:
    """The store at ``url``: a folder (relative ones from ``base``), ``file://…`` or ``s3://…``.

    ``settings`` are the environment's where none are given. Nothing is contacted or written yet.
    Raises StoreError where ``url`` is no store's address.
    """
    if url.startswith("s3://"):
        from sdtmflow.store.s3 import open_s3

        return open_s3(url, settings or Settings.read())
    if url.startswith("file://"):
        return LocalStore(Path(unquote(urlsplit(url).path)))
    if "://" in url or url.startswith(("s3:", "file:")) or not url.strip():
        told = url.rpartition("@")[2].partition("?")[0]  # before and after it may be secrets
        raise StoreError(
            f"'{told}' is no store",
            remedy="write a folder, or s3://bucket/prefix",
        )
    return LocalStore((base / Path(url).expanduser()).absolute())
