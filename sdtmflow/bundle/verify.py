"""Is a bundle what its manifest says, and its manifest what was claimed? Every fault is named.

The check itself is ``verifier``, the program that ships inside each bundle; here it is asked of a
bundle in its store, together with what only the store can show, and of a copy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.bundle import verifier
from sdtmflow.bundle.contents import StoredContents
from sdtmflow.bundle.manifest import CLAIM, Claim
from sdtmflow.bundle.meter import Progress, unseen
from sdtmflow.bundle.read import bundles, pick
from sdtmflow.bundle.verifier import Fault, Report, Signer
from sdtmflow.errors import StoreError, UsageError, VerificationError
from sdtmflow.signing import NOBODY, Trust
from sdtmflow.store.mirrors import mirrored_before
from sdtmflow.store.protocol import Store, claims_series, version_name
from sdtmflow.wording import counted


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
    signer: Signer | None = None
    """Whose signature fits the manifest; None where it is not signed."""

    def require(self) -> None:
        """Raises VerificationError that names every faulty file, one line each."""
        if self.faults:
            lines = "\n".join(f"  {fault}" for fault in self.faults)
            raise VerificationError(
                f"{counted(len(self.faults), 'fault')}:\n{lines}\n",
                place=self.place,
                remedy="do not use this bundle; download it again, or restore it from a backup",
            )


def verify(
    store: Store,
    study_id: str,
    version: str = "latest",
    trust: Trust = NOBODY,
    progress: Progress = unseen,
) -> Verification:
    """Check a bundle in its store: the chain of claims, their mirrors, manifest, signature, files.

    With keys in ``trust``, a bundle that none of them has signed is at fault. Raises StoreError
    where there is no such bundle, VerificationError where no claim can be read.
    """
    series = claims_series(study_id)
    mirrors, claims = mirrored_before(store, series, lambda: bundles(store, study_id))
    claim = pick(store, study_id, claims, version)
    plain = json.loads(claim.canonical())
    report = verifier.check(StoredContents(store, claim), plain, (), _raw(trust), progress)
    return _verification(report, before=(*_mirror_faults(claims, mirrors), *_twice(claims, claim)))


def verify_copy(
    path: Path,
    only: Sequence[str] = (),
    trust: Trust = NOBODY,
    progress: Progress = unseen,
) -> Verification:
    """Check a downloaded folder or zip; ``only`` names what was downloaded, where not all was.

    Raises StoreError where ``only`` names no file of the bundle, UsageError where nothing is at
    ``path``.
    """
    try:
        return _verification(verifier.check_copy(path, only, _raw(trust), progress))
    except verifier.WrongCommandError as error:
        if path.exists():
            raise StoreError(str(error)) from None
        remedy = "name what was downloaded, or a version such as v0007"
        raise UsageError(str(error), remedy=remedy) from None


def _verification(report: Report, before: tuple[Fault, ...] = ()) -> Verification:
    found = report._replace(faults=before + report.faults)
    return Verification(*found)


def _raw(trust: Trust) -> tuple[bytes, ...]:
    return tuple(key.raw for key in trust.keys)


def _twice(claims: Sequence[Claim], claim: Claim) -> Iterator[Fault]:
    """Where the manifest was published as another version: no two publications have the same."""
    for other in claims:
        if other != claim and other.manifest.sha256 == claim.manifest.sha256:
            yield Fault(f"{claim.name}/{CLAIM}", f"is on the manifest of {other.name}")


def _mirror_faults(claims: Sequence[Claim], mirrors: Mapping[int, bytes]) -> Iterator[Fault]:
    """Claims whose mirror says otherwise; a mirror that is missing is a crash's trace, no fault."""
    written = {claim.version: claim.canonical() for claim in claims}
    for version, mirror in mirrors.items():
        if version not in written:
            yield Fault(version_name(version), "was published and is gone")
        elif written[version] != mirror:
            yield Fault(f"{version_name(version)}/{CLAIM}", "differs from its mirror")
