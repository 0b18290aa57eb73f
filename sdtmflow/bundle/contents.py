"""A bundle in its store, as the verifier reads it."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.bundle.manifest import Claim
from sdtmflow.bundle.verifier import Contents, MissingFileError, UnreadableFileError
from sdtmflow.store.protocol import MissingObjectError, NoObjectError, Store, Stored, sha256_of


class StoredContents(Contents):
    """The files of one version, each as it was published."""

    def __init__(self, store: Store, claim: Claim) -> None:
        self.store = store
        self.prefix = store.bundle_prefix(claim.slot)
        self.place = f"{store.url}: {claim.name}"

    def names(self) -> list[str]:
        """Every key under the bundle's prefix."""
        return [key.removeprefix(self.prefix) for key in self.store.keys(self.prefix)]

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:
        """The bytes of the version that was published.

        Raises MissingFileError, UnreadableFileError, StoreError.
        """
        try:
            yield from self.store.chunks(Stored(self.prefix + name, version))
        except MissingObjectError:
            raise MissingFileError from None
        except NoObjectError as error:
            raise UnreadableFileError(error.message) from None

    def is_hidden(self, name: str, version: str) -> bool:
        """Object Lock does not stop a newer version, which a plain reader would get.

        One of the same bytes hides nothing: a request that arrived twice leaves it.
        """
        current = self.store.current(self.prefix + name)
        if current is None or current.version == version:
            return current is None
        newer, published = self.store.chunks(current), self.chunks(name, version)
        return sha256_of(newer) != sha256_of(published)
