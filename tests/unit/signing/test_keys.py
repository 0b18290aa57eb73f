"""Keys in files, and what is said of a file that holds none that can be used."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError

from sdtmflow.errors import SigningError, VerificationError
from sdtmflow.signing import (
    Signature,
    SigningKey,
    Trust,
    check,
    load_key,
    load_public,
    make_key,
    public_file,
    shown_fingerprint,
    sign,
)


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch):
    monkeypatch.delenv("SDTMFLOW_SIGNING_PASSPHRASE", raising=False)


@pytest.fixture
def path(tmp_path) -> Path:
    make_key(tmp_path / "keys/release.pem")
    return tmp_path / "keys/release.pem"


@pytest.fixture
def key(path) -> SigningKey:
    return load_key(path)


def openssl(*arguments: object) -> bytes:
    try:
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed: keys are not compared with its own")
    return done.stdout


def test_a_made_key_is_its_owners_alone_and_its_public_half_lies_beside(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public_file(path).name == "release.pub.pem"
    assert load_public(public_file(path)) == load_key(path).public


def test_openssl_reads_a_made_key_and_finds_the_same_public_half(path):
    assert openssl("pkey", "-in", path, "-pubout") == public_file(path).read_bytes()


def test_a_key_of_openssl_is_read(tmp_path):
    (tmp_path / "own.pem").touch(mode=0o600)
    openssl("genpkey", "-algorithm", "ed25519", "-out", tmp_path / "own.pem")
    (tmp_path / "own.pub.pem").write_bytes(openssl("pkey", "-in", tmp_path / "own.pem", "-pubout"))
    assert load_key(tmp_path / "own.pem").public == load_public(tmp_path / "own.pub.pem")


def test_making_a_key_writes_over_nothing(path):
    before = path.read_bytes()
    with pytest.raises(SigningError, match=r"release.pem: is there already"):
        make_key(path)
    path.unlink()
    with pytest.raises(SigningError, match=r"release.pub.pem: is there already"):
        make_key(path)
    assert not path.exists()
    assert before


def test_a_passphrase_opens_its_key_and_is_asked_for_once(tmp_path, monkeypatch):
    path, asked = tmp_path / "k.pem", []
    made = make_key(path, "correct horse")

    def answer(key):
        asked.append(key)
        return "correct horse"

    with pytest.raises(SigningError, match=r"has a passphrase, and none was given; set SDTMFLOW_S"):
        load_key(path)
    with pytest.raises(SigningError, match="this passphrase does not open the key"):
        load_key(path, lambda _: "wrong")
    assert load_key(path, answer).public == made
    assert load_key(path, answer).public == made
    assert asked == [path]


def test_a_passphrase_may_come_from_the_environment(tmp_path, monkeypatch):
    made = make_key(tmp_path / "k.pem", "correct horse")
    monkeypatch.setenv("SDTMFLOW_SIGNING_PASSPHRASE", "correct horse")
    assert load_key(tmp_path / "k.pem").public == made


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_private_key_that_others_may_read_is_refused(path, mode):
    path.chmod(mode)
    with pytest.raises(SigningError, match=r"others than its owner may read .* chmod 600"):
        load_key(path)


def test_each_file_that_is_no_key_to_use_is_told_in_one_line(tmp_path, path):
    (tmp_path / "text.pem").write_text("no key")
    (tmp_path / "torn.pem").write_bytes(path.read_bytes()[:60])
    (tmp_path / "torn.pem").chmod(0o600)
    (tmp_path / "other.pem").touch(mode=0o600)
    openssl("genpkey", "-algorithm", "ed448", "-out", tmp_path / "other.pem")
    (tmp_path / "other.pub.pem").write_bytes(
        openssl("pkey", "-in", tmp_path / "other.pem", "-pubout")
    )
    complaints = [
        (load_key, "none.pem", "the key cannot be read (No such file or directory)"),
        (load_key, "text.pem", "this is no private key in PEM"),
        (load_key, "torn.pem", "this is no private key in PEM"),
        (load_key, "other.pem", "this is a key of another kind than Ed25519"),
        (load_key, "keys/release.pub.pem", "this is a public key"),
        (load_public, "text.pem", "this is no public key in PEM"),
        (load_public, "other.pub.pem", "this is a key of another kind than Ed25519"),
        (load_public, "keys/release.pem", "this is a private key"),
    ]
    for load, name, complaint in complaints:
        with pytest.raises(SigningError) as caught:
            load(tmp_path / name)
        assert caught.value.message == complaint
        assert "\n" not in str(caught.value)


def test_no_text_of_a_key_shows_its_secret(key):
    assert repr(key) == "SigningKey()"


def test_a_signature_fits_its_data_and_nothing_else(key):
    signature = sign(b"approved", key)
    check(b"approved", signature, "event 3")
    with pytest.raises(VerificationError, match=r"event 3: the signature by key .* does not fit"):
        check(b"Approved", signature, "event 3")


def test_a_signature_that_names_another_key_is_no_signature(key, tmp_path):
    other = make_key(tmp_path / "other.pem")
    fields = sign(b"approved", key).model_dump()
    with pytest.raises(ValidationError, match="the fingerprint is that of another key"):
        Signature(**{**fields, "key": other.fingerprint})
    swapped = Signature(**{**fields, "key": other.fingerprint, "public_key": other.raw.hex()})
    with pytest.raises(VerificationError, match="does not fit"):
        check(b"approved", swapped, "event 3")


def test_only_pinned_keys_are_vouched_for(path, key, tmp_path):
    other = make_key(tmp_path / "other.pem")
    trust = Trust.of([public_file(path)])
    assert trust.pinned
    assert trust.vouches_for(key.public.fingerprint)
    assert not trust.vouches_for(other.fingerprint)
    assert not Trust().pinned


def test_a_fingerprint_is_shown_in_groups_to_compare(key):
    shown = shown_fingerprint(key.public.fingerprint)
    assert len(shown.split(" ")) == 16
    assert shown.replace(" ", "") == key.public.fingerprint


def test_a_passphrase_that_openssl_cannot_take_is_told_before_a_key_is_made(tmp_path):
    with pytest.raises(SigningError, match="at most 1,023 bytes"):
        make_key(tmp_path / "k.pem", "x" * 1024)
    assert not (tmp_path / "k.pem").exists()


def test_a_passphrase_is_bytes_and_need_not_be_text(tmp_path, monkeypatch):
    monkeypatch.setenv("SDTMFLOW_SIGNING_PASSPHRASE", "\udcff")
    made = make_key(tmp_path / "k.pem", "\udcff")
    assert load_key(tmp_path / "k.pem").public == made
