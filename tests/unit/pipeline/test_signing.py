"""The key that a run signs with: who names it, and that it is looked at before any work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.errors import SigningError
from sdtmflow.pipeline.inputs import require_key
from sdtmflow.pipeline.run import Run
from sdtmflow.signing import make_key


@pytest.fixture
def study(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("SDTMFLOW_SIGNING_KEY", raising=False)
    monkeypatch.delenv("SDTMFLOW_SIGNING_PASSPHRASE", raising=False)
    shutil.copytree(TEMPLATE, tmp_path / "study")
    for name in ("own", "other"):
        make_key(tmp_path / f"study/keys/{name}.pem")
    return tmp_path / "study"


def says(study: Path, signing: str) -> None:
    with (study / "study.yaml").open("a") as file:
        file.write(f"\nsigning: {signing}\n")


def test_without_a_key_nothing_is_signed(study):
    run = Run.of(study)
    assert run.signing_key is None
    require_key(run)


def test_the_command_comes_before_the_environment_and_that_before_study_yaml(study, monkeypatch):
    says(study, "{key: keys/own.pem}")
    assert Run.of(study).signing_key == study / "keys/own.pem"
    monkeypatch.setenv("SDTMFLOW_SIGNING_KEY", "elsewhere.pem")
    assert Run.of(study).signing_key == Path.cwd() / "elsewhere.pem"
    assert Run.of(study, signing_key="/a/key.pem").signing_key == Path("/a/key.pem")


def test_signing_decides_nothing_of_what_is_made(study):
    before = Run.of(study).keys
    says(study, "{key: keys/own.pem}")
    assert Run.of(study).keys == before


def test_a_trusted_key_may_sign(study):
    says(study, "{key: keys/own.pem, trusted: [keys/own.pub.pem]}")
    require_key(Run.of(study))


@pytest.mark.parametrize(
    ("signing", "complaint"),
    [
        ("{key: keys/none.pem}", r"none.pem: the key cannot be read \(No such file"),
        ("{key: keys/own.pub.pem}", "this is a public key; name your private one"),
        (
            "{key: keys/own.pem, trusted: [keys/other.pub.pem]}",
            r"study.yaml:\d+: signing.trusted: .* and key [0-9a-f ]+ was named to sign",
        ),
        ("{trusted: [keys/own.pub.pem]}", "and no key at all was named to sign"),
        ("{key: keys/own.pem, trusted: [keys/own.pem]}", "this is a private key; name the public"),
    ],
)
def test_a_key_that_cannot_sign_is_told_before_any_work(study, signing, complaint):
    says(study, signing)
    with pytest.raises(SigningError, match=complaint):
        require_key(Run.of(study))
    require_key(Run.of(study, sites=["01"]))  # publishes nothing, so it needs no key
