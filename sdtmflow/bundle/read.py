"""Which bundles there are: everything follows from the claims, nothing else is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sdtmflow.audit import Event, events
from sdtmflow.bundle.manifest import CLAIM, Claim, Manifest, stored_file
from sdtmflow.errors import StoreError, UsageError, VerificationError
from sdtmflow.record import parse
from sdtmflow.signing import NOBODY, Trust
from sdtmflow.store.protocol import (
    MissingObjectError,
    Store,
    Stored,
    read_object,
    sha256_of,
    version_name,
)

RELEASE = "release"
"""The log's action that makes a version a released one."""
LATEST = "latest"
"""The name of the newest version."""
RELEASED = "released"
"""The name of the newest released version."""
_NUMBER = re.compile(r"v?0*([1-9][0-9]{0,17})")
_LISTINGS = 3


def bundles(store: Store, study_id: str) -> tuple[Claim, ...]:
    """The study's published bundles, oldest first.

    Raises VerificationError where the chain of claims is broken, StoreError where the store
    belongs to another study.
    """
    claims = tuple(
        parse_claim(data, study_id, version, store.url)
        for version, data in _listed(store, study_id).items()
    )
    check_chain(claims, store.url)
    return claims


def _listed(store: Store, study_id: str) -> dict[int, bytes]:
    """The claims; listed again where rivals published meanwhile and a listing missed some."""
    for _ in range(_LISTINGS):
        found = store.claims(study_id)
        if list(found) == list(range(1, len(found) + 1)):
            break
    return found


def latest(store: Store, study_id: str) -> Claim | None:
    """The newest bundle; None before the first publication."""
    return next(reversed(bundles(store, study_id)), None)


def find(store: Store, study_id: str, version: str, signers: Trust = NOBODY) -> Claim:
    """The bundle that ``version`` names: ``v0007``, ``7``, ``latest`` or ``released``.

    ``released`` is the newest version that the audit log has a release of; with keys in
    ``signers``, one that they have signed (``Shelf.find`` knows the study's). Raises StoreError.
    """
    return pick(store, study_id, bundles(store, study_id), version, signers)


def pick(
    store: Store, study_id: str, claims: Sequence[Claim], version: str, signers: Trust = NOBODY
) -> Claim:
    """The one of ``claims`` (oldest first) that ``version`` names.

    Raises StoreError where there is none, UsageError where ``version`` can name none.
    """
    if version == LATEST and claims:
        return claims[-1]
    if version == RELEASED and claims:
        return _newest_released(store, claims, events(store, study_id), signers)
    number = asked_number(version)
    if number is None and version not in {LATEST, RELEASED}:
        raise UsageError(
            f"'{version}' names no version", remedy="write v0007, 7, latest or released"
        )
    for claim in claims:
        if claim.version == number:
            return claim
    raise StoreError(
        f"there is no bundle {version_name(number)}"
        if claims and number
        else "nothing is published",
        place=store.url,
        remedy=f"the latest is {claims[-1].name}" if claims else "`sdtmflow run` publishes one",
    )


def asked_number(version: str) -> int | None:
    """``v0007``, ``v7`` or ``7`` → 7; None where no number of a version is written."""
    found = _NUMBER.fullmatch(version)
    return int(found[1]) if found else None


def released(
    claims: Sequence[Claim], log: Sequence[Event], signers: Trust = NOBODY
) -> tuple[Claim, ...]:
    """Those of ``claims`` that the log has a release of, and one of ``signers`` has signed it."""
    releases = [e for e in log if e.action == RELEASE and not signers.objection(e.signature)]
    return tuple(claim for claim in claims if any(is_about(event, claim) for event in releases))


def _newest_released(
    store: Store, claims: Sequence[Claim], log: Sequence[Event], signers: Trust
) -> Claim:
    found = released(claims, log, signers)
    if found:
        return found[-1]
    said = "".join(f", though the log says so of {c.name}" for c in released(claims, log)[-1:])
    raise StoreError(
        f"no bundle is released{' by a key of releases.signers' * signers.pinned}{said}",
        place=store.url,
        remedy="see `sdtmflow bundles status` for what is missing",
    )


def is_about(event: Event, claim: Claim) -> bool:
    """Whether an entry of the log is about this very version, manifest and all."""
    return (event.bundle, event.manifest) == (claim.version, claim.manifest.sha256)


@dataclass(frozen=True, slots=True)
class ReadBundle:
    """A version with its manifest, read once for everything that is then done with it."""

    claim: Claim
    manifest: Manifest
    raw: bytes
    """The manifest's very bytes."""


def read_manifest(store: Store, claim: Claim) -> Manifest:
    """The bundle's manifest. Raises VerificationError where it is not the one that was claimed."""
    return read_bundle(store, claim).manifest


def read_bundle(store: Store, claim: Claim) -> ReadBundle:
    """The bundle with its manifest. Raises as ``read_manifest`` does."""
    stored = manifest_address(store, claim)
    try:
        data = read_object(store, stored)
    except MissingObjectError:
        raise VerificationError(
            "the manifest is missing", place=f"{store.url}: {stored.key}", remedy=_RESTORE
        ) from None
    manifest = checked_manifest(data, claim, f"{store.url}: {stored.key}")
    return ReadBundle(claim, manifest, data)


def read_file(store: Store, claim: Claim, path: str) -> bytes:
    """The bytes of a small file of the bundle. Raises VerificationError where they are others."""
    file = next(file for file in read_manifest(store, claim).files if file.path == path)
    stored = stored_file(store.bundle_prefix(claim.slot), file)
    data = read_object(store, stored)
    if sha256_of([data]) != file.sha256:
        raise VerificationError(
            "the file is not the one that was published",
            place=f"{store.url}: {stored.key}",
            remedy=_RESTORE,
        )
    return data


def checked_manifest(data: bytes, claim: Claim, place: str) -> Manifest:
    """``data`` as the manifest that ``claim`` is on. Raises VerificationError."""
    if sha256_of([data]) != claim.manifest.sha256:
        raise VerificationError(
            "the manifest is not the one that was published", place=place, remedy=_RESTORE
        )
    return parse(data, Manifest, place)


def manifest_address(store: Store, claim: Claim) -> Stored:
    """Where the manifest is, pinned to the bytes that were claimed."""
    key = store.bundle_prefix(claim.slot) + claim.manifest.path
    return Stored(key, claim.manifest.version)


def signature_address(store: Store, claim: Claim) -> Stored:
    """Where the manifest's signature is. Raises LookupError where the bundle is not signed."""
    if claim.signature is None:
        raise LookupError(claim.name)
    return Stored(store.bundle_prefix(claim.slot) + claim.signature.path, claim.signature.version)


def own_files(store: Store, bundle: ReadBundle) -> dict[str, bytes]:
    """What a copy is verified by, by its path: the claim, the manifest and its signature."""
    claim = bundle.claim
    own = {CLAIM: claim.canonical(), claim.manifest.path: bundle.raw}
    if claim.signature:
        own[claim.signature.path] = read_object(store, signature_address(store, claim))
    return own


def other_bytes(store: Store, key: str) -> VerificationError:
    """The error that the store gives other bytes than were published."""
    return VerificationError(
        "the store holds other bytes than were published",
        place=f"{store.url}: {key}",
        remedy="do not use this bundle before the store's owner has restored the file",
    )


def parse_claim(data: bytes, study_id: str, version: int, place: str) -> Claim:
    """The claim on ``version`` of ``study_id``. Raises VerificationError, StoreError."""
    name = version_name(version)
    claim = sealed_claim(data, f"{place}: {name}/{CLAIM}")
    if claim.study != study_id:
        raise StoreError(
            f"{name} belongs to study {claim.study}, not {study_id}",
            place=place,
            remedy="a folder holds the bundles of one study: name another with --store",
        )
    if claim.version != version:
        raise VerificationError(
            f"the claim on {name} says {claim.name}", place=place, remedy=_RESTORE
        )
    return claim


def sealed_claim(data: bytes, place: str) -> Claim:
    """``data`` as a claim that is as it was written. Raises VerificationError."""
    claim = parse(data, Claim, place)
    if not claim.is_intact:
        raise VerificationError("the claim is damaged", place=place, remedy=_RESTORE)
    return claim


def check_chain(claims: Sequence[Claim], place: str) -> None:
    """Raises VerificationError for the first version that is missing or not the claimed one."""
    previous = None
    for number, claim in enumerate(claims, start=1):
        if claim.version != number:
            raise VerificationError(
                f"bundle {version_name(number)} is missing although {claim.name} is there",
                place=place,
                remedy=_RESTORE,
            )
        if claim.previous != previous:
            raise VerificationError(
                f"the chain of claims is broken at {claim.name}: it or the one before was changed",
                place=place,
                remedy=_RESTORE,
            )
        previous = claim.digest


_RESTORE = "do not use this store before its owner has restored it from a backup"
