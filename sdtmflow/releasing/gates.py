"""What a bundle must pass before it is released; every gate is asked, and tells what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sdtmflow.audit import Event, read_log
from sdtmflow.bundle import Manifest, verify
from sdtmflow.errors import GateError, SdtmflowError, VerificationError
from sdtmflow.finding import Severity, findings_text
from sdtmflow.releases import Releases
from sdtmflow.releasing.state import APPROVE, State, role_of, same_person
from sdtmflow.retention import Retention
from sdtmflow.signing import Trust
from sdtmflow.store import Store
from sdtmflow.store.protocol import Stored
from sdtmflow.wording import counted, size_text

NO_LOCK = "the store has no Object Lock: whoever may delete there can remove the bundle"

WHERE = "--study FOLDER [--store ADDRESS]"
"""What a command that is told to a person needs beside the version."""
Outcome = Literal["passed", "warning", "closed"]


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a release."""

    name: str
    outcome: Outcome
    told: str
    """What was found."""
    remedy: str = ""
    """What to do, where it is closed."""

    @property
    def passed(self) -> bool:
        """Whether it lets the bundle through, with or without a warning."""
        return self.outcome != "closed"


class ClosedGatesError(GateError):
    """A bundle that cannot be released; ``gates`` are all that were asked."""

    def __init__(self, name: str, gates: Sequence[Gate]) -> None:
        closed = [gate for gate in gates if not gate.passed]
        super().__init__(
            f"{name} is not released: {', '.join(gate.name for gate in closed)} "
            f"({len(closed)} of {counted(len(gates), 'gate')} closed)",
            remedy=closed[0].remedy,
        )
        self.name = name
        self.gates = tuple(gates)

    def __reduce__(self) -> tuple[object, ...]:
        return (ClosedGatesError, (self.name, self.gates))


def asked_gates(
    store: Store,
    state: State,
    manifest: Manifest,
    rules: Releases,
    retention: Retention,
    *,
    trust: Trust,
    objects: Callable[[], Sequence[Stored]],
) -> tuple[Gate, ...]:
    """Every gate for one version; ``objects`` gives what it rests on, or raises.

    ``trust`` has the keys that may have signed the manifest.
    """
    return (
        _attempted("bytes", lambda: _verified(store, state, trust)),
        _attempted("log", lambda: _log(store, state)),
        _attempted("origins", lambda: _kept(manifest, objects())),
        _findings(manifest),
        *(_approval(state, role) for role in rules.approvals),
        _lock(store, rules, retention),
    )


def _attempted(name: str, attempt: Callable[[], str]) -> Gate:
    """Passed with what ``attempt`` tells, closed with its error."""
    try:
        return Gate(name, "passed", attempt())
    except SdtmflowError as error:
        return Gate(name, "closed", " ".join(error.message.split()), error.remedy)


def _verified(store: Store, state: State, trust: Trust) -> str:
    verification = verify(store, state.claim.study, state.claim.name, trust)
    verification.require()
    told = f"{counted(verification.files, 'file')}, {size_text(verification.size)}"
    signed = ", manifest signed" if verification.signer else ", manifest not signed"
    return f"{told}: each as it was published{signed}{' by a trusted key' * trust.pinned}"


def _log(store: Store, state: State) -> str:
    """The log is what the approvals rest on, so it must be whole itself."""
    reading = read_log(store, state.claim.study)
    if reading.faults:
        raise VerificationError(
            f"{counted(len(reading.faults), 'fault')}; {reading.faults[0]}",
            remedy="`sdtmflow audit verify` tells all; have the store's owner find out",
        )
    return f"{len(reading.events):,} entries of the audit log in one chain"


def _kept(manifest: Manifest, objects: Sequence[Stored]) -> str:
    origins = counted(len(manifest.snapshots()), "file")
    return f"{origins} it was made from, as received; {counted(len(objects), 'object')} to keep"


def _findings(manifest: Manifest) -> Gate:
    critical = manifest.findings.get(Severity.CRITICAL, 0)
    return Gate(
        "findings",
        "closed" if critical else "passed",
        findings_text(manifest.findings),
        "have what causes the critical ones mended, and publish a new version",
    )


def _approval(state: State, role: str) -> Gate:
    """Asked anew of what stands in the log: an entry there need not come from this program."""
    name, event = f"approval: {role}", state.approval(role)
    again = f'sdtmflow bundles approve {state.claim.name} --role "{role}" {WHERE} …'
    if event is None:
        told = _objections(state, role) or "nobody has approved this manifest in this role"
        return Gate(name, "closed", told, again)
    told = f"{event.who}, {event.time[:10]}"
    problem = _repeated(event, state)
    if not problem:
        return Gate(name, "passed", f"{told}{', signed' if event.signature else ''}")
    remedy = f"have entry {event.number} looked into, take it back (bundles revoke), then {again}"
    return Gate(name, "closed", f"{told}: {problem}", remedy)


def _objections(state: State, role: str) -> str:
    """The approvals in this role that do not count."""
    return ", ".join(
        f"entry {event.number} of {event.who} does not count: {problem}"
        for event, problem in state.objections
        if (event.action, role_of(event)) == (APPROVE, role)
    )


def _repeated(event: Event, state: State) -> str:
    """Whether the same person, or the same key, has approved in another role, too."""
    for other in state.approvals:
        if other.number == event.number:
            continue
        if same_person(other.who, event.who):
            return f"the same person as in entry {other.number}"
        if event.signature and other.signature and event.signature.key == other.signature.key:
            return f"the same key as in entry {other.number}"
    return ""


def _lock(store: Store, rules: Releases, retention: Retention) -> Gate:
    until = f"until {retention.until:%Y-%m-%d}"
    if store.can_lock():
        return Gate("lock", "passed", f"the store keeps it {until}, in {retention.mode} mode")
    if rules.lock == "wanted":
        return Gate("lock", "warning", NO_LOCK)
    return Gate(
        "lock",
        "closed",
        NO_LOCK,
        "release in a bucket with Object Lock, or write 'lock: wanted' in study.yaml",
    )
