"""An Ed25519 key and its public half, as values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_GROUP = 4
"""Characters of a fingerprint that are read in one go."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half of a key that everybody may know."""

    raw: bytes
    """32 bytes (RFC 8032, section 5.1.5)."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the raw key: what names it in claims, events and messages."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def pem(self) -> bytes:
        """SubjectPublicKeyInfo as PEM, as OpenSSL reads and writes it."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def fits(self, data: bytes, signature: bytes) -> bool:
        """Whether the 64 bytes of ``signature`` are this key's signature of ``data``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):  # ValueError: no point of the curve
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that is open for use; its secret is in no text of it."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.private.public_key().public_bytes_raw())

    def sign(self, data: bytes) -> bytes:
        """The raw signature, 64 bytes; the same data always gets the same one."""
        return self.private.sign(data)


def shown_fingerprint(fingerprint: str) -> str:
    """A fingerprint in groups of four, for two people to compare by eye or on the telephone."""
    groups = (fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP))
    return " ".join(groups)
