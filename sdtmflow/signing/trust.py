"""Whose signatures count: the public keys that study.yaml or the command names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.signing.keys import PublicKey
from sdtmflow.signing.pem import load_public
from sdtmflow.signing.signature import Signature


@dataclass(frozen=True, slots=True)
class Trust:
    """The pinned keys. Without any, nobody is vouched for, and what is unsigned is no fault."""

    keys: tuple[PublicKey, ...] = ()

    @classmethod
    def of(cls, files: Iterable[Path]) -> Trust:
        """The keys in these files. Raises SigningError for a file that holds none."""
        return cls(tuple(load_public(file) for file in files))

    @property
    def pinned(self) -> bool:
        """Whether a signature is required."""
        return bool(self.keys)

    def vouches_for(self, fingerprint: str) -> bool:
        """Whether the key with this fingerprint is one of the pinned."""
        return any(key.fingerprint == fingerprint for key in self.keys)

    def objection(self, signature: Signature | None) -> str:
        """Why what carries this signature does not count; empty where it does.

        That the signature fits what it is of, ``check`` has said before.
        """
        if not self.pinned or (signature and self.vouches_for(signature.key)):
            return ""
        return "signed by a key that study.yaml does not name" if signature else "not signed"


NOBODY = Trust()
"""No key is asked for."""
