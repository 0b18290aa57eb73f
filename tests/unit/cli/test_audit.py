"""`sdtmflow audit`: what an auditor sees, what a program gets, exit codes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from sdtmflow.audit import Act, Actor, events, record
from sdtmflow.bundle import publish
from sdtmflow.errors import SdtmflowError
from sdtmflow.store import Store, open_store
from tests.bundle_facts import facts_of

STUDY = """
version: 1
study: TRIAL
title: A Trial
cutoff: 2026-03-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: DEU}}
sources: {edc: {kind: odm, path: raw, site: "01"}}
"""
ANA = Actor(name="Ana Álvarez", account="ana@desk")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study.yaml").write_text(STUDY)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "dm.xpt").write_text("dm")
    facts = facts_of("one")
    publish(store_of(tmp_path), "TRIAL", tree, facts, actor=ANA)
    return tmp_path


def store_of(study: Path) -> Store:
    return open_store("store", study)


def sdtmflow(study: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and what is printed, errors as `main` tells them."""
    done = CliRunner().invoke(app, [*arguments, "--study", str(study)], env={"COLUMNS": "100"})
    if isinstance(done.exception, SdtmflowError):
        return done.exception.exit_code, f"{done.output}{done.exception}"
    return done.exit_code, done.output


def test_the_store_of_the_study_is_the_one_that_is_read(study):
    code, printed = sdtmflow(study, "audit", "list")
    (line,) = printed.splitlines()[1:]
    assert code == 0
    assert line.split()[0] == "1"
    assert "Ana Álvarez  publish  v0001" in line


def test_entries_are_chosen_by_version_and_action(study):
    store = store_of(study)
    record(store, "TRIAL", Act("sweep", details={"attempts": "3"}), ANA)
    sdtmflow(study, "bundles", "verify", "--as", "Bob")
    code, printed = sdtmflow(study, "audit", "list", "--bundle", "v0001", "--action", "verify")
    assert code == 0
    assert "Bob" in printed
    assert "result: intact" in printed
    assert "sweep" not in printed
    assert "publish" not in printed


def test_files_hold_every_field(study, tmp_path):
    code, _ = sdtmflow(
        study, "audit", "list", "--csv", f"{tmp_path}/log.csv", "--json", f"{tmp_path}/log.json"
    )
    (event,) = events(store_of(study), "TRIAL")
    assert code == 0
    assert json.loads((tmp_path / "log.json").read_text()) == [event.model_dump(mode="json")]
    with (tmp_path / "log.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["who"], row["bundle"], row["sha256"]) == ("Ana Álvarez", "v0001", event.digest)


def test_a_whole_log_prints_its_head(study):
    (event,) = events(store_of(study), "TRIAL")
    code, printed = sdtmflow(study, "audit", "verify")
    assert (code, printed.splitlines()) == (
        0,
        [
            "the audit log of TRIAL is whole: 1 entry, 1 version",
            f"its head, to note down: {event.head}",
        ],
    )
    assert sdtmflow(study, "audit", "verify", "--head", str(event.head))[0] == 0


def cut_off_the_end(study: Path) -> None:
    (study / "store/series/audit/TRIAL/0002").unlink()
    (study / "store/audit/TRIAL/0002.json").unlink()


def test_an_end_that_was_cut_off_is_found_by_this_machine(study):
    record(store_of(study), "TRIAL", Act("sweep"), ANA)
    assert sdtmflow(study, "audit", "verify")[0] == 0
    cut_off_the_end(study)
    for command in ("verify", "list"):
        code, printed = sdtmflow(study, "audit", command)
        assert code == 7
        assert "entry 2: was there by what this machine has seen and is gone" in printed


def test_nothing_is_downloaded_where_the_log_lacks_what_was_seen(study, tmp_path):
    download = ("bundles", "download", "--to")
    assert sdtmflow(study, *download, f"{tmp_path}/one")[0] == 0
    assert sdtmflow(study, *download, f"{tmp_path}/two")[0] == 0  # has seen the first download
    (study / "store/series/audit/TRIAL/0003").unlink()
    cut_off_the_end(study)
    code, printed = sdtmflow(study, *download, f"{tmp_path}/three")
    assert code == 7
    assert "entry 2 is not the one that this machine has seen" in printed
    assert not (tmp_path / "three").exists()


def test_an_end_that_was_cut_off_is_found_by_a_noted_head(study):
    noted = record(store_of(study), "TRIAL", Act("sweep"), ANA).head
    cut_off_the_end(study)
    assert sdtmflow(study, "audit", "verify")[0] == 0
    code, printed = sdtmflow(study, "audit", "verify", "--head", str(noted))
    assert code == 7
    assert "entry 2: was there by the head that was noted and is gone" in printed


@pytest.mark.parametrize("head", ["7", "0:" + "a" * 64, "1:abc", "x"])
def test_a_head_is_written_as_it_was_printed(study, head):
    code, printed = sdtmflow(study, "audit", "verify", "--head", head)
    assert code == 2
    assert "a number, a colon, 64 digits" in " ".join(printed.replace("│", " ").split())


def test_nothing_in_an_entry_can_redraw_the_screen(study):
    record(store_of(study), "TRIAL", Act("sweep", details={"a": "\x1b[2Jb\nc"}), ANA)
    _, printed = sdtmflow(study, "audit", "list", "--action", "sweep")
    assert "\x1b" not in printed
    assert "a: \ufffd[2Jb\ufffdc" in printed


def test_entries_are_chosen_by_what_a_version_is_called(study):
    code, printed = sdtmflow(study, "audit", "list", "--bundle", "latest")
    assert (code, "v0001" in printed) == (0, True)
