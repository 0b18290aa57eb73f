"""Is a bundle what its manifest says, and its manifest what was claimed? Every fault is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.bundle.contents import (
    Contents,
    FolderContents,
    StoredContents,
    UnreadableError,
    ZipContents,
)
from sdtmflow.bundle.manifest import (
    CLAIM,
    OWN_FILES,
    Claim,
    Manifest,
    ManifestFile,
    digests,
)
from sdtmflow.bundle.read import bundles, checked_manifest, pick, sealed_claim
from sdtmflow.bundle.selection import selected
from sdtmflow.errors import SdtmflowError, VerificationError
from sdtmflow.store.mirrors import mirrored
from sdtmflow.store.protocol import MissingObjectError, Store, claims_series, version_name

_READERS = 8
"""Files at a time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file; ``path`` is relative to the bundle."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what is wrong. No faults: every byte is as it was published."""

    place: str
    study: str
    name: str
    """``v0001`` and so on; empty where the claim itself cannot be read."""
    files: int
    size: int
    """Bytes that were hashed."""
    faults: tuple[Fault, ...]

    def require(self) -> None:
        """Raises VerificationError that names every faulty file, one line each."""
        if self.faults:
            lines = "\n".join(f"  {fault}" for fault in self.faults)
            raise VerificationError(
                f"{len(self.faults)} fault(s):\n{lines}\n",
                place=self.place,
                remedy="do not use this bundle; download it again, or restore it from a backup",
            )


def verify(store: Store, study_id: str, version: str = "latest") -> Verification:
    """Check a bundle in its store: the chain of claims, their mirrors, the manifest, every file.

    Raises StoreError where there is no such bundle, VerificationError where no claim can be read.
    """
    mirrors = mirrored(store, claims_series(study_id))  # before the claims: rivals go on publishing
    claims = bundles(store, study_id)
    claim = pick(store, study_id, claims, version)
    return _verified(StoredContents(store, claim), claim, before=_mirror_faults(claims, mirrors))


def verify_copy(path: Path, only: Sequence[str] = ()) -> Verification:
    """Check a downloaded folder or zip; ``only`` names what was downloaded, where not all was."""
    contents: Contents = FolderContents(path) if path.is_dir() else ZipContents(path)
    try:
        data = b"".join(contents.chunks(CLAIM))
        claim = sealed_claim(data, contents.place)
    except SdtmflowError as error:
        fault = Fault(CLAIM, error.message)
        return Verification(contents.place, "", "", 0, 0, (fault,))
    return _verified(contents, claim, only=only)


def _verified(
    contents: Contents, claim: Claim, *, before: Iterable[Fault] = (), only: Sequence[str] = ()
) -> Verification:
    try:
        data = b"".join(contents.chunks(claim.manifest.path, claim.manifest.version))
        manifest = checked_manifest(data, claim, contents.place)
    except (VerificationError, MissingObjectError) as error:
        faults = (*before, Fault(claim.manifest.path, error.message))
        return Verification(contents.place, claim.study, claim.name, 0, 0, faults)
    files = selected(manifest.files, only)
    faults = (*before, *_file_faults(contents, files), *_extra(contents, manifest))
    size = sum(file.size for file in files)
    return Verification(contents.place, claim.study, claim.name, len(files), size, faults)


def _file_faults(contents: Contents, files: Sequence[ManifestFile]) -> Iterator[Fault]:
    with ThreadPoolExecutor(_READERS) as pool:
        for fault in pool.map(lambda file: _file_fault(contents, file), files):
            if fault is not None:
                yield fault


def _file_fault(contents: Contents, file: ManifestFile) -> Fault | None:
    try:
        actual = digests(contents.chunks(file.path, file.version))
    except (MissingObjectError, UnreadableError) as error:
        return Fault(file.path, error.message)
    if actual[0] != file.size:
        return Fault(file.path, f"has {actual[0]} bytes, was published with {file.size}")
    if actual != (file.size, file.sha256, file.md5):
        return Fault(file.path, "holds other bytes than were published (SHA-256)")
    if contents.is_covered(file):
        return Fault(file.path, "a newer object hides the published one, which is intact")
    return None


def _extra(contents: Contents, manifest: Manifest) -> Iterator[Fault]:
    known = {file.path for file in manifest.files} | OWN_FILES
    for name in sorted(contents.names() - known):
        yield Fault(name, "is there but was not published")


def _mirror_faults(claims: Sequence[Claim], mirrors: Mapping[int, bytes]) -> Iterator[Fault]:
    """Claims whose mirror says otherwise; a mirror that is missing is a crash's trace, no fault."""
    written = {claim.version: claim.canonical() for claim in claims}
    for version, mirror in mirrors.items():
        if version not in written:
            yield Fault(version_name(version), "was published and is gone")
        elif written[version] != mirror:
            yield Fault(f"{version_name(version)}/{CLAIM}", "differs from its mirror")
