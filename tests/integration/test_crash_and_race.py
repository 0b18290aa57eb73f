"""Publishers that are killed, and publishers that race: never half a version, never a gap."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sdtmflow.bundle import bundles, read_manifest, verify
from sdtmflow.store.protocol import Stored, read_object

PUBLISHER = Path(__file__).with_name("publisher.py")


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path / "tree", "same")


def make_tree(root: Path, text: str) -> Path:
    (root / "m5").mkdir(parents=True)
    for name in ("dm.xpt", "ae.xpt"):
        (root / "m5" / name).write_text(name + text)
    return root


def start(place, tree, name, *options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, PUBLISHER, place.url, tree, name, *options],
        env={**os.environ, **place.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def start_waiting(place, tree, name) -> subprocess.Popen:
    """A publisher that is loaded and waits for ``go``."""
    publisher = start(place, tree, name, "--wait")
    assert publisher.stdout.readline() == "ready\n"
    return publisher


def go(publisher: subprocess.Popen) -> None:
    publisher.stdin.write("\n")
    publisher.stdin.flush()


def finish(publisher: subprocess.Popen) -> tuple[int, str]:
    printed, complaints = publisher.communicate(timeout=120)
    assert publisher.returncode in {0, -9}, complaints
    return publisher.returncode, printed.strip()


def require_whole(place, known: int = 0) -> int:
    """Everything that a reader can see is complete and right; the number of versions.

    The first ``known`` versions were looked at before: they must still be there.
    """
    store = place.open()
    claims = bundles(store, "TRIAL")
    assert len(claims) >= known
    for claim in claims[known:]:
        assert verify(store, "TRIAL", claim.name).faults == ()
    return len(claims)


def test_killed_at_every_boundary_nothing_half_is_seen(exclusive_place, tree):
    published, boundary, died = 0, 0, True
    while died:
        code, _ = finish(start(exclusive_place, tree, f"run {boundary}", "--die", str(boundary)))
        died = code == -9
        published = require_whole(exclusive_place, known=published)
        boundary += 1
    assert boundary > 8  # two files, the manifest, the claim and its mirror: each before and after
    code, name = finish(start(exclusive_place, tree, "after all"))
    assert (code, name) == (0, f"v{published + 1:04d}")
    assert require_whole(exclusive_place, known=published) == published + 1


def test_killed_at_random_moments_nothing_half_is_seen(exclusive_place, tmp_path):
    dice = random.Random(20260301)
    tree = make_tree(tmp_path / "big", "x" * 3_000_000)
    first = start_waiting(exclusive_place, tree, "to the end")
    began = time.monotonic()
    go(first)
    assert finish(first) == (0, "v0001")
    lasts = time.monotonic() - began
    published, kills = 1, 0
    for attempt in range(30):
        publisher = start_waiting(exclusive_place, tree, f"run {attempt}")
        go(publisher)
        time.sleep(dice.uniform(0, lasts))
        publisher.kill()
        killed = finish(publisher)[0] == -9
        published = require_whole(exclusive_place, known=published)
        kills += killed
        if not killed:  # it was ready before: aim earlier, machines change their pace
            lasts *= 0.7
        if kills == 5:
            break
    assert kills == 5
    assert finish(start(exclusive_place, tree, "after all"))[0] == 0
    assert require_whole(exclusive_place, known=published) == published + 1


def test_sixteen_publishers_get_sixteen_versions(exclusive_place, tmp_path):
    trees = {f"run {n}": make_tree(tmp_path / f"tree {n}", f"tree {n}") for n in range(16)}
    rivals = [start_waiting(exclusive_place, tree, name) for name, tree in trees.items()]
    for rival in rivals:
        go(rival)
    names = [finish(rival) for rival in rivals]
    assert sorted(names) == [(0, f"v{n:04d}") for n in range(1, 17)]
    assert require_whole(exclusive_place) == 16
    store = exclusive_place.open()
    for claim in bundles(store, "TRIAL"):
        manifest = read_manifest(store, claim)
        file = manifest.files[0]
        data = read_object(store, Stored(store.bundle_prefix(claim.slot) + file.path, file.version))
        assert data == (trees[manifest.run] / file.path).read_bytes()


def test_rivals_with_the_same_inputs_publish_one_version(exclusive_place, tree):
    rivals = [start_waiting(exclusive_place, tree, "same") for _ in range(6)]
    for rival in rivals:
        go(rival)
    assert {finish(rival) for rival in rivals} == {(0, "v0001")}
    assert require_whole(exclusive_place) == 1
