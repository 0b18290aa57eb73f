"""`sdtmflow gate` and `sdtmflow package`: what a user sees, what a program gets, exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sdtmflow.bundle import publish
from sdtmflow.store import open_store
from tests.bundle_facts import facts_of
from tests.unit.gate.conftest import clean_packages

__all__ = ["clean_packages"]  # a fixture of the gate's tests

STUDY = """
version: 1
study: GATE_01
title: A Trial
cutoff: 2026-03-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: DEU}}
sources: {edc: {kind: odm, path: raw, site: "01"}}
"""


def sdtmflow(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "100", "HOME": "/nonexistent"},
    )


@pytest.fixture
def package(clean_packages: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(clean_packages["FDA"], tmp_path / "0001")


def test_a_clean_package_passes_in_one_glance(package: Path) -> None:
    done = sdtmflow("gate", package, cwd=package)
    assert (done.returncode, done.stderr) == (0, f"{package}: passes the gate of FDA\n")
    lines = done.stdout.splitlines()
    assert lines[0] == "Gate of FDA  eCTD sequence, 25 files, 15 datasets"
    assert [line.split()[:2] for line in lines[1:5]] == [
        ["1789", "passed"], ["1734", "passed"], ["1735", "passed"], ["1736", "passed"],
    ]  # fmt: skip


def test_a_broken_one_names_its_criterion_and_fails(package: Path) -> None:
    (package / "m5/datasets/gate-01/misc/notes.txt").write_text("changed")
    done = sdtmflow("gate", package, cwd=package)
    assert done.returncode == 5
    assert "IX06  rejects      1  Checksums are those of the files" in done.stdout
    assert done.stderr == (
        f"error: {package}: the package does not keep what FDA asks for: IX06; "
        "mend what is told of them and judge it again\n"
    )
    assert all(len(line) <= 100 for line in done.stdout.splitlines())


def test_the_agency_is_asked_for_in_any_case(package: Path) -> None:
    told = json.loads(sdtmflow("gate", package, "--agency", "nmpa", "--json", cwd=package).stdout)
    assert told["agency"] == "NMPA"
    assert {one["criterion"] for one in told["breaches"]} == {"PK04"}
    assert sdtmflow("gate", package, "--agency", "EMA", cwd=package).returncode == 2


@pytest.mark.parametrize("said", ['{"agency": "NMPA"}', '{"agency": "EMA"}', "[]", "no JSON"])
def test_a_bundle_is_judged_for_its_own_agency(package: Path, said: str) -> None:
    (package / "reports").mkdir()
    (package / "reports" / "gate.json").write_text(said)
    told = json.loads(sdtmflow("gate", package, "--json", cwd=package).stdout)
    assert told["agency"] == ("NMPA" if "NMPA" in said else "FDA")


@pytest.mark.parametrize("name", ["nothing", "study.zip"])
def test_what_is_no_package_is_one_line_and_the_code_of_formats(tmp_path: Path, name: str) -> None:
    (tmp_path / "study.zip").write_bytes(b"PK")
    done = sdtmflow("gate", tmp_path / name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (8, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_without_datasets_says_what_to_name(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    done = sdtmflow("gate", tmp_path, cwd=tmp_path)
    assert done.returncode == 8
    assert "has no datasets and no m5 folder; name the sequence's folder" in done.stderr


def test_two_sequences_below_a_folder_are_named(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package, tmp_path / "0002")
    done = sdtmflow("gate", tmp_path, cwd=tmp_path)
    assert done.returncode == 8
    assert "has 2 packages; name one of them: 0001, 0002" in done.stderr


def test_check_writes_a_page_and_shows_each_dataset(package: Path, tmp_path: Path) -> None:
    page = tmp_path / "check.html"
    done = sdtmflow("package", "check", package, "--html", page, cwd=package)
    assert done.returncode == 0
    assert "VS            40          6" in done.stdout
    assert "The package passes the gate of FDA" in page.read_text()


@pytest.fixture
def study(clean_packages: dict[str, Path], tmp_path: Path) -> Path:
    """A study folder whose store has one bundle: the clean package, and a report beside it."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.yaml").write_text(STUDY)
    tree = shutil.copytree(clean_packages["FDA"], tmp_path / "tree")
    (tree / "reports").mkdir()
    (tree / "reports/report.html").write_text("<html/>")
    facts = facts_of("a")
    publish(open_store("store", folder), "GATE_01", tree, facts)
    return folder


def test_an_export_is_the_sequence_alone_and_passes(
    study: Path, clean_packages: dict[str, Path], tmp_path: Path
) -> None:
    to = tmp_path / "handover"
    done = sdtmflow("package", "export", "--study", study, "--to", to, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [one.name for one in to.iterdir()] == ["0001"]

    def files(root: Path) -> dict[str, bytes]:
        found = (one for one in root.rglob("*") if one.is_file())
        return {one.relative_to(root).as_posix(): one.read_bytes() for one in found}

    assert files(to / "0001") == files(clean_packages["FDA"])


@pytest.mark.parametrize(
    ("sequence", "code", "complaint"),
    [
        ("1", 2, "'1' is no sequence; write four digits"),
        ("0001", 6, "the sequence is there already"),
    ],
)
def test_an_export_never_writes_over_anything(
    study: Path, tmp_path: Path, sequence: str, code: int, complaint: str
) -> None:
    (tmp_path / "handover" / "0001").mkdir(parents=True)
    export = ("package", "export", "--study", study, "--to", tmp_path / "handover")
    done = sdtmflow(*export, "--sequence", sequence, cwd=tmp_path)
    assert done.returncode == code
    assert complaint in done.stderr
