"""Publish a tree as the next version of a study's bundle: all of it, or nothing.

Files and manifest go under a key that only this attempt has; then one claim makes the version
exist (DESIGN §9). Whatever stops an attempt before its claim leaves nothing that a reader sees.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sdtmflow.bundle import verifier
from sdtmflow.bundle.attempts import declare, require_kept
from sdtmflow.bundle.manifest import (
    MANIFEST,
    OWN_FILES,
    SIGNATURE,
    BundleFacts,
    Claim,
    Manifest,
    ManifestAddress,
    ManifestFile,
    Parent,
    SignatureAddress,
    digests,
    stored_file,
)
from sdtmflow.bundle.mirrors import whole_history
from sdtmflow.bundle.read import parse_claim, read_manifest
from sdtmflow.errors import StoreError
from sdtmflow.signing import SigningKey
from sdtmflow.signing.signature import signer_of
from sdtmflow.store.disk import disk_errors
from sdtmflow.store.mirrors import write_mirrors
from sdtmflow.store.protocol import (
    Exists,
    Store,
    Stored,
    claims_series,
    file_chunks,
    relative_files,
    sha256_of,
)

_TRANSFERS = 8
"""Files at a time."""

Progress = Callable[[int, int], None]
"""Called with the bytes that are safe in the store, and the bytes in all."""


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
    progress: Progress = lambda done, total: None,  # noqa: ARG005 — nobody watches
) -> PublishedBundle:
    """Publish every file below ``tree``, and the verifier beside them; ``key`` signs the manifest.

    A tree with the latest bundle's ``inputs_key`` is not new. ``after`` is the version that the
    tree was made to follow (0: none); by default it follows whatever is the latest. Safe to stop at
    any point and to run beside others. Raises OvertakenError where another version came between,
    StoreError where the store refuses or fails its probe, VerificationError where what is published
    already is not intact.
    """
    warnings = store.probe()
    history = whole_history(store, study_id)
    if history and history[-1].inputs_key == facts.inputs_key:
        return _published_before(store, history[-1], warnings)
    if after is not None:
        _require_next(after, history)
    attempt = _Attempt(store, study_id, uuid.uuid4().hex, history, alone=after is not None)
    try:
        manifest, address = attempt.upload(tree, facts, progress)
        signature = attempt.sign(manifest, key) if key else None
        claim, new = attempt.take_claim(manifest, address, signature)
    except BaseException:
        store.abandon(study_id, attempt.id)
        raise
    if not new:
        store.abandon(study_id, attempt.id)
        return _published_before(store, claim, warnings)
    warnings += _mirror(store, study_id, (*history, claim))
    size = sum(file.size for file in manifest.files)
    return PublishedBundle(claim, True, len(manifest.files), size, warnings)  # noqa: FBT003 — new


@dataclass(frozen=True, slots=True)
class _Attempt:
    store: Store
    study: str
    id: str
    history: tuple[Claim, ...]
    alone: bool
    """Whether the tree is worth nothing behind a rival's."""

    def upload(
        self, tree: Path, facts: BundleFacts, progress: Progress
    ) -> tuple[Manifest, ManifestAddress]:
        """Store the files, then the manifest."""
        parent = self.history[-1] if self.history else None
        files = _tree_files(tree)
        manifest = Manifest(
            **dict(facts),
            study=self.study,
            parent=parent and Parent(version=parent.version, manifest=parent.manifest.sha256),
            files=tuple(self._upload_files(tree, files, parent, progress)),
        )
        stored = self.store.put_bytes(self._prefix + MANIFEST, manifest.canonical())
        return manifest, ManifestAddress(version=stored.version, sha256=manifest.digest)

    def sign(self, manifest: Manifest, key: SigningKey) -> SignatureAddress:
        """Store the signature of the manifest's bytes, raw as OpenSSL reads it."""
        value = key.sign(manifest.canonical())
        stored = self.store.put_bytes(self._prefix + SIGNATURE, value)
        signer = signer_of(key.public)
        return SignatureAddress(**signer, version=stored.version, sha256=sha256_of([value]))

    def take_claim(
        self, manifest: Manifest, address: ManifestAddress, signature: SignatureAddress | None
    ) -> tuple[Claim, bool]:
        """Take the first free version: (claim, True). A rival's same bundle: (its claim, False)."""
        before, step = self.history[-1] if self.history else None, 1
        while True:
            claim = Claim(
                study=self.study,
                version=before.version + 1 if before else 1,
                attempt=self.id,
                manifest=address,
                signature=signature,
                inputs_key=manifest.inputs_key,
                created=manifest.created,
                previous=before.digest if before else None,
            ).sealed()
            declare(self.store, claim, step)
            require_kept(self.store, manifest.inputs)
            answer = self.store.take_claim(claim.slot, claim.canonical())
            if not isinstance(answer, Exists):
                return claim, True
            before = parse_claim(answer.data, self.study, claim.version, self.store.url)
            step += 1
            if before.inputs_key == manifest.inputs_key:
                return before, False
            if self.alone:
                raise OvertakenError(before)

    def _upload_files(
        self, tree: Path, files: list[ManifestFile], parent: Claim | None, progress: Progress
    ) -> list[ManifestFile]:
        kept = _kept(self.store, parent)
        total, done, uploaded = sum(file.size for file in files), 0, []

        def upload(file: ManifestFile) -> ManifestFile:
            return self._upload_file(tree, file, kept.get(file.sha256))

        with ThreadPoolExecutor(_TRANSFERS) as pool:
            for file in pool.map(upload, files):
                uploaded.append(file)
                done += file.size
                progress(done, total)
        return uploaded

    def _upload_file(self, tree: Path, file: ManifestFile, kept: Stored | None) -> ManifestFile:
        """Copy what the parent has, within the store; a damaged parent is no reason to fail."""
        key = self._prefix + file.path
        if kept is not None:
            try:
                stored = self.store.copy(kept, key, file.sha256)
            except StoreError:
                kept = None
        if kept is None:
            stored = self.store.put_file(key, _source(tree, file.path), file.sha256)
        return file.model_copy(update={"version": stored.version})

    @property
    def _prefix(self) -> str:
        return self.store.attempt_prefix(self.study, self.id)


def _require_next(after: int, history: tuple[Claim, ...]) -> None:
    """Raises OvertakenError where the tree is not the next one after version ``after``."""
    if history and history[-1].version != after:
        raise OvertakenError(history[-1])


def _tree_files(tree: Path) -> list[ManifestFile]:
    paths = relative_files(tree)
    if not paths:
        raise StoreError("there is nothing to publish", place=str(tree))
    for path in paths:
        _require_plain(tree, path)
    names = sorted([*map(str, paths), verifier.VERIFIER])
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        return list(pool.map(lambda name: _manifest_file(name, _source(tree, name)), names))


def _source(tree: Path, name: str) -> Path:
    """Where a file of the bundle is now."""
    return Path(verifier.__file__) if name == verifier.VERIFIER else tree / name


def _require_plain(tree: Path, path: PurePosixPath) -> None:
    """Raises StoreError for what a bundle cannot hold."""
    if str(path) in OWN_FILES:
        raise StoreError("this name is taken by the bundle itself", place=str(tree / path))
    if (tree / path).is_symlink() or not (tree / path).is_file():
        raise StoreError("a bundle holds plain files only", place=str(tree / path))
    if "\\" in str(path):
        raise StoreError("a bundle's file names have no backslash", place=str(tree / path))


def _manifest_file(name: str, source: Path) -> ManifestFile:
    with disk_errors(source):
        size, sha256, md5 = digests(file_chunks(source))
    return ManifestFile(path=name, size=size, sha256=sha256, md5=md5)


def _kept(store: Store, parent: Claim | None) -> dict[str, Stored]:
    """SHA-256 → where the parent bundle has these bytes."""
    if parent is None:
        return {}
    prefix = store.bundle_prefix(parent.slot)
    return {file.sha256: stored_file(prefix, file) for file in read_manifest(store, parent).files}


def _published_before(store: Store, claim: Claim, warnings: tuple[str, ...]) -> PublishedBundle:
    files = read_manifest(store, claim).files
    size = sum(file.size for file in files)
    return PublishedBundle(claim, False, len(files), size, warnings)  # noqa: FBT003 — not new


def _mirror(store: Store, study_id: str, claims: tuple[Claim, ...]) -> tuple[str, ...]:
    """The version exists already: a mirror that fails is told, and left to the next publication."""
    try:
        written = {claim.version: claim.canonical() for claim in claims}
        write_mirrors(store, claims_series(study_id), written)
    except StoreError as error:
        return (f"the claim is not mirrored yet ({error.message}); the next publication does it",)
    return ()
