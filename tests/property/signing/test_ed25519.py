"""Two implementations of Ed25519 must agree: the verifier's own, and OpenSSL's in cryptography."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.bundle.verifier import signature_fits
from sdtmflow.signing import PublicKey, SigningKey

keys = st.binary(min_size=32, max_size=32).map(
    lambda seed: SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
)


@settings(max_examples=60, deadline=None)
@given(keys, st.binary(max_size=300))
def test_what_one_signs_the_other_accepts(key, message):
    assert signature_fits(key.public.raw, message, key.sign(message))


@settings(max_examples=100, deadline=None)
@given(keys, st.binary(max_size=40), st.integers(0, 511), st.integers(0, 255))
def test_a_changed_bit_of_signature_or_key_is_judged_alike(key, message, of_signature, of_key):
    signature = changed(key.sign(message), of_signature)
    assert not signature_fits(key.public.raw, message, signature)
    assert not key.public.fits(message, signature)
    other = changed(key.public.raw, of_key)
    assert not signature_fits(other, message, key.sign(message))
    assert not PublicKey(other).fits(message, key.sign(message))


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=9), st.binary(max_size=70))
def test_anything_at_all_is_judged_alike(public, message, signature):
    assert signature_fits(public, message, signature) == PublicKey(public).fits(message, signature)


def changed(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "little") ^ (1 << bit)).to_bytes(len(data), "little")
