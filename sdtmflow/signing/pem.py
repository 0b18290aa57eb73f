"""Keys in files: PEM as OpenSSL writes it, the private one readable by its owner alone."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from sdtmflow.errors import SigningError
from sdtmflow.settings import PASSPHRASE, Settings
from sdtmflow.signing.keys import PublicKey, SigningKey

Ask = Callable[[Path], str]
"""Asks a person for the passphrase of the key in this file."""

_FOR_OWNER, _FOR_ALL = 0o600, 0o644
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PRIVATE, _PUBLIC = b"PRIVATE KEY-----", b"-----BEGIN PUBLIC KEY-----"
_LONGEST = 1023
"""Bytes of a passphrase that OpenSSL takes."""
_open: dict[str, SigningKey] = {}
"""SHA-256 of a key's file → the key: a process asks for a passphrase once."""


def make_key(path: Path, passphrase: str = "") -> PublicKey:
    """Make a key: the private half in ``path`` (PKCS8), the public one in ``public_file(path)``.

    With an empty ``passphrase`` the file's mode is its only protection. Raises SigningError where
    either file is there already, or cannot be written.
    """
    if len(_secret(passphrase)) > _LONGEST:
        raise SigningError(
            f"a passphrase has at most {_LONGEST:,} bytes", remedy="choose a shorter one"
        )
    key = SigningKey(Ed25519PrivateKey.generate())
    beside = public_file(path)
    for file in (path, beside):
        if file.exists():
            raise SigningError("is there already", place=str(file), remedy="name a new file")
    secret = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _encryption(passphrase))
    _write_new(path, secret, _FOR_OWNER)
    _write_new(beside, key.public.pem, _FOR_ALL)
    return key.public


def public_file(path: Path) -> Path:
    """Where the public half of the key in ``path`` is: ``release.pem`` → ``release.pub.pem``."""
    return path.with_name(f"{path.name.removesuffix('.pem')}.pub.pem")


def load_key(path: Path, ask: Ask | None = None) -> SigningKey:
    """The private key in ``path``.

    The passphrase of a key that has one is SDTMFLOW_SIGNING_PASSPHRASE, else what ``ask`` gives;
    it is asked for once in a process. Raises SigningError: not there, readable by others, no key,
    not Ed25519, no or a wrong passphrase.
    """
    data = _read(path)
    _require_private(path, data)
    digest = hashlib.sha256(data).hexdigest()
    if digest not in _open:
        _open[digest] = SigningKey(_ed25519(path, data, ask))
    return _open[digest]


def holds_private_key(path: Path) -> bool:
    """Whether the file looks like a private key. Raises SigningError where it cannot be read."""
    return _PRIVATE in _read(path)


def load_public(path: Path) -> PublicKey:
    """The public key in ``path``. Raises SigningError where it holds none, or another kind."""
    data = _read(path)
    if _PRIVATE in data:
        raise SigningError(
            "this is a private key",
            place=str(path),
            remedy=f"name the public one, such as {public_file(path).name}; give this to nobody",
        )
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise _no_key(path, "public") from None
    if not isinstance(key, Ed25519PublicKey):
        raise _other_kind(path)
    return PublicKey(key.public_bytes_raw())


def _ed25519(path: Path, data: bytes, ask: Ask | None) -> Ed25519PrivateKey:
    encrypted = b"ENCRYPTED" in data
    passphrase = _passphrase(path, ask) if encrypted else None
    try:
        key = load_pem_private_key(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if encrypted:
            raise SigningError(
                "this passphrase does not open the key",
                place=str(path),
                remedy=f"type it again, or correct {PASSPHRASE}",
            ) from None
        raise _no_key(path, "private") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _other_kind(path)
    return key


def _passphrase(path: Path, ask: Ask | None) -> bytes:
    given = Settings.read().signing_passphrase.get_secret_value()
    if not given and ask is not None:
        given = ask(path)
    if not given:
        raise SigningError(
            "the key has a passphrase, and none was given",
            place=str(path),
            remedy=f"set {PASSPHRASE}",
        )
    return _secret(given)


def _secret(passphrase: str) -> bytes:
    """Its bytes, as the terminal or the environment gave them."""
    return passphrase.encode(errors="surrogateescape")


def _require_private(path: Path, data: bytes) -> None:
    """Raises SigningError where the file holds no private key, or others may read it."""
    if data.lstrip().startswith(_PUBLIC):
        raise SigningError(
            "this is a public key",
            place=str(path),
            remedy="name your private one, which signs and which nobody else has",
        )
    if _PRIVATE not in data:
        raise _no_key(path, "private")
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise SigningError(
            "others than its owner may read this private key",
            place=str(path),
            remedy=f"chmod 600 {path}; if somebody may have read it, make a new key",
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningError(
            f"the key cannot be read ({error.strerror})",
            place=str(path),
            remedy="name the key's file; `sdtmflow keys make` makes one",
        ) from None


def _encryption(passphrase: str) -> KeySerializationEncryption:
    return BestAvailableEncryption(_secret(passphrase)) if passphrase else NoEncryption()


def _write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a file that was not there, never readable by more than ``mode`` says."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        raise SigningError(
            f"the key cannot be written ({error.strerror})",
            place=str(path),
            remedy="name a new file",
        ) from None


def _no_key(path: Path, half: str) -> SigningError:
    return SigningError(
        f"this is no {half} key in PEM", place=str(path), remedy="`sdtmflow keys make` makes one"
    )


def _other_kind(path: Path) -> SigningError:
    return SigningError(
        "this is a key of another kind than Ed25519",
        place=str(path),
        remedy="`sdtmflow keys make` makes an Ed25519 key",
    )
