"""What is wrong with a command: 2 it can mean nothing, 3 the study lacks it, 6 the store does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import click
import pytest
import typer.main
from typer.testing import CliRunner

from cli.main import app
from cli.scaffold import TEMPLATE
from sdtmflow.errors import SdtmflowError
from sdtmflow.store.local import LocalStore
from tests.integration.releases import publish_version

WHO = ("--as", "Cy Ode", "--reason", "inspection")
APPROVAL = ("--role", "Biostatistics", "--meaning", "fine")
RULES = "releases: {approvals: [Biostatistics], retention: 25 years}\n"
TAKING_A_VERSION = (
    ("show",),
    ("status",),
    ("verify",),
    ("download",),
    ("link", "--zip"),
)
DECIDING = (("hold", *WHO), ("unhold", *WHO), ("extend", *WHO, "--until", "2090-01-01"))
RELEASING = (("approve", *WHO, *APPROVAL), ("revoke", *WHO, *APPROVAL[:2]), ("release", *WHO))


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from commands(each, (*path, name))
    else:
        yield path


EVERY = tuple(commands(typer.main.get_command(app)))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study folder with one published version."""
    folder = tmp_path_factory.mktemp("exit codes") / "study"
    shutil.copytree(TEMPLATE, folder)
    text = (folder / "study.yaml").read_text().replace("study: MY01", "study: TRIAL")
    (folder / "study.yaml").write_text(text + RULES)
    publish_version(LocalStore(folder / "store"), folder.parent, "first")
    return folder


def code_of(*arguments: str) -> int:
    """The exit code; what is told is one line."""
    done = CliRunner().invoke(app, [*arguments])
    if isinstance(done.exception, SdtmflowError):
        assert len(str(done.exception).splitlines()) == 1
        return done.exception.exit_code
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_an_option_that_there_is_not_is_a_wrong_command_line(command):
    assert code_of(*command, "--no-such-option") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        *(("bundles", command, "v7x", *rest) for command, *rest in TAKING_A_VERSION),
        *(("bundles", command, "latest", *rest) for command, *rest in (*DECIDING, *RELEASING)),
        ("bundles", "diff", "old", "v0001"),
        ("bundles", "link", "v0001"),
        ("bundles", "link", "v0001", "--zip", "--expires", "soon"),
        ("bundles", "link", "v0001", "--zip", "--expires", "8d"),
        ("bundles", "orphans", "--older-than", "old"),
        ("bundles", "sweep", "--older-than", "1h"),
        ("bundles", "hold", "v0001", "--as", "Cy Ode", "--reason", " "),
        ("bundles", "hold", "v0001", "--as", "Cy\nOde", "--reason", "x"),
        ("bundles", "extend", "v0001", *WHO, "--until", "2001-01-01"),
        ("bundles", "extend", "v0001", *WHO, "--until", "later"),
        ("bundles", "download", "--as", "Cy\nOde"),
        ("audit", "list", "--bundle", "new"),
        ("audit", "verify", "--head", "9"),
        ("package", "export", "v7x"),
        ("package", "export", "v0001", "--sequence", "1"),
        ("run", "--as-of", "v0001", "--site", "01"),
        ("run", "--to", "there"),
        ("trace", "DM", "--where", "ARM"),
        ("spec", "draft", "--domain", "VS"),
        ("terms", "import", "terms.txt", "--version", "newest"),
        ("findings", "--severity", "grave"),
    ],
    ids=" ".join,
)
def test_what_can_mean_nothing_is_a_wrong_command_line(study, arguments, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terms.txt").write_text("")
    where = (str(study),) if arguments[0] in {"run", "findings"} else ("--study", str(study))
    assert code_of(*arguments, *where) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        *(("bundles", command, "v0009", *rest) for command, *rest in TAKING_A_VERSION),
        *(("bundles", command, "v0009", *rest) for command, *rest in (*DECIDING, *RELEASING)),
        ("bundles", "show", "released"),
        ("bundles", "download", "v0001", "--only", "nothing.xpt"),
        ("package", "export", "v0009"),
    ],
    ids=" ".join,
)
def test_what_the_store_has_not_is_a_mistake_about_the_store(
    study, arguments, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    assert code_of(*arguments, "--study", str(study)) == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ("bundles", "approve", "v0001", *WHO, "--role", "Nobody", "--meaning", "fine"),
        ("spec", "draft", "--source", "nobody"),
    ],
    ids=" ".join,
)
def test_what_the_study_lacks_is_told_by_the_study(study, arguments):
    assert code_of(*arguments, "--study", str(study)) == 3
