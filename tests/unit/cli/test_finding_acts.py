"""What people do to findings from the command line, and to the questions about them."""

import re
import shutil

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.scaffold import TEMPLATE
from sdtmflow.errors import SdtmflowError
from sdtmflow.register import database_of, open_register
from sdtmflow.study import StudyFolder
from tests.lives import finding, frame, looked, seen_by

FOUND = [finding(str(n), query="Please check.", message="is odd") for n in range(1, 4)]


@pytest.fixture
def study(tmp_path):
    """The template with a register that has seen three findings of its site."""
    folder = shutil.copytree(TEMPLATE, tmp_path / "my study")
    register = open_register(database_of(StudyFolder(folder)), "MY01")
    register.take(seen_by("a", looked(sites=("01",))), frame(*FOUND))
    return folder


@pytest.fixture
def run(study):
    """Run a command on the study; returns what it prints."""

    def invoke(*arguments):
        done = CliRunner().invoke(app, [*arguments, "--study", str(study), "--as", "Ana"])
        if isinstance(done.exception, SdtmflowError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return invoke


def statuses(study):
    found = open_register(database_of(StudyFolder(study)), "MY01").findings()
    return dict(found.select("record_key", "status").iter_rows())


def test_what_is_chosen_and_is_so_already_is_left_alone(run, study):
    run("findings", "waive", FOUND[0].fingerprint, "--reason", "confirmed")
    told = run("findings", "waive", "--site", "01", "--reason", "all of them")
    assert "2 findings waived" in told
    assert "1 finding left as they are" in told
    assert set(statuses(study).values()) == {"waived"}


def test_questions_that_wait_are_not_closed_by_a_choice(run, study, tmp_path):
    run("queries", "send", "--out", str(tmp_path / "out"))
    assert "0 findings opened" in run("findings", "open", "--site", "01")
    assert set(statuses(study).values()) == {"queried"}
    assert "1 finding opened" in run("findings", "open", FOUND[0].fingerprint)


def test_the_lists_of_a_study_are_written_and_counted(run, study, tmp_path):
    out = tmp_path / "to the sites"
    told = run("queries", "send", "--out", str(out))
    assert re.search(r"MY01-01-queries-[\d-]+\.xlsx: 3 questions, 3 new", told.replace("\n", ""))
    assert len(list(out.iterdir())) == 2
    listed = CliRunner().invoke(app, ["queries", "list", "--study", str(study), "--site", "01"])
    assert listed.exit_code == 0
    assert listed.output.count("queried") == 3
