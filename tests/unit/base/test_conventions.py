"""Conventions of the house that no linter knows."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from sdtmflow.privacy import Kind

ROOT = Path(__file__).parents[3]


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: the tracked files cannot be listed")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_the_lock_names_versions_and_hashes_and_no_host():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pinned = re.findall(r"^[A-Za-z0-9_.-]+==", lock, flags=re.MULTILINE)
    assert len(pinned) > 100
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", lock)) >= len(pinned)


def test_no_tracked_file_holds_a_path_of_somebodys_machine():
    own = re.compile(rb"(?:/home/|/root/|/Users/|/work/(?:main|shared))")
    guilty = [
        path.relative_to(ROOT)
        for path in tracked()
        if path != Path(__file__) and path.is_file() and own.search(path.read_bytes())
    ]
    assert guilty == []


def test_decisions_are_numbered_once_each():
    numbers = Counter(path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md"))
    assert all(number.isdigit() and times == 1 for number, times in numbers.items()), numbers


def test_no_room_is_called_after_nothing():
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [path for path in tracked() if path.suffix == ".py" and path.stem in vague] == []


def test_every_rule_of_ours_is_in_the_reference():
    pages = [ROOT / "docs/reference" / f"{name}-rules.md" for name in ("finding", "standard")]
    told = {rule for page in pages for rule in re.findall(r"`([A-Z_0-9]+)`", page.read_text())}
    source = [path for path in tracked() if path.suffix == ".py" and path.is_file()]
    rooms = ("sdtmflow", "expectations")
    text = "\n".join(
        path.read_text() for path in source if path.relative_to(ROOT).parts[0] in rooms
    )
    named = set(re.findall(r"(?:rule=|RULE = |_Rule\(|\brule: \w+ = )\"([A-Z][A-Z_0-9]+)\"", text))
    problems = set(re.findall(r"\"((?:XPT|READBACK|SUBJECT|TERM|DATE|UNIT|VISIT)_[A-Z_]+)\"", text))
    suites = "\n".join(path.read_text() for path in (ROOT / "expectations/suites").glob("*.yaml"))
    standard = set(re.findall(r"rule: (SDTM\d+)", suites))
    assert len(standard) > 10
    private = {kind.rule for kind in Kind}
    assert (named | problems | standard | private) - told == set()
