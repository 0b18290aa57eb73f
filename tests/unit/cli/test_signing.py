"""Keys and signatures on the command line, in a terminal of 100 columns."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.scaffold import TEMPLATE
from sdtmflow.bundle import publish
from sdtmflow.errors import SdtmflowError, SigningError, VerificationError
from sdtmflow.signing import load_key, make_key, shown_fingerprint
from sdtmflow.store.local import LocalStore
from tests.bundle_facts import facts_of

FACTS = facts_of("a")


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A folder with two keys, and a study whose one bundle is signed by the first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("SDTMFLOW_SIGNING_PASSPHRASE", raising=False)
    shutil.copytree(TEMPLATE, tmp_path / "study")
    for name in ("own", "other"):
        make_key(tmp_path / f"{name}.pem")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/dm.xpt").write_bytes(b"subjects")
    store = LocalStore(tmp_path / "study/store")
    publish(store, "MY01", tmp_path / "tree", FACTS, key=load_key(tmp_path / "own.pem"))
    return tmp_path


def sdtmflow(*arguments: str, answers: str = "") -> str:
    """What is printed; raises the command's own error."""
    done = CliRunner().invoke(app, list(arguments), input=answers)
    if isinstance(done.exception, SdtmflowError):
        raise done.exception
    assert done.exit_code == 0, done.output
    assert all(len(line.rstrip()) <= 104 for line in done.output.splitlines()), done.output
    return done.output


def fingerprint(path: Path) -> str:
    return shown_fingerprint(load_key(path).public.fingerprint)


def test_a_key_is_made_shown_and_its_public_half_printed(home):
    told = sdtmflow("keys", "make", "new.pem", "--no-passphrase")
    assert "private key  new.pem  (keep it to yourself" in told
    assert "public key   new.pub.pem" in told
    for name in ("new.pem", "new.pub.pem"):
        assert sdtmflow("keys", "show", name) == f"fingerprint  {fingerprint(home / 'new.pem')}\n"
        assert sdtmflow("keys", "public", name) == (home / "new.pub.pem").read_text()
    with pytest.raises(SigningError, match=r"new.pem: is there already; name a new file"):
        sdtmflow("keys", "make", "new.pem", "--no-passphrase")


def test_a_passphrase_comes_from_the_environment_where_nobody_can_be_asked(home, monkeypatch):
    with pytest.raises(SigningError, match=r"nobody to ask .* say --no-passphrase"):
        sdtmflow("keys", "make", "new.pem")
    assert not (home / "new.pem").exists()
    monkeypatch.setenv("SDTMFLOW_SIGNING_PASSPHRASE", "correct horse")
    sdtmflow("keys", "make", "new.pem")
    assert "ENCRYPTED" in (home / "new.pem").read_text()
    assert "fingerprint" in sdtmflow("keys", "show", "new.pem")


def test_list_and_show_tell_who_signed(home):
    own = fingerprint(home / "own.pem")
    assert own[:9] in sdtmflow("bundles", "list", "--study", "study")
    assert f"signed: by key {own}" in sdtmflow("bundles", "show", "--study", "study")


@pytest.mark.parametrize("form", ["latest", "copy", "copy.zip"])
def test_verify_tells_what_the_signature_is_worth(home, form):
    if form != "latest":
        sdtmflow("bundles", "download", "--study", "study", "--to", form)
    verify = ("bundles", "verify", form, "--study", "study")
    told = sdtmflow(*verify)
    assert f"signature: fits; by key {fingerprint(home / 'own.pem')}" in told
    assert "which nothing here vouches for" in told
    assert "which you trust" in sdtmflow(*verify, "--key", "other.pub.pem", "--key", "own.pub.pem")
    with pytest.raises(VerificationError, match="is none of those required"):
        sdtmflow(*verify, "--key", "other.pub.pem")
    with (home / "study/study.yaml").open("a") as file:
        file.write("\nsigning: {trusted: [../other.pub.pem]}\n")
    with pytest.raises(VerificationError, match="none of those required"):
        sdtmflow(*verify)
    assert "which you trust" in sdtmflow(*verify, "--key", "own.pub.pem")


def test_a_key_that_is_none_is_told_before_a_bundle_is_read(home):
    with pytest.raises(SigningError, match=r"own.pem: this is a private key; name the public one"):
        sdtmflow("bundles", "verify", "--study", "study", "--key", "own.pem")
