"""Who acts on a release, and what proves that it is them."""

from __future__ import annotations

from dataclasses import dataclass

from sdtmflow.audit import Actor
from sdtmflow.errors import GateError
from sdtmflow.signing import NOBODY, SigningKey, Trust


@dataclass(frozen=True, slots=True)
class Signatory:
    """A person who approves, releases or holds, and the key that they sign the entry with."""

    actor: Actor
    key: SigningKey | None = None
    signers: Trust = NOBODY
    """Whose entries count (``releases.signers``): with any, ``key`` must be one of them."""

    def require_accepted(self) -> None:
        """Raises GateError where nobody would believe what they sign."""
        if self.signers.pinned and not (
            self.key and self.signers.vouches_for(self.key.public.fingerprint)
        ):
            raise GateError(
                "whatever decides on releases of this study is signed, by a key that "
                "releases.signers names",
                remedy="name your private key with --key; the study's owner adds its public half "
                "to study.yaml",
            )
