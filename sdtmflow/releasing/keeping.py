"""What keeps a version: everything that it rests on, by the version ids of the very bytes.

That is every file, the manifest and its signature, the mirrors of its claim and of those before it
(the chain), and the snapshots it was made from; with a release, also the mirrors of the log that
tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from sdtmflow.audit import log_series, mirror
from sdtmflow.bundle import Claim, Manifest, bundles
from sdtmflow.bundle.manifest import stored_file
from sdtmflow.bundle.read import manifest_address, signature_address
from sdtmflow.errors import VerificationError
from sdtmflow.store import Store
from sdtmflow.store.mirrors import mirror_key, write_mirrors
from sdtmflow.store.protocol import Stored, claims_series, sha256_of
from sdtmflow.store.snapshots import snapshot_key

_READERS = 8
"""Objects at a time."""


def kept_objects(store: Store, claim: Claim, manifest: Manifest) -> tuple[Stored, ...]:
    """The objects that a version rests on.

    Raises VerificationError for a snapshot or a mirror that is missing or not intact.
    """
    prefix = store.bundle_prefix(claim.slot)
    expected = {snapshot_key(sha256): sha256 for sha256 in sorted(manifest.snapshots())}
    return (
        *(stored_file(prefix, file) for file in manifest.files),
        manifest_address(store, claim),
        *((signature_address(store, claim),) if claim.signature else ()),
        *_all_intact(store, _claim_mirrors(store, claim)),
        *_all_intact(store, expected),
    )


def log_mirrors(store: Store, study_id: str, newest: int) -> tuple[Stored, ...]:
    """The mirrors of the log's entries up to ``newest``; those that a crash left out are written.

    Raises VerificationError where one is missing still, or differs from its entry.
    """
    mirror(store, study_id)
    series = log_series(study_id)
    entries = {n: data for n, data in store.entries(series).items() if n <= newest}
    return _all_intact(store, {mirror_key(series, n): sha256_of([entries[n]]) for n in entries})


def _claim_mirrors(store: Store, claim: Claim) -> dict[str, str]:
    """Key → SHA-256 of the mirrors of the claims up to this one; missing ones are written."""
    series = claims_series(claim.study)
    chain = [each for each in bundles(store, claim.study) if each.version <= claim.version]
    write_mirrors(store, series, {each.version: each.canonical() for each in chain})
    return {mirror_key(series, each.version): each.digest for each in chain}


def _all_intact(store: Store, expected: Mapping[str, str]) -> tuple[Stored, ...]:
    """The objects under these keys, each read and compared with its SHA-256."""
    with ThreadPoolExecutor(_READERS) as pool:
        return tuple(pool.map(lambda key: _intact(store, key, expected[key]), expected))


def _intact(store: Store, key: str, sha256: str) -> Stored:
    stored = store.current(key)
    if stored is None:
        raise VerificationError(
            "this is not in the store",
            place=f"{store.url}: {key}",
            remedy="have the store's owner restore it; a mirror of the log is written by whoever "
            "may write under audit/",
        )
    if sha256_of(store.chunks(stored)) != sha256:
        raise VerificationError(
            "the store holds other bytes than were kept there",
            place=f"{store.url}: {key}",
            remedy="have the store's owner restore them",
        )
    return stored
