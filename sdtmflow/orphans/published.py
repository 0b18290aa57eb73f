"""What is published, and so must never be swept: by claims and by their mirrors alike."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sdtmflow.bundle.attempts import attempts_declared, is_hopeless, last_step
from sdtmflow.bundle.manifest import Claim, Manifest
from sdtmflow.bundle.read import bundles, checked_manifest, parse_claim, read_manifest
from sdtmflow.store.mirrors import mirrored_before
from sdtmflow.store.protocol import (
    MissingObjectError,
    Store,
    Stored,
    claims_series,
    read_object,
)

_READERS = 8
"""Manifests at a time."""


@dataclass(frozen=True, slots=True)
class Published:
    """The claims of a study: those that are there, and those that only a mirror tells of."""

    study: str
    claims: tuple[Claim, ...]

    @property
    def taken(self) -> dict[int, str]:
        """Version → the attempt that has it."""
        return {claim.version: claim.attempt for claim in self.claims}

    @property
    def attempts(self) -> frozenset[str]:
        """The attempts whose files are a bundle."""
        return frozenset(claim.attempt for claim in self.claims)


def read_published(store: Store, study: str) -> Published:
    """Every claim and mirror of the study.

    Raises VerificationError where one of them is damaged or missing: nothing is swept on a guess.
    """
    series = claims_series(study)
    mirrors, claims = mirrored_before(store, series, lambda: bundles(store, study))
    told = [parse_claim(data, study, number, store.url) for number, data in mirrors.items()]
    return Published(study, (*claims, *(claim for claim in told if claim not in claims)))


def needed_snapshots(store: Store, study: str) -> frozenset[str]:
    """SHA-256 of every snapshot that a bundle of any study here was made from, or is about to be.

    ``study`` is one of them. Raises VerificationError where a claim or manifest cannot be read.
    """
    studies = sorted(store.pieces().studies() | {study})
    return frozenset(sha256 for each in studies for sha256 in _needed(store, each))


def _needed(store: Store, study: str) -> Iterable[str]:
    """Declarations are listed before the claims are: one that is followed by its claim is seen.

    A declaration that comes later finds the snapshots that are being swept hidden.
    """
    declared = sorted(attempts_declared(store, study))
    published = read_published(store, study)
    open_claims = _open_claims(store, published, declared)
    with ThreadPoolExecutor(_READERS) as pool:
        manifests = [
            *pool.map(lambda claim: read_manifest(store, claim), published.claims),
            *pool.map(lambda claim: _manifest_before(store, claim), open_claims),
        ]
    return [sha256 for manifest in manifests if manifest for sha256 in manifest.snapshots()]


def _open_claims(store: Store, published: Published, declared: Iterable[str]) -> list[Claim]:
    """Claims that were asked for and may yet be granted."""
    attempts = (attempt for attempt in declared if attempt not in published.attempts)
    steps = (last_step(store, published.study, attempt)[1] for attempt in attempts)
    wanted = (step.wants for step in steps if step and step.wants)
    return [claim for claim in wanted if not is_hopeless(claim, published.taken)]


def _manifest_before(store: Store, claim: Claim) -> Manifest | None:
    """The manifest of an attempt that has not claimed yet; None where its files are gone."""
    before = store.attempt_prefix(claim.study, claim.attempt)
    for prefix in (before, store.bundle_prefix(claim.slot)):
        stored = Stored(prefix + claim.manifest.path, claim.manifest.version)
        try:
            return checked_manifest(read_object(store, stored), claim, f"{store.url}: {stored.key}")
        except MissingObjectError:
            continue
    return None
