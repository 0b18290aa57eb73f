"""What people read who approve, release and look up bundles, in a terminal of 100 columns."""

from __future__ import annotations

import re
import shutil

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.scaffold import TEMPLATE
from sdtmflow.audit import Act, Actor, record
from sdtmflow.bundle import find
from sdtmflow.errors import SdtmflowError
from sdtmflow.signing import make_key
from sdtmflow.store.local import LocalStore
from sdtmflow.study import StudyFolder
from tests.integration.releases import publish_version

RULES = "releases: {approvals: [Data Management, Biostatistics], retention: 25 years}\n"
ANA = ("--as", "Ana Álvarez", "--role", "data management")
BO = ("--as", "Bo Li", "--role", "Biostatistics")
WORDS = ("--meaning", "I have reviewed the data", "--reason", "database lock")
EVE = Actor(name="Eve", account="eve@desk")
CY = ("--as", "Cy Ode", "--reason", "submission 0001")


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(TEMPLATE, folder)
    text = (folder / "study.yaml").read_text().replace("study: MY01", "study: TRIAL")
    (folder / "study.yaml").write_text(text + RULES)
    publish_version(LocalStore(folder / "store"), tmp_path, "first")
    return folder


@pytest.fixture
def bundles(study, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("SDTMFLOW_ACTOR", raising=False)

    def run(*arguments: str) -> str:
        """What is printed, each run of blanks as one; raises the command's own error."""
        done = CliRunner().invoke(app, ["bundles", *arguments, "--study", str(study)])
        if isinstance(done.exception, SdtmflowError):
            done.exception.add_note(done.output)
            raise done.exception
        assert done.exit_code == 0, done.output
        assert all(len(line.rstrip()) <= 100 for line in done.output.splitlines())
        return re.sub(" +", " ", done.output)

    return run


def test_an_approval_tells_what_was_approved(bundles):
    told = bundles("approve", "v0001", *ANA, *WORDS)
    for line in (
        "TRIAL v0001 is approved",
        " by Ana Álvarez (",
        " as Data Management",
        " meaning I have reviewed the data",
        " reason database lock",
        " datasets 2: AE DM",
        " findings 0 critical, 2 major",
        "still to approve: Biostatistics",
    ):
        assert line in told
    assert re.search(r" at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", told)
    assert re.search(r" manifest( [0-9a-f]{4}){16}\n", told)


def test_who_signs_must_be_named(bundles, monkeypatch):
    with pytest.raises(SdtmflowError, match="nobody is named; say who signs: --as NAME"):
        bundles("approve", "v0001", *ANA[2:], *WORDS)
    monkeypatch.setenv("SDTMFLOW_ACTOR", "Ana Álvarez")
    assert " by Ana Álvarez (" in bundles("approve", "v0001", *ANA[2:], *WORDS)


@pytest.mark.parametrize("command", ["approve", "revoke", "release", "hold", "unhold", "extend"])
def test_what_may_mean_another_version_tomorrow_is_refused(bundles, command):
    options = {
        "approve": (*ANA, *WORDS),
        "revoke": (*ANA, *WORDS[2:]),
        "extend": (*CY, "--until", "2090-01-01"),
    }
    with pytest.raises(SdtmflowError, match="name the version"):
        bundles(command, "latest", *options.get(command, CY))


def test_words_are_one_line_and_never_nothing(bundles):
    for words in (("--meaning", " ", *WORDS[2:]), (*WORDS[:2], "--reason", "one\ntwo")):
        with pytest.raises(SdtmflowError, match="is one line of 1 to 500 characters"):
            bundles("approve", "v0001", *ANA, *words)


def test_a_narrow_terminal_shows_whole_paths(study, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    done = CliRunner().invoke(app, ["bundles", "show", "--study", str(study)])
    shown = [line.split() for line in done.output.splitlines()]
    assert [len(words[2]) for words in shown if words[-1:] == ["m5/dm.xpt"]] == [16]
    assert any(words[-2:] == ["edc:", "dm.csv"] for words in shown)


def test_closed_gates_are_listed_with_what_to_do(bundles):
    bundles("approve", "v0001", *ANA, *WORDS)
    with pytest.raises(SdtmflowError, match="v0001 is not released") as error:
        bundles("release", "v0001", *CY)
    assert error.value.exit_code == 5
    (told,) = error.value.__notes__
    assert re.search(r"bytes +passed +3 files", told)
    assert re.search(r"approval: Biostatistics +closed +nobody has approved", told)
    assert '→ sdtmflow bundles approve v0001 --role "Biostatistics"' in told
    assert re.search(r"lock +warning +the store has no Object Lock", told)


def test_from_approvals_to_a_release(bundles):
    assert "v0001 published 2026-03-01 0 0 of 2" in bundles("status")
    for who in (ANA, BO):
        bundles("approve", "v0001", *who, *WORDS)
    assert "v0001 approved 2026-03-01 0 2 of 2" in bundles("status")
    told = bundles("release", "v0001", *CY)
    assert "TRIAL v0001 is released" in told
    assert "approved by Ana Álvarez, Bo Li" in told
    assert "so nothing enforces it" in told  # a folder is no lock, and nobody shall believe it
    assert "was released before; nothing new is recorded" in bundles("release", "v0001", *CY)
    told = bundles("status")
    assert re.search(r"v0001 released 2026-03-01 0 2 of 2 \S{10} \S{10}", told)
    assert "latest: v0001, released: v0001" in told


def test_holds_and_extensions_are_shown(bundles):
    for who in (ANA, BO):
        bundles("approve", "v0001", *who, *WORDS)
    bundles("release", "v0001", *CY)
    assert "v0001 is under legal hold" in bundles("hold", "v0001", *CY)
    assert "kept until 2090-01-01" in bundles("extend", "v0001", "--until", "2090-01-01", *CY)
    told = bundles("status", "released")
    for line in (
        "Data Management: Ana Álvarez, ",
        "Biostatistics: Bo Li, ",
        "released Cy Ode, ",
        "kept until 2090-01-01",
        "legal hold yes",
        "the store has no Object Lock",
    ):
        assert line in told
    assert "no longer under legal hold" in bundles("unhold", "v0001", *CY)


def test_a_release_that_no_signer_signed_is_told_and_not_believed(bundles, study, tmp_path):
    make_key(study / "cy.pem")
    text = (study / "study.yaml").read_text()
    signed = RULES.replace("}", ", signers: [cy.pub.pem]}")
    (study / "study.yaml").write_text(text.replace(RULES, signed))
    store = LocalStore(study / "store")
    claim = find(store, "TRIAL", "latest")
    forged = record(store, "TRIAL", Act("release", 1, claim.manifest.sha256), EVE)
    why = f"entry {forged.number}, release by Eve on {forged.time[:10]}: not signed"
    told = bundles("status")
    assert f"v0001: does not count: {why}" in told
    assert "latest: v0001, released: none" in told
    assert f" does not count {why}" in bundles("status", "v0001")
    for command in ("download", "show", "verify", "status"):
        with pytest.raises(SdtmflowError, match="no bundle is released by a key of"):
            bundles(command, "released")
    with pytest.raises(SdtmflowError, match="--key"):
        bundles("hold", "v0001", *CY)
    bundles("hold", "v0001", *CY, "--key", str(study / "cy.pem"))
    assert "legal hold yes" in bundles("status", "v0001")


def test_a_study_that_says_nothing_of_releases_releases_nothing(bundles, study):
    text = (study / "study.yaml").read_text().replace(RULES, "")
    (study / "study.yaml").write_text(text)
    with pytest.raises(SdtmflowError, match=r"add, for instance, releases: \{approvals"):
        bundles("release", "v0001", *CY)
    assert "nothing of this study can be released" in bundles("status", "v0001")


def test_the_template_s_blocks_on_keys_and_releases_can_be_taken_as_they_stand(tmp_path):
    template = (TEMPLATE / "study.yaml").read_text()
    inner = r"^# ((?:drift|signing|releases):|  \w+: .*)$"
    (tmp_path / "study.yaml").write_text(re.sub(inner, r"\1", template, flags=re.MULTILINE))
    study = StudyFolder(tmp_path).study
    assert study.releases.approvals == ["Data Management", "Biostatistics", "Regulatory Affairs"]
    assert study.signing.trusted == ["keys/publisher.pub.pem"]


def test_a_revoked_approval_is_told(bundles):
    bundles("approve", "v0001", *ANA, *WORDS)
    told = bundles("revoke", "v0001", "--role", "Data Management", *CY)
    assert "TRIAL v0001: its approval as Data Management is taken back" in told
    assert " not yet Data Management" in bundles("status", "v0001")


def test_a_store_and_the_study_s_id_tell_the_status(bundles, study):
    bundles("approve", "v0001", *ANA, *WORDS)
    asked = ["bundles", "status", "--study", "TRIAL", "--store", str(study / "store")]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert re.search(r"v0001 +published +2026-03-01 +0 +1 approval\b", done.output)
    done = CliRunner().invoke(app, [*asked, "v0001"])
    assert "which roles must approve is in study.yaml" in done.output
