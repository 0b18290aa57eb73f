"""Approve a bundle, and take an approval back: entries of the audit log, bound to one manifest.

What is recorded is a signature manifestation as 21 CFR 11.50 asks for it: the printed name, the
time, and the meaning; the SHA-256 of the manifest binds it to the record (11.70). Whether an
approval is admitted is asked of the very log that it is appended to, so two people who act at the
same time cannot both be first.
"""

from __future__ import annotations

from collections.abc import Sequence

from sdtmflow.audit import Actor, Event
from sdtmflow.bundle import Claim, act_on, bundles, pick, record_act, verify
from sdtmflow.errors import GateError, StudyError
from sdtmflow.releases import Releases
from sdtmflow.releasing.signatory import Signatory
from sdtmflow.releasing.state import APPROVE, REVOKE, State, role_of, same_person, state_of
from sdtmflow.releasing.words import required_words
from sdtmflow.signing import NOBODY, SigningKey, Trust
from sdtmflow.store import Store


def approve(
    store: Store,
    study_id: str,
    version: str,
    rules: Releases,
    signatory: Signatory,
    *,
    role: str,
    meaning: str,
    reason: str,
    trust: Trust = NOBODY,
) -> Event:
    """Verify a bundle, byte by byte, and record that ``signatory`` approves it.

    With keys in ``trust`` one of them must have signed the manifest. Raises StudyError for a role
    that study.yaml does not name; GateError for a role that has approved already, a person or a
    key that has in another role, no key or another than is asked for, and a bundle that is
    released; VerificationError where the bundle is not intact, StoreError where the store refuses.
    """
    claims = bundles(store, study_id)
    claim = pick(store, study_id, claims, version)
    known = _known_role(rules, role, claim)
    signatory.require_accepted()
    details = {
        "role": known,
        "meaning": required_words("meaning", meaning),
        "reason": required_words("reason", reason),
    }
    verify(store, study_id, claim.name, trust).require()
    act = act_on(claim, APPROVE, **details)

    def admit(log: Sequence[Event]) -> None:
        state = state_of(claim, log, signatory.signers)
        _require_admitted(state, known, signatory.actor)
        if signatory.key is not None:
            _require_other_key(state, known, signatory.key)

    return record_act(store, claims, act, signatory.actor, admit=admit, key=signatory.key)


def revoke(
    store: Store,
    study_id: str,
    version: str,
    rules: Releases,
    signatory: Signatory,
    *,
    role: str,
    reason: str,
) -> Event:
    """Take back the approval in ``role``, whoever gave it; it stays in the log.

    Raises GateError where there is none, the bundle is released, or no key or another signs than
    is asked for.
    """
    claims = bundles(store, study_id)
    claim = pick(store, study_id, claims, version)
    known = _known_role(rules, role, claim)
    signatory.require_accepted()
    details = {"role": known, "reason": required_words("reason", reason)}
    act = act_on(claim, REVOKE, **details)

    def admit(log: Sequence[Event]) -> None:
        state = state_of(claim, log, signatory.signers)
        _require_unreleased(state)
        if state.approval(known) is None:
            raise GateError(
                f"{claim.name} has no approval as {known}",
                remedy=f"see `sdtmflow bundles status {claim.name}`",
            )

    return record_act(store, claims, act, signatory.actor, admit=admit, key=signatory.key)


def _known_role(rules: Releases, role: str, claim: Claim) -> str:
    known = rules.role(role)
    if known is None:
        raise StudyError(
            f"no approval as '{role}' is asked for",
            place=f"study.yaml: releases.approvals, for {claim.name}",
            remedy=f"the roles are: {', '.join(rules.approvals)}",
        )
    return known


def _require_admitted(state: State, role: str, actor: Actor) -> None:
    _require_unreleased(state)
    for event in state.approvals:
        if role_of(event) == role:
            raise GateError(
                f"{state.claim.name} was approved as {role} by {event.who} on {event.time[:10]}",
                remedy="an approval is given once; `sdtmflow bundles revoke` takes it back",
            )
        if same_person(event.who, actor.name):
            raise GateError(
                f"{event.who} has approved {state.claim.name} as {role_of(event)} already",
                remedy=f"let another person approve as {role}",
            )


def _require_other_key(state: State, role: str, key: SigningKey) -> None:
    """Raises GateError for the key of somebody who has approved in another role."""
    for event in state.approvals:
        if event.signature is not None and event.signature.key == key.public.fingerprint:
            raise GateError(
                f"this key has signed the approval of {state.claim.name} as {role_of(event)}",
                remedy=f"let another person approve as {role}, with a key of their own",
            )


def _require_unreleased(state: State) -> None:
    if state.release is not None:
        raise GateError(
            f"{state.claim.name} was released by {state.release.who} on {state.release.time[:10]}",
            remedy="its approvals stand; what must change goes into a new version",
        )
