"""What an attempt is about to do: the fence between its claim and a sweep of its files.

Each attempt has a series of its own. A publisher writes down each claim that it is going to ask
for, and only then asks; a sweep writes down that it sweeps, and only then removes. Both want the
next number of the same series, and exactly one gets it. So however long either slept in between:

- a publisher that finds itself swept never claims;
- a sweep that finds a claim asked for leaves the attempt alone, until that version is published by
  another: then this claim cannot be granted any more.

No clock decides. ``docs/decisions`` has why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from sdtmflow.bundle.manifest import Claim
from sdtmflow.errors import StoreError
from sdtmflow.record import Record, parse
from sdtmflow.store.protocol import Exists, Store
from sdtmflow.store.snapshots import snapshot_key

ATTEMPTS = "attempts/"
_LOOKS = 8
"""Snapshots that are looked for at a time."""


class Step(Record):
    """One entry of an attempt's series: the claim it is going to ask for, or its end."""

    format: Literal[1] = 1
    attempt: str
    wants: Claim | None = None
    swept: str = ""
    """When a sweep began to remove the attempt (ISO 8601, UTC)."""


class SweptError(StoreError):
    """The publication was taken for dead and swept before it claimed its version."""


def declare(store: Store, claim: Claim, number: int) -> None:
    """Write down that ``claim`` is asked for now, as step ``number`` (from 1) of its attempt.

    Raises SweptError where a sweep was faster: then nothing may be claimed.
    """
    step = Step(attempt=claim.attempt, wants=claim)
    answer = store.append(_series(claim.study, claim.attempt), number, step.canonical())
    if isinstance(answer, Exists):
        raise SweptError(
            "this publication lasted so long that it was swept as an orphan; nothing was published",
            place=store.url,
            remedy="run again; sweep with a longer --older-than",
        )


def condemn(
    store: Store, study: str, attempt: str, taken: Mapping[int, str], now: dt.datetime
) -> bool:
    """Settle that an attempt never claims a version; False where it still may, or has.

    ``taken``: version → the attempt that has it, as read at any time before. Raises StoreError,
    VerificationError for a series that was changed.
    """
    number, step = last_step(store, study, attempt)
    if step and step.swept:
        return True
    if step and step.wants and not is_hopeless(step.wants, taken):
        return False
    end = Step(attempt=attempt, swept=now.isoformat(timespec="seconds"))
    answer = store.append(_series(study, attempt), number + 1, end.canonical())
    return not isinstance(answer, Exists)


def last_step(store: Store, study: str, attempt: str) -> tuple[int, Step | None]:
    """The number of the attempt's last step, and the step; (0, None) before the first."""
    series = _series(study, attempt)
    found = store.last_entry(series)
    if found is None:
        return 0, None
    return found[0], parse(found[1], Step, f"{store.url}: {series}")


def is_hopeless(wanted: Claim, taken: Mapping[int, str]) -> bool:
    """Whether the claim can never be granted: another attempt has its version."""
    return taken.get(wanted.version, wanted.attempt) != wanted.attempt


def require_kept(store: Store, snapshots: Mapping[str, str]) -> None:
    """Raises StoreError where the store no longer has a snapshot that the bundle was made from.

    ``snapshots`` is SHA-256 → name. Asked after each ``declare``: from then on no sweep takes one.
    """
    with ThreadPoolExecutor(_LOOKS) as pool:
        found = pool.map(lambda sha256: store.current(snapshot_key(sha256)), snapshots)
        for name, stored in zip(snapshots.values(), found, strict=True):
            if stored is None:
                raise StoreError(
                    f"the snapshot of {name} is not in the store (any more); nothing was published",
                    place=store.url,
                    remedy="run again with the delivery in its place: it is kept anew",
                )


def attempts_declared(store: Store, study: str) -> set[str]:
    """Every attempt of the study that has asked for a claim, or was swept."""
    beginning = f"{ATTEMPTS}{study}/"
    keys = store.pieces().entry_keys(beginning)
    return {key.removeprefix(beginning).partition("/")[0] for key in keys}


def _series(study: str, attempt: str) -> str:
    return f"{ATTEMPTS}{study}/{attempt}/"
