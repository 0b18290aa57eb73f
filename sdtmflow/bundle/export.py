"""A bundle's eCTD sequence alone, as the publishing group gets it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from sdtmflow.audit import Actor
from sdtmflow.bundle.download import begin_download, fetch
from sdtmflow.bundle.meter import Progress, unseen
from sdtmflow.errors import StoreError, UsageError
from sdtmflow.store.disk import disk_errors
from sdtmflow.store.protocol import Store

PARTS = ("index.xml", "index-md5.txt", "m5")
"""What of a bundle is the submission."""
_SEQUENCE = re.compile(r"\d{4}")
_DOWNLOAD = ".download"


def export_sequence(
    store: Store,
    study_id: str,
    version: str,
    to: Path,
    sequence: str,
    *,
    actor: Actor | None = None,
    progress: Progress = unseen,
) -> Path:
    """Write the sequence of a bundle as ``to/sequence``, verified byte by byte; returns its folder.

    A broken export goes on where it stopped; the audit log has each as a download. Raises
    UsageError where ``sequence`` is not four digits, StoreError where ``to/sequence`` exists or the
    bundle was published without an index; as ``download`` does for the rest.
    """
    if not _SEQUENCE.fullmatch(sequence):
        raise UsageError(f"'{sequence}' is no sequence", remedy="write four digits, such as 0001")
    folder, arriving = to / sequence, to / _DOWNLOAD
    if folder.exists():
        raise StoreError("the sequence is there already", place=str(folder), remedy="name another")
    bundle = begin_download(
        store, study_id, version, PARTS, actor=actor, form=f"eCTD sequence {sequence}"
    )
    fetch(store, bundle, arriving, PARTS, progress=progress)
    with disk_errors(folder):
        folder.mkdir()
        for part in PARTS:
            (arriving / part).rename(folder / part)
        shutil.rmtree(arriving)
    return folder
