"""What a bundle holds, and made from what, by what: ``manifest.json`` and the claim on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from sdtmflow.audit import Actor, Head
from sdtmflow.bundle import verifier
from sdtmflow.bundle.delivered import Delivery
from sdtmflow.finding import Severity
from sdtmflow.record import ADDED, Hashes, Record, Sealed, Sha256
from sdtmflow.signing.signature import Signer
from sdtmflow.store.protocol import Slot, Stored

MANIFEST = "manifest.json"
CLAIM = verifier.CLAIM
SIGNATURE = "manifest.json.sig"
OWN_FILES = frozenset({MANIFEST, CLAIM, SIGNATURE, verifier.VERIFIER})
"""What publishing itself puts beside the tree."""


class InputFile(Record):
    """One delivered file that the bundle was made from; its bytes are the snapshot ``sha256``."""

    site: str
    """Empty for a study-wide source."""
    source: str
    name: str
    sha256: Sha256
    size: Annotated[int, Field(ge=0)] = 0
    received: Annotated[str, ADDED] = ""
    """When its bytes first came into the store: ISO 8601, UTC, by the store's own clock."""


class Gap(Record):
    """What is not in the bundle although the study names it."""

    site: str
    source: str
    reason: str


class Code(Record):
    """The program that made the bundle."""

    version: str
    sha256: Sha256
    libraries: Annotated[dict[str, str], ADDED] = {}
    """Name → version of Python and the libraries whose code may change what is written."""


class BundleFacts(Record):
    """What the maker of a bundle knows of it. ``created`` is ISO 8601 with its offset."""

    inputs_key: Sha256
    """Over everything that decides the bundle's content but the bundles before it, whose sequence
    numbers it goes on with: the same key after the same bundle is the same bundle."""
    run: str
    created: str
    inputs: tuple[InputFile, ...]
    specs: Hashes
    suites: Hashes
    standards: Hashes
    code: Code
    findings: dict[Severity, Annotated[int, Field(ge=0)]]
    waived: Annotated[dict[str, Annotated[int, Field(ge=0)]], ADDED] = {}
    """Rule → findings that would have forbidden the publication, were they not waived."""
    gaps: tuple[Gap, ...] = ()
    study_files: Annotated[Hashes, ADDED] = {}
    """The study's own files, by their path in the study folder; each is a snapshot in the store."""
    deliveries: Annotated[tuple[Delivery, ...], ADDED] = ()
    """By source. Empty, as ``study_files`` is, in bundles of earlier versions."""

    def snapshots(self) -> dict[str, str]:
        """SHA-256 → name of every snapshot that the bundle was made from, sorted by name."""
        named = [
            *((f"{file.name} ({file.source})", file.sha256) for file in self.inputs),
            *self.study_files.items(),
            *(pair for delivery in self.deliveries for pair in delivery.snapshots()),
        ]
        return {sha256: name for name, sha256 in sorted(named, reverse=True)}


class ManifestFile(Record):
    """One file of the bundle; ``version`` is the store's own id of its bytes, where it has one."""

    path: str
    """POSIX, relative to the bundle."""
    size: Annotated[int, Field(ge=0)]
    sha256: Sha256
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    version: str = ""

    @field_validator("path")
    @classmethod
    def _stays_inside(cls, path: str) -> str:
        if "\\" in path or any(part in {"", ".", ".."} for part in path.split("/")):
            raise ValueError(f"'{path}' would leave the bundle; write a relative POSIX path")
        return path


class Parent(Record):
    """The bundle that was the latest when this one was made."""

    version: Annotated[int, Field(ge=1)]
    manifest: Sha256


class Manifest(BundleFacts):
    """``manifest.json``, format 1."""

    format: Literal[1] = 1
    study: str
    parent: Parent | None
    files: tuple[ManifestFile, ...]
    """Sorted by path, ``verify.py`` among them; without manifest, signature and claim."""


class ManifestAddress(Record):
    """Where the manifest is and what it hashes to."""

    path: str = MANIFEST
    version: str = ""
    sha256: Sha256


class SignatureAddress(Signer):
    """Where the manifest's signature is (64 raw bytes), what it hashes to, and whose it is."""

    path: str = SIGNATURE
    version: str = ""
    sha256: Sha256


class Claim(Sealed):
    """The commit of a version: one small object, created once."""

    format: Literal[1] = 1
    study: str
    version: Annotated[int, Field(ge=1)]
    attempt: str
    """Names where the files are."""
    manifest: ManifestAddress
    inputs_key: Sha256
    created: str
    previous: Sha256 | None
    """``digest`` of the claim before it; None for the first."""
    signature: Annotated[SignatureAddress | None, ADDED] = None
    """None where the publisher named no key."""
    by: Annotated[Actor | None, ADDED] = None
    """Who published."""
    log: Annotated[Head | None, ADDED] = None
    """The audit log's newest entry before the claim: no entry up to it can be taken away or
    changed without contradicting the claim."""

    def following(self, before: Claim | None) -> Claim:
        """This claim as the one on the next version, sealed."""
        version = before.version + 1 if before else 1
        previous = before.digest if before else None
        return self.model_copy(update={"version": version, "previous": previous}).sealed()

    @property
    def slot(self) -> Slot:
        """The version as the store knows it."""
        return Slot(self.study, self.version, self.attempt)

    @property
    def name(self) -> str:
        """``v0001`` and so on."""
        return self.slot.name


def stored_file(prefix: str, file: ManifestFile) -> Stored:
    """Where a bundle's file is, pinned to the bytes that were published."""
    return Stored(prefix + file.path, file.version)
