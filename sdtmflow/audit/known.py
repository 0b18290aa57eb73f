"""What this machine remembers of the logs that it has seen: trust on first use, as ssh does."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from sdtmflow.audit.check import Seen
from sdtmflow.audit.event import Head
from sdtmflow.audit.log import broken, chained, last_event, log_series
from sdtmflow.record import Record
from sdtmflow.store.protocol import Store, sha256_of


class _Heads(Record):
    """Store → the newest entry that was seen there."""

    heads: dict[str, Head] = {}


class KnownHeads:
    """The heads that ``file`` holds; one that is lost or damaged means: nothing seen yet.

    Without a file nothing is remembered. A store goes by its ``identity``; files of earlier
    versions have its ``url``, which counts until the same log was seen once more.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def of(self, store: Store) -> Seen | None:
        """The newest entry that was seen in this store."""
        heads = self._read().heads
        head = heads.get(store.identity) or heads.get(store.url)
        return Seen(head, "what this machine has seen") if head else None

    def follow(self, store: Store, study_id: str) -> None:
        """Remember the log's newest entry, if the one that was seen before is still below it.

        Reads the log from there on only. Raises StoreError, and VerificationError where what was
        seen is gone or another, or what came after does not follow it.
        """
        seen = self.of(store)
        if seen is None:
            newest = last_event(store, study_id)
            if newest:
                self.remember(store, newest.head)
            return
        number, sha256 = seen.head.number, seen.head.sha256
        tail = store.entries(log_series(study_id), after=number - 1)
        if number not in tail or sha256_of([tail[number]]) != sha256:
            raise broken(store, f"entry {number} is not the one that this machine has seen")
        del tail[number]
        later = chained(store, tail, number, sha256)
        self.remember(store, later[-1].head if later else seen.head)

    def remember(self, store: Store, head: Head) -> None:
        """Remember a newer head; an older one changes nothing, nor does a folder we may not write.

        The caller has checked that ``head`` is of the log that was seen before.
        """
        heads = dict(self._read().heads)
        if store.url != store.identity:
            heads.setdefault(store.identity, heads.pop(store.url, head))
        known = heads.get(store.identity)
        if known is None or known.number < head.number:
            heads[store.identity] = head
        self._write(_Heads(heads=heads))

    def _read(self) -> _Heads:
        if self._file is None:
            return _Heads()
        try:
            return _Heads.model_validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return _Heads()

    def _write(self, heads: _Heads) -> None:
        if self._file is None or heads == self._read():
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_name(f".{self._file.name}.part")
            draft.write_bytes(heads.canonical())
            draft.replace(self._file)
