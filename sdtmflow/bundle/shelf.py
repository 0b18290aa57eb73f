"""Whose bundles are asked for: of a study folder, or of a store alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sdtmflow.bundle.manifest import Claim
from sdtmflow.bundle.read import RELEASED, find
from sdtmflow.errors import StoreError
from sdtmflow.signing import NOBODY, Trust, signers_trust
from sdtmflow.store.opening import open_store
from sdtmflow.store.protocol import Store
from sdtmflow.study import StudyFolder


@dataclass(frozen=True, slots=True)
class Shelf:
    """The bundles of one study."""

    store: Store
    url: str
    """The store's address as it was asked for; a folder's is absolute."""
    study: str
    """STUDYID."""
    folder: StudyFolder | None = None

    @property
    def signers(self) -> Trust:
        """The keys that releases must be signed by; a store alone does not tell them.

        Raises SigningError for a key that cannot be read.
        """
        return signers_trust(self.folder) if self.folder else NOBODY

    def find(self, version: str) -> Claim:
        """The bundle that ``version`` names; ``released`` only where the study's signers say so.

        Raises StoreError, VerificationError, and SigningError as ``signers`` does.
        """
        signers = self.signers if version == RELEASED else NOBODY
        return find(self.store, self.study, version, signers)


def shelf(study: Path, url: str = "") -> Shelf:
    """The bundles of the study folder ``study``, in its own store or in the one at ``url``.

    Where there is no such folder, ``url`` alone will do: ``study`` is then the study's id, or
    nothing where the store holds the bundles of one study. Raises StudyError where ``study`` is no
    study folder and no store is named, StoreError where the store has no such study.
    """
    if url and not (study / "study.yaml").is_file():
        store, address = _opened(url, Path())
        return Shelf(store, address, _study_id(store, study))
    folder = StudyFolder(study)
    store, address = _opened(url or folder.study.store, folder.root)
    return Shelf(store, address, folder.study.study, folder)


def _opened(url: str, base: Path) -> tuple[Store, str]:
    address = url if "://" in url else str((base / Path(url).expanduser()).absolute())
    return open_store(address, base), address


def _study_id(store: Store, study: Path) -> str:
    known = sorted(store.pieces().studies())
    if str(study) in known:
        return str(study)
    if study == Path() and len(known) == 1:
        return known[0]
    if not known:
        raise StoreError(
            "there are no bundles", place=store.url, remedy="check the store's address"
        )
    which = "name the study" if study == Path() else f"'{study}' is none of them, and no folder"
    raise StoreError(
        f"the store has bundles of {', '.join(known)}; {which}",
        place=store.url,
        remedy="write its id where the study folder is asked for",
    )
