"""Second copies of the claims, in the part of the store that can be locked (DESIGN §9.4).

A mirror is written after its claim. So one that is missing is a crash's trace, mended by the next
publication; a claim that is missing although its mirror is there was lost or removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sdtmflow.bundle.manifest import Claim
from sdtmflow.bundle.read import bundles, parse_claim, read_manifest
from sdtmflow.errors import VerificationError
from sdtmflow.store.protocol import Store, Stored, read_object, version_name, version_number

_READERS = 8
"""Mirrors at a time."""


def mirrored(store: Store, study_id: str) -> dict[int, bytes]:
    """Version → the mirror of its claim, ascending."""
    prefix = f"claims/{study_id}/"
    names = {
        version: Stored(key)
        for key in store.keys(prefix)
        if (version := version_number(key.removeprefix(prefix).removesuffix(".json"))) is not None
    }
    versions = sorted(names)
    with ThreadPoolExecutor(_READERS) as pool:
        found = pool.map(lambda version: read_object(store, names[version]), versions)
        return dict(zip(versions, found, strict=True))


def write_mirrors(store: Store, claims: Sequence[Claim]) -> None:
    """Mirror the claims that have no mirror yet."""
    for claim in claims:
        key = f"claims/{claim.study}/{claim.name}.json"
        if store.current(key) is None:
            store.put_bytes(key, claim.canonical())


def whole_history(store: Store, study_id: str) -> tuple[Claim, ...]:
    """``bundles``, after claims that were lost were taken again from their mirrors.

    Raises VerificationError where claim and mirror differ, or a lost claim's files are lost too.
    """
    mirrors = mirrored(store, study_id)  # before the claims: rivals go on publishing
    claims = store.claims(study_id)
    for version, mirror in mirrors.items():
        if version not in claims:
            _restore(store, parse_claim(mirror, study_id, version, store.url))
        elif claims[version] != mirror:
            raise VerificationError(
                f"the claim on {version_name(version)} differs from its mirror: one was changed",
                place=store.url,
                remedy="nothing was published; have the store's owner find out what happened",
            )
    return bundles(store, study_id)


def _restore(store: Store, claim: Claim) -> None:
    if store.current(store.bundle_prefix(claim.slot) + claim.manifest.path) is None:
        raise VerificationError(
            f"bundle {claim.name} was published and is gone",
            place=store.url,
            remedy="restore it from a backup; its number is not used again",
        )
    read_manifest(store, claim)
    store.take_claim(claim.slot, claim.canonical())
