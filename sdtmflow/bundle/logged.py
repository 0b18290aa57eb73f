"""What is done with bundles, in the audit log; and the log kept in step with the claims.

A publication is logged after its claim. Where a crash came between, the next publication, or the
next thing that is done with any bundle, logs it: by name of who published, as their claim says.
"""

from __future__ import annotations

from collections.abc import Sequence

from sdtmflow.audit import (
    PUBLISH,
    Act,
    Actor,
    Admit,
    Clock,
    Event,
    last_event,
    mirror,
    now,
    record,
    record_publication,
)
from sdtmflow.bundle.manifest import Claim
from sdtmflow.errors import StoreError, VerificationError
from sdtmflow.signing import SigningKey
from sdtmflow.store.protocol import Store

UNKNOWN = Actor(name="unknown", account="unknown")
"""Who published a bundle whose claim was written before claims said so."""


def act_on(claim: Claim, action: str, **details: str) -> Act:
    """What is done with one bundle, bound to its manifest's hash."""
    return Act(action, claim.version, claim.manifest.sha256, details)


def record_act(
    store: Store,
    claims: Sequence[Claim],
    act: Act,
    actor: Actor | None = None,
    clock: Clock = now,
    *,
    admit: Admit | None = None,
    key: SigningKey | None = None,
) -> Event:
    """Log what is done with one of ``claims`` (all of the study, oldest first).

    Without an ``actor`` it is the account; ``admit`` and ``key`` as ``record`` has them. Raises
    StoreError and VerificationError where the log refuses: then it must not be done.
    """
    actor = actor or Actor.of_account()
    record_publications(store, claims, actor)
    return record(store, claims[0].study, act, actor, clock, admit=admit, key=key)


def note_act(
    store: Store, claims: Sequence[Claim], act: Act, actor: Actor | None, what: str
) -> str:
    """``record_act`` for what must not fail where the log refuses: who may only read does it, too.

    Why the log does not tell of it (``what`` says of what), empty where it does.
    """
    try:
        record_act(store, claims, act, actor)
    except (StoreError, VerificationError) as error:
        return f"this {what} is not in the audit log: {error.message}"
    return ""


def record_publications(
    store: Store, claims: Sequence[Claim], actor: Actor, own: Claim | None = None
) -> None:
    """Log the publications of ``claims`` (all of a study, oldest first) that the log lacks.

    Those but ``own`` also say who entered them in place of the publisher. Raises as ``record_act``
    does.
    """
    if not claims:
        return
    study = claims[0].study
    newest = last_event(store, study)
    missing = claims[newest.published if newest else 0 :]
    for claim in missing:
        details = {} if claim == own else {"entered by": f"{actor.name} ({actor.account})"}
        act = act_on(claim, PUBLISH, **details)
        record_publication(store, study, act, claim.by or UNKNOWN)
    if missing:
        mirror(store, study)
