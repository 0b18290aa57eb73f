"""What a manifest says of each source: enough to take the same in again, without any of its files.

Every SHA-256 here is of a snapshot in the store (``sdtmflow.store.snapshots``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from sdtmflow.record import ADDED, Hashes, Record, Sha256


class Sent(Record):
    """One delivery as it was sent; archives are named as such, not by what they hold."""

    key: Sha256
    """``delivery_key``: over names, bytes, the source's settings and the readers' code."""
    files: Hashes
    """Delivered name → SHA-256."""
    passed_over: tuple[str, ...] = ()
    """Names of files that may be data and were not even looked at."""
    settings: dict[str, Any] = {}
    """What study.yaml said of the source when it was read; empty where it still said so
    when the bundle was made."""


class Delivery(Record):
    """What was there of a source when the bundle was made, and what was used of it."""

    source: str
    key: Sha256
    """``delivery_key`` of what was there; it is part of ``inputs_key``."""
    failed: str = ""
    """Why it could not be collected."""
    used: Sent | None
    """What was collected: of a source that failed, its last good delivery, or nothing."""
    before: Sha256 | None = None
    """In bundles of earlier versions: the report on the source's delivery before this one."""
    last: Annotated[Sent | None, ADDED] = None
    """The delivery before this one, which it was compared with. A bundle whose delivery is still
    the same as in the bundle before it was compared with the same one again."""
    not_compared: Annotated[str, ADDED] = ""
    """Why there is no ``last`` although an earlier bundle had another delivery."""

    def snapshots(self) -> Iterator[tuple[str, str]]:
        """(name, SHA-256) of each."""
        for name, sha256 in self.used.files.items() if self.used else ():
            yield f"{name} ({self.source})", sha256
        for name, sha256 in self.last.files.items() if self.last else ():
            yield f"{name} ({self.source}, the delivery before)", sha256
        if self.before:
            yield f"report on the delivery before ({self.source})", self.before
