"""Which keys are named for a study: by its study.yaml, the environment, or the command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sdtmflow.errors import SigningError
from sdtmflow.settings import SIGNING_KEY, Settings
from sdtmflow.signing.keys import SigningKey, shown_fingerprint
from sdtmflow.signing.pem import Ask, load_key
from sdtmflow.signing.trust import Trust
from sdtmflow.study import StudyFolder


def key_file(folder: StudyFolder, given: str = "") -> Path | None:
    """The private key that signs: ``given``, else SDTMFLOW_SIGNING_KEY, else study.yaml's.

    A path of study.yaml counts from the study folder, the others from the current one. None where
    no key is named: what is published then is not signed.
    """
    named = given or Settings.read().signing_key
    if named:
        return Path(named).expanduser().absolute()
    own = folder.study.signing.key
    return folder.root / Path(own).expanduser() if own else None


def publishing_key(
    folder: StudyFolder, path: Path | None, ask: Ask | None = None
) -> SigningKey | None:
    """The key in ``path``, which is one that may sign the study's bundles; None without ``path``.

    Raises SigningError where the key cannot be used, and where study.yaml names trusted keys and
    this is none of them: every reader would refuse what it signs, or what nobody has signed.
    """
    trust = study_trust(folder)
    key = load_key(path, ask) if path else None
    if not trust.pinned or (key and trust.vouches_for(key.public.fingerprint)):
        return key
    whose = f"key {shown_fingerprint(key.public.fingerprint)}" if key else "no key at all"
    raise SigningError(
        f"bundles of this study are signed by a trusted key, and {whose} was named to sign",
        place=folder.place_of("signing", "trusted"),
        remedy=f"name the trusted key's private half ({SIGNING_KEY}, or --signing-key), or add the "
        "public half of this one",
    )


def study_trust(folder: StudyFolder, given: Sequence[Path] = ()) -> Trust:
    """The public keys that may have signed: ``given``, else those that study.yaml trusts."""
    return Trust.of(given or _files(folder, folder.study.signing.trusted))


def signers_trust(folder: StudyFolder) -> Trust:
    """The keys of those who may approve, release and hold: ``releases.signers`` of study.yaml."""
    releases = folder.study.releases
    return Trust.of(_files(folder, releases.signers if releases else ()))


def _files(folder: StudyFolder, named: Sequence[str]) -> list[Path]:
    return [folder.root / Path(each).expanduser() for each in named]
