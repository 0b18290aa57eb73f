"""A signature as a record that others carry: an event of the audit log, for one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sdtmflow.errors import VerificationError
from sdtmflow.record import Record, Sha256
from sdtmflow.signing.keys import PublicKey, SigningKey, shown_fingerprint

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class Signer(Record):
    """Whose signature it is."""

    key: Sha256
    """The key's fingerprint: SHA-256 of the raw public key."""
    public_key: Hex32
    """The raw public key (hex): what the signature is checked with."""

    @model_validator(mode="after")
    def _is_of_this_key(self) -> Signer:
        if self.public.fingerprint != self.key:
            raise ValueError("the fingerprint is that of another key")
        return self

    @property
    def public(self) -> PublicKey:
        """The public key."""
        return PublicKey(bytes.fromhex(self.public_key))


class Signature(Signer):
    """An Ed25519 signature (RFC 8032) and whose it is."""

    value: Hex64
    """The signature (hex)."""


def signer_of(key: PublicKey) -> dict[str, str]:
    """The fields that say whose signature it is."""
    return {"key": key.fingerprint, "public_key": key.raw.hex()}


def sign(data: bytes, key: SigningKey) -> Signature:
    """The signature of ``data``. Sign a record's canonical text without its own signature."""
    return Signature(**signer_of(key.public), value=key.sign(data).hex())


def check(data: bytes, signature: Signature, place: str) -> None:
    """Raises VerificationError where the signature is not of ``data``.

    That it fits says that this key signed; whether the key may, ``Trust`` says.
    """
    if not signature.public.fits(data, bytes.fromhex(signature.value)):
        raise VerificationError(
            f"the signature by key {shown_fingerprint(signature.key)} does not fit",
            place=place,
            remedy="what was signed, or the signature, was changed: do not rely on it",
        )
