"""What keeps a version: everything that it rests on, by the version ids of the very bytes.

That is every file, the manifest and its signature, the mirrors of its claim and of those before it
(the chain), and the snapshots it was made from; with a release, also the mirrors of the log that
tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.audit import log_series, mirror
from sdtmflow.bundle import Claim, Manifest, bundles
from sdtmflow.bundle.manifest import stored_file
from sdtmflow.bundle.read import manifest_address, signature_address
from sdtmflow.errors import VerificationError
from sdtmflow.store import Store
from sdtmflow.store.mirrors import mirror_key, mirrored_numbers, write_mirrors
from sdtmflow.store.protocol import Stored, claims_series, sha256_of
from sdtmflow.store.snapshots import snapshot_key


def kept_objects(store: Store, claim: Claim, manifest: Manifest) -> tuple[Stored, ...]:
    """The objects that a version rests on.

    Raises VerificationError for a snapshot or a mirror that is missing or not intact.
    """
    prefix = store.bundle_prefix(claim.slot)
    return (
        *(stored_file(prefix, file) for file in manifest.files),
        manifest_address(store, claim),
        *((signature_address(store, claim),) if claim.signature else ()),
        *_claim_mirrors(store, claim),
        *_snapshots(store, manifest),
    )


def log_mirrors(store: Store, study_id: str, newest: int) -> tuple[Stored, ...]:
    """The mirrors of the log's entries up to ``newest``; those that a crash left out are written.

    Raises VerificationError where one is missing still.
    """
    mirror(store, study_id)
    series = log_series(study_id)
    known = set(mirrored_numbers(store, series))
    missing = [number for number in range(1, newest + 1) if number not in known]
    if missing:
        raise VerificationError(
            f"entry {missing[0]} of the audit log is not mirrored yet",
            place=store.url,
            remedy="run again as somebody who may write under audit/ in the store",
        )
    return tuple(_current(store, mirror_key(series, n)) for n in range(1, newest + 1))


def _claim_mirrors(store: Store, claim: Claim) -> Iterator[Stored]:
    """The mirrors of the claims up to this one; those that a crash left out are written."""
    series = claims_series(claim.study)
    chain = [each for each in bundles(store, claim.study) if each.version <= claim.version]
    write_mirrors(store, series, {each.version: each.canonical() for each in chain})
    for each in chain:
        expected = sha256_of([each.canonical()])
        yield _intact(store, mirror_key(series, each.version), expected)


def _snapshots(store: Store, manifest: Manifest) -> Iterator[Stored]:
    """What the version was made from, each read and hashed."""
    for sha256 in sorted(manifest.snapshots()):
        yield _intact(store, snapshot_key(sha256), sha256)


def _intact(store: Store, key: str, sha256: str) -> Stored:
    stored = _current(store, key)
    if sha256_of(store.chunks(stored)) != sha256:
        raise VerificationError(
            "the store holds other bytes than were kept there",
            place=f"{store.url}: {key}",
            remedy="have the store's owner restore them",
        )
    return stored


def _current(store: Store, key: str) -> Stored:
    stored = store.current(key)
    if stored is None:
        raise VerificationError(
            "this is no longer in the store",
            place=f"{store.url}: {key}",
            remedy="have the store's owner restore it from a backup",
        )
    return stored
