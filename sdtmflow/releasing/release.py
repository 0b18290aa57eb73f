"""Release a bundle: pass every gate, lock what it rests on, and only then say so in the log.

The entry of the log is the commit point. Whoever dies before it leaves a locked bundle that is not
released; whoever repeats the command completes it. A retention only grows, so nothing of this can
be undone by doing it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from sdtmflow.audit import Clock, Event, events, now
from sdtmflow.bundle import act_on, bundles, pick, read_manifest, record_act
from sdtmflow.bundle.read import RELEASE
from sdtmflow.errors import GateError, StoreError, VerificationError
from sdtmflow.releases import Releases
from sdtmflow.releasing.gates import NO_LOCK, ClosedGatesError, Gate, asked_gates
from sdtmflow.releasing.keeping import kept_objects, log_mirrors
from sdtmflow.releasing.signatory import Signatory
from sdtmflow.releasing.state import OBJECT_LOCK, State, retention_details, state_of
from sdtmflow.releasing.words import end_of, required_words
from sdtmflow.retention import Retention
from sdtmflow.signing import NOBODY, Trust
from sdtmflow.store import Store
from sdtmflow.store.protocol import Stored


@dataclass(frozen=True, slots=True)
class Released:
    """A version that is released; ``new`` is False where it was so before."""

    state: State
    gates: tuple[Gate, ...]
    new: bool
    warnings: tuple[str, ...] = ()


def release(
    store: Store,
    study_id: str,
    version: str,
    rules: Releases,
    signatory: Signatory,
    *,
    reason: str,
    hold: bool = False,
    trust: Trust = NOBODY,
    clock: Clock = now,
) -> Released:
    """Release a version, and keep everything it rests on as ``rules`` say.

    A version that is released already is kept as its release said, in case that broke off; nothing
    new is recorded. With keys in ``trust`` one of them must have signed the manifest. Raises
    ClosedGatesError with all gates where one is closed, GateError where approvals changed meanwhile
    or no key or another signs than is asked for, StudyError where the retention is not ahead,
    StoreError where the store refuses.
    """
    words = required_words("reason", reason)
    claims = bundles(store, study_id)
    claim = pick(store, study_id, claims, version)
    manifest = read_manifest(store, claim)
    state = state_of(claim, events(store, study_id), signatory.signers)
    objects = cache(lambda: kept_objects(store, claim, manifest))
    if state.release is not None:
        return Released(state, (), new=False, warnings=_keep(store, state, objects()))
    signatory.require_accepted()
    until = end_of(rules.retention, clock(), "study.yaml: releases.retention")
    retention = Retention(until, rules.mode)
    gates = asked_gates(
        store,
        state,
        manifest,
        rules,
        retention,
        trust=trust,
        objects=objects,
    )
    if not all(gate.passed for gate in gates):
        raise ClosedGatesError(claim.name, gates)
    store.protect(objects(), retention)
    if hold:
        store.hold(objects(), held=True)
    details = _details(state, rules, retention, words, lock=store.can_lock(), hold=hold)
    act = act_on(claim, RELEASE, **details)
    admit = partial(_unchanged, state, signatory.signers)
    record_act(store, claims, act, signatory.actor, clock, admit=admit, key=signatory.key)
    released = state_of(claim, events(store, study_id), signatory.signers)
    return Released(released, gates, new=True, warnings=_keep_log(store, released))


def _details(
    state: State, rules: Releases, retention: Retention, reason: str, *, lock: bool, hold: bool
) -> dict[str, str]:
    return {
        "reason": reason,
        "approvals": " ".join(str(event.number) for event in state.approvals),
        "roles": ", ".join(rules.approvals),
        **retention_details(retention),
        "lock": OBJECT_LOCK if lock else NO_LOCK,
        **({"hold": "yes"} if hold else {}),
    }


def _unchanged(before: State, signers: Trust, log: Sequence[Event]) -> None:
    """Raises GateError where the log says by now what the gates were not asked about."""
    state = state_of(before.claim, log, signers)
    if state.release is not None:
        raise GateError(
            f"{before.claim.name} was released meanwhile by {state.release.who}",
            remedy="there is nothing to do",
        )
    if state.approvals != before.approvals:
        raise GateError(
            f"the approvals of {before.claim.name} changed meanwhile; it is not released",
            remedy="run again: every gate is asked anew",
        )


def _keep(store: Store, state: State, objects: Sequence[Stored]) -> tuple[str, ...]:
    """Complete what a release began to keep."""
    if state.retention is not None:
        store.protect(objects, state.retention)
    if state.held:
        store.hold(objects, held=True)
    return _keep_log(store, state)


def _keep_log(store: Store, state: State) -> tuple[str, ...]:
    """Keep the log up to the release as long as the bundle; what fails here is told.

    The version is released already, so it is no reason to fail.
    """
    if state.release is None or state.retention is None:
        return ()
    try:
        newest = state.release.number
        store.protect(log_mirrors(store, state.claim.study, newest), state.retention)
    except (StoreError, VerificationError) as error:
        return (f"the log is not locked yet ({error.message}); repeat the release to do it",)
    return ()
