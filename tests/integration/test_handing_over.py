"""What a person reads who downloads, makes links and sweeps."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from sdtmflow.audit import events
from sdtmflow.bundle import verify_copy
from tests.integration.conftest import make_place
from tests.integration.orphanage import publish_tree, stop_publishing

OLD = 9 * 86_400


@pytest.fixture
def local(request, tmp_path, monkeypatch):
    place = make_place(request, "local", tmp_path)
    publish_tree(place.open(), tmp_path, "a")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return place


def run(place, *words):
    return CliRunner(env=dict(place.environ)).invoke(
        app, ["bundles", *words, "--study", "TRIAL", "--store", place.url]
    )


def test_a_zip_has_its_name_from_study_and_version(local):
    done = run(local, "download", "latest", "--zip")
    assert done.exit_code == 0, done.exception
    assert done.stdout.splitlines() == [
        "TRIAL v0001 is in TRIAL-v0001.zip",
        "check it with: sdtmflow bundles verify TRIAL-v0001.zip",
    ]
    assert verify_copy(Path("TRIAL-v0001.zip")).faults == ()


def test_to_is_the_zip_or_its_folder(local):
    for to, made in {"b.zip": "b.zip", "folder": "folder/TRIAL-v0001.zip"}.items():
        assert run(local, "download", "--zip", "--to", to).exit_code == 0
        assert Path(made).is_file()


def test_how_to_check_some_files_says_which(local):
    done = run(local, "download", "--only", "*.xpt", "--to", "some files")
    assert "sdtmflow bundles verify 'some files' --only '*.xpt'" in done.stdout


def test_a_link_in_a_folder_is_refused_in_one_line(local):
    refused = run(local, "link", "latest", "dm.xpt")
    assert "a folder has no links; download with" in str(refused.exception)
    assert "name a file, --only PATTERN, or --zip" in str(run(local, "link", "1").exception)


def test_a_link_is_printed_whole_with_hash_and_end(request, tmp_path):
    place = make_place(request, "moto", tmp_path)
    publish_tree(place.open(), tmp_path, "a")
    done = run(place, "link", "v0001", "dm.xpt", "--expires", "2h", "--as", "Ada")
    assert done.exit_code == 0, done.exception
    file, hashed, url, ends, secret = done.stdout.splitlines()
    assert file == "TRIAL v0001: m5/dm.xpt, 10 B"
    assert hashed.startswith("SHA-256 ")
    assert url.startswith(place.environ["SDTMFLOW_S3_ENDPOINT"])
    assert "works until 20" in ends
    assert "as you send a password" in secret
    event = events(place.open(), "TRIAL")[-1]
    assert (event.action, event.who) == ("link", "Ada")


def test_orphans_are_told_and_swept(local, tmp_path):
    stop_publishing(local.open(), tmp_path, "b", "append")
    then = time.time() - OLD
    for path in Path(local.url).rglob("*"):
        os.utime(path, (then, then))
    assert "whole, with its manifest, but never claimed" in run(local, "orphans").stdout
    attempt, total = run(local, "sweep", "--dry-run").stdout.splitlines()
    assert attempt.endswith(": would be removed")
    assert total.startswith("1 orphan would be removed")
    stays, total = run(local, "sweep", "--dry-run", "--older-than", "100w").stdout.splitlines()
    assert stays.startswith("1 orphan stays: ")
    assert total.endswith("; 1 left")
    assert "1 orphan removed" in run(local, "sweep", "--as", "Ada").stdout
    assert "no orphans" in run(local, "orphans").stdout
    event = events(local.open(), "TRIAL")[-1]
    assert (event.action, event.who, event.details["older than"]) == ("sweep", "Ada", "7d")


@pytest.mark.parametrize(
    ("age", "says"), [("soon", "write 30m, 24h, 7d or 2w"), ("2h", "write 1d or more")]
)
def test_an_age_that_is_none_or_too_small(local, age, says):
    assert says in str(run(local, "sweep", "--older-than", age).exception)
