"""Publish a tree as the next version of a study's bundle: all of it, or nothing.

Files and manifest go under a key that only this attempt has; then one claim makes the version
exist (docs/explanation/versions.md). Whatever stops an attempt before its claim leaves nothing that
a reader sees.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.audit import Actor, head
from sdtmflow.bundle.attempts import declare, require_kept
from sdtmflow.bundle.logged import record_publications
from sdtmflow.bundle.manifest import (
    MANIFEST,
    SIGNATURE,
    BundleFacts,
    Claim,
    Manifest,
    ManifestAddress,
    Parent,
    SignatureAddress,
)
from sdtmflow.bundle.meter import Progress, unseen
from sdtmflow.bundle.mirrors import whole_history
from sdtmflow.bundle.read import parse_claim, read_manifest
from sdtmflow.bundle.uploading import bundle_files, upload_files
from sdtmflow.errors import StoreError, VerificationError
from sdtmflow.signing import SigningKey
from sdtmflow.signing.signature import signer_of
from sdtmflow.store.mirrors import write_mirrors
from sdtmflow.store.protocol import Exists, Store, claims_series, sha256_of


@dataclass(frozen=True, slots=True)
class PublishedBundle:
    """The version that holds the tree; ``new`` is False where it was published before."""

    claim: Claim
    new: bool
    files: int
    size: int
    """Bytes of all files."""
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``v0001`` and so on."""
        return self.claim.name


class OvertakenError(StoreError):
    """Another run has published what this one should have followed."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(
            f"another run has published {claim.name} meanwhile",
            remedy="run again: sequence numbers go on from the last bundle",
        )
        self.claim = claim

    def __reduce__(self) -> tuple[object, ...]:
        return (OvertakenError, (self.claim,))


def publish(
    store: Store,
    study_id: str,
    tree: Path,
    facts: BundleFacts,
    *,
    after: int | None = None,
    key: SigningKey | None = None,
    actor: Actor | None = None,
    progress: Progress = unseen,
) -> PublishedBundle:
    """Publish every file below ``tree``, and the verifier beside them; ``key`` signs the manifest.

    A tree with the latest bundle's ``inputs_key`` is not new. ``after`` is the version that the
    tree was made to follow (0: none); by default it follows whatever is the latest. ``actor``
    publishes, as the claim and the audit log say; by default the account does. Safe to stop at any
    point and to run beside others. Raises OvertakenError where another version came between,
    StoreError where the store refuses or fails its probe, VerificationError where what is published
    already is not intact.
    """
    warnings, actor = store.probe(), actor or Actor.of_account()
    history = whole_history(store, study_id)
    record_publications(store, history, actor)
    if history and history[-1].inputs_key == facts.inputs_key:
        return _published_before(store, history[-1], warnings)
    if after is not None:
        _require_next(after, history)
    attempt = _Attempt(store, study_id, uuid.uuid4().hex, history, actor, alone=after is not None)
    try:
        manifest, address = attempt.upload(tree, facts, progress)
        signature = attempt.sign(manifest, key) if key else None
        history, new = attempt.take_claim(
            attempt.draft(manifest, address, signature), manifest.snapshots()
        )
    except BaseException:
        store.abandon(study_id, attempt.id)
        raise
    if not new:
        store.abandon(study_id, attempt.id)
        return _published_before(store, history[-1], warnings)
    warnings += _follow_up(store, history, actor)
    size = sum(file.size for file in manifest.files)
    return PublishedBundle(history[-1], True, len(manifest.files), size, warnings)  # noqa: FBT003 — new


@dataclass(frozen=True, slots=True)
class _Attempt:
    store: Store
    study: str
    id: str
    history: tuple[Claim, ...]
    actor: Actor
    alone: bool
    """Whether the tree is worth nothing behind a rival's."""

    def upload(
        self, tree: Path, facts: BundleFacts, progress: Progress
    ) -> tuple[Manifest, ManifestAddress]:
        """Store the files, then the manifest."""
        parent = self.history[-1] if self.history else None
        files = upload_files(self.store, self._prefix, bundle_files(tree), parent, progress)
        manifest = Manifest(
            **dict(facts),
            study=self.study,
            parent=parent and Parent(version=parent.version, manifest=parent.manifest.sha256),
            files=files,
        )
        stored = self.store.put_bytes(self._prefix + MANIFEST, manifest.canonical())
        return manifest, ManifestAddress(version=stored.version, sha256=manifest.digest)

    def sign(self, manifest: Manifest, key: SigningKey) -> SignatureAddress:
        """Store the signature of the manifest's bytes, raw as OpenSSL reads it."""
        value = key.sign(manifest.canonical())
        stored = self.store.put_bytes(self._prefix + SIGNATURE, value)
        signer = signer_of(key.public)
        return SignatureAddress(**signer, version=stored.version, sha256=sha256_of([value]))

    def draft(
        self, manifest: Manifest, address: ManifestAddress, signature: SignatureAddress | None
    ) -> Claim:
        """The claim, wherever its place among the versions will be."""
        return Claim(
            study=self.study,
            version=1,
            attempt=self.id,
            manifest=address,
            signature=signature,
            inputs_key=manifest.inputs_key,
            created=manifest.created,
            previous=None,
            by=self.actor,
            log=head(self.store, self.study),
        )

    def take_claim(
        self, draft: Claim, snapshots: Mapping[str, str]
    ) -> tuple[tuple[Claim, ...], bool]:
        """Take the first free version: (all claims up to it, True).

        Where a rival has the same bundle: (all claims up to the rival's, False).
        """
        history, step = self.history, 0
        while True:
            claim, step = draft.following(history[-1] if history else None), step + 1
            declare(self.store, claim, step)
            require_kept(self.store, snapshots)
            answer = self.store.take_claim(claim.slot, claim.canonical())
            if not isinstance(answer, Exists):
                return (*history, claim), True
            rival = parse_claim(answer.data, self.study, claim.version, self.store.url)
            history = (*history, rival)
            if rival.inputs_key == draft.inputs_key:
                return history, False
            if self.alone:
                raise OvertakenError(rival)

    @property
    def _prefix(self) -> str:
        return self.store.attempt_prefix(self.study, self.id)


def _require_next(after: int, history: tuple[Claim, ...]) -> None:
    """Raises OvertakenError where the tree is not the next one after version ``after``."""
    if history and history[-1].version != after:
        raise OvertakenError(history[-1])


def _published_before(store: Store, claim: Claim, warnings: tuple[str, ...]) -> PublishedBundle:
    files = read_manifest(store, claim).files
    size = sum(file.size for file in files)
    return PublishedBundle(claim, False, len(files), size, warnings)  # noqa: FBT003 — not new


def _follow_up(store: Store, claims: tuple[Claim, ...], actor: Actor) -> tuple[str, ...]:
    """Mirror the claims and log the publication; the newest of ``claims`` is the one just made.

    The version exists already: what fails here is told, and left to the next publication.
    """
    warnings = []
    try:
        written = {claim.version: claim.canonical() for claim in claims}
        write_mirrors(store, claims_series(claims[-1].study), written)
    except StoreError as error:
        warnings.append(f"the claim is not mirrored yet ({error.message}); {_NEXT}")
    try:
        record_publications(store, claims, actor, own=claims[-1])
    except (StoreError, VerificationError) as error:
        warnings.append(f"the audit log lacks the publication yet ({error.message}); {_NEXT}")
    return tuple(warnings)


_NEXT = "the next publication does it"
