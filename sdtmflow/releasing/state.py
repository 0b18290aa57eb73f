"""What has become of each version, as the audit log tells it: approved, released, kept, held.

Nothing of this is written anywhere else, so nothing can disagree with the log. An entry counts for
a version only where it names the SHA-256 of that version's manifest.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sdtmflow.audit import Event
from sdtmflow.bundle import Claim
from sdtmflow.bundle.read import RELEASE, is_about
from sdtmflow.retention import MODES, Retention
from sdtmflow.signing import NOBODY, Trust

APPROVE = "approve"
REVOKE = "revoke"
HOLD = "hold"
UNHOLD = "unhold"
EXTEND = "extend"
DECIDING = frozenset({APPROVE, REVOKE, RELEASE, HOLD, UNHOLD, EXTEND})
"""What must be signed to count, where study.yaml names ``releases.signers``."""
OBJECT_LOCK = "object lock"
"""What the entry of a release says of a lock that the store keeps; else why there is none."""


@dataclass(frozen=True, slots=True)
class State:
    """One version and the entries that count for it."""

    claim: Claim
    approvals: tuple[Event, ...] = ()
    """Those that stand, oldest first: not revoked, and of before the release."""
    release: Event | None = None
    retention: Retention | None = None
    """What the log says that it is kept by; what the store does is for the store to say."""
    held: bool = False
    objections: tuple[tuple[Event, str], ...] = ()
    """Entries that would decide something and do not count, each with the reason."""

    def approval(self, role: str) -> Event | None:
        """The approval in this role."""
        return next((event for event in self.approvals if role_of(event) == role), None)

    def missing(self, roles: Sequence[str]) -> tuple[str, ...]:
        """Those of ``roles`` that have not approved."""
        return tuple(role for role in roles if self.approval(role) is None)


def role_of(event: Event) -> str:
    """The role in which somebody approved."""
    return event.details.get("role", "")


def same_person(one: str, other: str) -> bool:
    """Whether two names are of one person, as far as their letters tell."""
    return _letters(one) == _letters(other)


def _letters(name: str) -> list[str]:
    """The words of a name, in one way of writing: é is one character or two, some have no width."""
    seen = (c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return "".join(seen).casefold().split()


def state_of(claim: Claim, log: Sequence[Event], signers: Trust = NOBODY) -> State:
    """What the log (oldest first) says of a version; with keys in ``signers``, what they signed."""
    state = State(claim)
    for event in log:
        if event.action in DECIDING and is_about(event, claim):
            problem = signers.objection(event.signature)
            state = _objected(state, event, problem) if problem else _after(state, event)
    return state


def _objected(state: State, event: Event, problem: str) -> State:
    return replace(state, objections=(*state.objections, (event, problem)))


def _after(state: State, event: Event) -> State:
    if event.action in {HOLD, UNHOLD}:
        return replace(state, held=event.action == HOLD)
    if event.action == EXTEND:
        return replace(state, retention=_longer(state.retention, retention_of(event)))
    if state.release is not None:
        return state
    if event.action == RELEASE:
        held = state.held or event.details.get("hold") == "yes"
        return replace(state, release=event, retention=retention_of(event), held=held)
    return replace(state, approvals=_approvals_after(state.approvals, event))


def _longer(before: Retention | None, told: Retention | None) -> Retention | None:
    """A retention only grows, whatever an entry says."""
    return told.joined(before) if told else before


def _approvals_after(approvals: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    if event.action == APPROVE:
        return (*approvals, event)
    if event.action == REVOKE:
        return tuple(each for each in approvals if role_of(each) != role_of(event))
    return approvals


def retention_details(retention: Retention) -> dict[str, str]:
    """A retention as an entry of the log writes it."""
    return {"until": retention.until.isoformat(), "mode": retention.mode}


def retention_of(event: Event) -> Retention | None:
    """The retention that an entry tells; None where it tells none."""
    mode = next((mode for mode in MODES if mode == event.details.get("mode")), None)
    try:
        until = dt.datetime.fromisoformat(event.details.get("until", ""))
    except ValueError:
        return None
    return Retention(until, mode) if mode and until.tzinfo else None
