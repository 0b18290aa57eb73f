"""The log against the claims: each version was published in it, once, and by who the claim says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sdtmflow.audit import Event, Head
from sdtmflow.audit.check import LogFault, LogReading, Seen, read_log
from sdtmflow.bundle.manifest import Claim
from sdtmflow.bundle.read import RELEASE, bundles, is_about, released
from sdtmflow.errors import VerificationError
from sdtmflow.signing import NOBODY, Trust
from sdtmflow.store.protocol import Store, version_name
from sdtmflow.wording import counted


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """What was checked and what is wrong. No faults: nobody changed what the log holds."""

    place: str
    study: str
    events: tuple[Event, ...]
    head: Head | None
    """To note down: with it, a later check shows whether anything up to here was taken away."""
    unmirrored: int
    versions: int
    """Published versions that the log was compared with."""
    faults: tuple[str, ...]

    def require(self) -> None:
        """Raises VerificationError that names every fault, one line each."""
        if self.faults:
            lines = "\n".join(f"  {fault}" for fault in self.faults)
            raise VerificationError(
                "the audit log is not what was written: "
                f"{counted(len(self.faults), 'fault')}:\n{lines}\n",
                place=self.place,
                remedy="tell the store's owner; docs/how-to/read-the-audit-trail.md explains each",
            )


def verify_audit(
    store: Store, study_id: str, seen: Sequence[Seen] = (), signers: Trust = NOBODY
) -> AuditVerification:
    """Check the whole log: its chain, its mirrors, the claims, and the heads that were ``seen``.

    With keys in ``signers``, a version that only others say is released is a fault. Raises
    StoreError where the store cannot be read.
    """
    claims, broken = _claims(store, study_id)  # before the log: each has its publication in it
    log = read_log(store, study_id)
    newest = max((event.bundle or 0 for event in log.events), default=0)
    if newest > len(claims) and not broken:  # published meanwhile, or removed
        claims, broken = _claims(store, study_id)
    heads = [Seen(c.log, f"the claim on {c.name}") for c in claims if c.log] + list(seen)
    faults = (*log.faults, *log.contradicting(heads))
    against = () if broken else (*_against_claims(log, claims), *_unproven(log, claims, signers))
    return AuditVerification(
        place=f"{store.url}: audit log of {study_id}",
        study=study_id,
        events=log.events,
        head=log.head,
        unmirrored=log.unmirrored,
        versions=len(claims),
        faults=tuple(dict.fromkeys([*broken, *map(str, faults), *against])),
    )


def _claims(store: Store, study_id: str) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """The claims; or why they cannot be read."""
    try:
        return bundles(store, study_id), ()
    except VerificationError as error:
        return (), (f"claims: {error.message}",)


def _against_claims(log: LogReading, claims: Sequence[Claim]) -> Iterator[str]:
    published = {event.bundle: event for event in log.events if event.is_publication}
    for claim in claims:
        event = published.get(claim.version)
        if event is None:
            yield (
                f"{claim.name}: has no publication in the log: the publisher broke off after the "
                "claim (then the next publication or download logs it), or the entry was removed"
            )
        elif claim.by and (claim.by.name, claim.by.account) != (event.who, event.account):
            yield str(
                LogFault(
                    event.number,
                    f"says that {event.who} published {claim.name}, the claim says {claim.by.name}",
                )
            )
    by_version = {claim.version: claim for claim in claims}
    for event in log.events:
        yield from _about_a_claim(event, by_version.get(event.bundle or 0))


def _unproven(log: LogReading, claims: Sequence[Claim], signers: Trust) -> Iterator[str]:
    """Releases that count for nothing; one that was repeated with a key is no matter."""
    proven = released(claims, log.events, signers)
    for event in log.events:
        problem = signers.objection(event.signature) if event.action == RELEASE else ""
        if problem and not any(is_about(event, claim) for claim in proven):
            name = version_name(event.bundle or 0)
            yield str(LogFault(event.number, f"says that {name} is released, and is {problem}"))


def _about_a_claim(event: Event, claim: Claim | None) -> Iterator[str]:
    if event.bundle is None:
        return
    if claim is None:
        name = version_name(event.bundle)
        yield str(LogFault(event.number, f"is about {name}, which is not there (any more)"))
    elif event.manifest is not None and event.manifest != claim.manifest.sha256:
        yield str(LogFault(event.number, f"is about another {claim.name} than was claimed"))
