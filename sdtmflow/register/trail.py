"""The audit trail: every change of a finding, each entry with the hash of the one before it.

The database's triggers keep entries from being changed or removed by whoever uses it as we do; the
chain shows what somebody with more rights has done all the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sdtmflow.audit import Actor
from sdtmflow.register.tables import AUDIT

HASHED = tuple(column.name for column in AUDIT.columns if column.name not in {"study", "digest"})
"""What an entry's digest is over, in this order, after the digest of the entry before it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number (0 before the first) and its digest."""

    entries: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who acts and when; ``run`` is the number of the run that does it, 0 where a person does."""

    actor: Actor
    time: str
    run: int = 0


def chained(
    entries: Iterable[Mapping[str, Any]], study: str, by: Signed, head: Head
) -> tuple[list[dict[str, Any]], Head]:
    """Rows of the audit table that follow ``head``, and the head after them."""
    rows = []
    number, digest = head.entries, head.digest
    for entry in entries:
        number += 1
        row = {
            "number": number,
            "time": by.time,
            "who": by.actor.name,
            "account": by.actor.account,
            "run": by.run,
            **entry,
        }
        digest = digest_of(row, digest)
        rows.append({"study": study, **row, "digest": digest})
    return rows, Head(number, digest)


def digest_of(row: Mapping[str, Any], before: str) -> str:
    """SHA-256 of an entry that follows the one with digest ``before``."""
    text = json.dumps([before, *(row[name] for name in HASHED)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def faults(rows: Iterable[Mapping[str, Any]], head: Head) -> Iterator[str]:
    """What is wrong with a trail (oldest entry first) that should end at ``head``."""
    number, digest = 0, ""
    for row in rows:
        number += 1
        if row["number"] != number:
            yield f"entry {number} was removed: later ones are there"
            number = row["number"]
        elif row["digest"] != digest_of(row, digest):
            yield f"entry {number} was changed, or does not follow the one before it"
        digest = row["digest"]
    if Head(number, digest) != head:
        yield f"the trail ends at entry {number}, and should end at {head.entries}"
