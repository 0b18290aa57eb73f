"""The claims with their mirrors: what was lost is taken again, what was changed is refused."""

from __future__ import annotations

from sdtmflow.bundle.manifest import Claim
from sdtmflow.bundle.read import bundles, parse_claim, read_manifest
from sdtmflow.errors import VerificationError
from sdtmflow.store.mirrors import mirrored_before
from sdtmflow.store.protocol import Store, claims_series, version_name


def whole_history(store: Store, study_id: str) -> tuple[Claim, ...]:
    """``bundles``, after claims that were lost were taken again from their mirrors.

    Raises VerificationError where claim and mirror differ, or a lost claim's files are lost too.
    """
    series = claims_series(study_id)
    mirrors, claims = mirrored_before(store, series, lambda: store.claims(study_id))
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
