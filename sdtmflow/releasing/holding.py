"""Legal holds, and retentions that grow: on what a version rests on, and in the audit log.

What keeps more is done first and recorded then; what keeps less is recorded first. So whatever
breaks off in between, the store never keeps less than the log says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sdtmflow.audit import Clock, Event, events, now
from sdtmflow.bundle import Claim, act_on, bundles, pick, read_manifest, record_act
from sdtmflow.bundle.read import is_about
from sdtmflow.errors import GateError, UsageError
from sdtmflow.releasing.keeping import kept_objects
from sdtmflow.releasing.signatory import Signatory
from sdtmflow.releasing.state import EXTEND, HOLD, UNHOLD, State, retention_details, state_of
from sdtmflow.releasing.words import end_of, required_words
from sdtmflow.retention import Retention
from sdtmflow.signing import NOBODY, Trust
from sdtmflow.store import Store
from sdtmflow.store.protocol import Stored


def hold(store: Store, study_id: str, version: str, signatory: Signatory, *, reason: str) -> Event:
    """Put what a version rests on under legal hold, without an end, and record it.

    A store without locks takes note in the log alone. Raises GateError where the log has the hold
    already (what broke off then is completed) or no key or another signs than is asked for,
    VerificationError where something is missing.
    """
    claims, words = bundles(store, study_id), required_words("reason", reason)
    claim = pick(store, study_id, claims, version)
    signatory.require_accepted()
    store.hold(_objects(store, claim), held=True)

    def admit(log: Sequence[Event]) -> None:
        if state_of(claim, log, signatory.signers).held:
            raise GateError(f"{claim.name} is under hold already", remedy="there is nothing to do")

    act = act_on(claim, HOLD, reason=words)
    return record_act(store, claims, act, signatory.actor, admit=admit, key=signatory.key)


def unhold(
    store: Store, study_id: str, version: str, signatory: Signatory, *, reason: str
) -> Event:
    """Record that a hold ends, and free what no other version under hold rests on.

    Retentions stay as they are. Where the end is recorded already, and only that broke off, the
    freeing is completed. Raises GateError for a version that was never under hold, and where no
    key or another signs than is asked for.
    """
    claims, words = bundles(store, study_id), required_words("reason", reason)
    claim = pick(store, study_id, claims, version)
    signatory.require_accepted()
    log = events(store, study_id)
    state = state_of(claim, log, signatory.signers)
    event = _lifted(state, log, signatory.signers)
    if state.held:
        act = act_on(claim, UNHOLD, reason=words)
        event = record_act(store, claims, act, signatory.actor, key=signatory.key)
    if event is None:
        raise GateError(f"{claim.name} is under no hold", remedy="there is nothing to do")
    others = _others_held(store, claim, signatory.signers)
    held = {stored for other in others for stored in _objects(store, other)}
    store.hold([each for each in _objects(store, claim) if each not in held], held=False)
    return event


def extend(
    store: Store,
    study_id: str,
    version: str,
    retention: str,
    signatory: Signatory,
    *,
    reason: str,
    clock: Clock = now,
) -> Event:
    """Keep a released version longer: until a date, or for a period from now on.

    Raises GateError where it is not released, is kept so long already, or no key or another signs
    than is asked for.
    """
    claims, words = bundles(store, study_id), required_words("reason", reason)
    claim = pick(store, study_id, claims, version)
    signatory.require_accepted()
    state = state_of(claim, events(store, study_id), signatory.signers)
    grown = _grown(state, retention, clock())
    store.protect(_objects(store, claim), grown)
    act = act_on(claim, EXTEND, reason=words, **retention_details(grown))

    def admit(log: Sequence[Event]) -> None:
        _require_longer(state_of(claim, log, signatory.signers), grown.until)

    return record_act(store, claims, act, signatory.actor, clock, admit=admit, key=signatory.key)


def _objects(store: Store, claim: Claim) -> tuple[Stored, ...]:
    return kept_objects(store, claim, read_manifest(store, claim))


def _lifted(state: State, log: Sequence[Event], signers: Trust) -> Event | None:
    """The newest end of a hold on the version that counts."""
    ends = (e for e in reversed(log) if e.action == UNHOLD and is_about(e, state.claim))
    return next((event for event in ends if not signers.objection(event.signature)), None)


def _others_held(store: Store, claim: Claim, signers: Trust) -> tuple[Claim, ...]:
    """The other versions that are under hold by now.

    Here a hold that nobody signed counts, too: to believe a forged one keeps too much, not to
    believe a true one (of before ``signers`` were named) would free what it keeps.
    """
    log = events(store, claim.study)
    return tuple(
        other
        for other in bundles(store, claim.study)
        if other != claim and any(state_of(other, log, who).held for who in (NOBODY, signers))
    )


def _grown(state: State, retention: str, now: dt.datetime) -> Retention:
    """The retention of ``state`` grown to ``retention``. Raises UsageError, GateError."""
    until = end_of(retention, now, "--until", UsageError)
    return Retention(until, _require_longer(state, until).mode)


def _require_longer(state: State, until: dt.datetime) -> Retention:
    """What keeps a released version, if that ends before ``until``. Raises GateError."""
    name = state.claim.name
    if state.release is None or state.retention is None:
        raise GateError(
            f"{name} is not released, so it has no retention",
            remedy=f"release it first; `sdtmflow bundles status {name}` says what is missing",
        )
    if until <= state.retention.until:
        raise GateError(
            f"{name} is kept until {state.retention.until:%Y-%m-%d} already",
            remedy="a retention only grows: name a later date",
        )
    return state.retention
