"""Artifacts are whole or absent: damage, crashes and races."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from sdtmflow.pipeline.workspace import Workspace


def write(text):
    def build(out):
        (out / "sub").mkdir()
        (out / "sub" / "data.txt").write_text(text)

    return build


def forbidden(_out):
    raise AssertionError("built again")


def test_an_artifact_is_built_once_and_found_again(tmp_path):
    workspace = Workspace(tmp_path)
    made = workspace.artifact("map", "k1", write("one"))
    assert (workspace.path(made) / "sub" / "data.txt").read_text() == "one"
    assert Workspace(tmp_path).artifact("map", "k1", forbidden) == made


def test_equal_files_have_equal_digests_whatever_the_key(tmp_path):
    workspace = Workspace(tmp_path)
    first = workspace.artifact("map", "k1", write("one"))
    second = workspace.artifact("map", "k2", write("one"))
    other = workspace.artifact("map", "k3", write("two"))
    assert first.digest == second.digest != other.digest


@pytest.mark.parametrize("damage", ["changed", "gone", "extra", "record"])
def test_a_damaged_artifact_is_built_anew(tmp_path, damage):
    workspace = Workspace(tmp_path)
    made = workspace.artifact("map", "k1", write("one"))
    file = workspace.path(made) / "sub" / "data.txt"
    if damage == "changed":
        file.write_text("0ne")
    elif damage == "gone":
        file.unlink()
    elif damage == "extra":
        file.with_name("more.txt").write_text("x")
    else:
        (workspace.path(made).parent / "artifact.json").write_text("{")
    assert workspace.find("map", "k1") is None
    assert workspace.artifact("map", "k1", write("one")) == made
    assert file.read_text() == "one"


def test_a_failing_build_leaves_nothing(tmp_path):
    workspace = Workspace(tmp_path)

    def fail(out):
        (out / "half.txt").write_text("half")
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        workspace.artifact("map", "k1", fail)
    assert workspace.find("map", "k1") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_two_builders_of_one_artifact_both_get_it(tmp_path):
    workspace = Workspace(tmp_path)
    barrier = threading.Barrier(4)
    made = []

    def build(out):
        barrier.wait()
        write("one")(out)

    def run():
        made.append(workspace.artifact("map", "k1", build))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert list((tmp_path / ".building").iterdir()) == []


KILLED = """
import sys, time
from pathlib import Path
from sdtmflow.pipeline.workspace import Workspace
def build(out):
    (out / "half.txt").write_text("half")
    print("building", flush=True)
    time.sleep(60)
Workspace(Path(sys.argv[1])).artifact("map", "k1", build)
"""


def test_the_remains_of_a_killed_builder_are_swept_and_a_living_one_is_left_alone(tmp_path):
    builder = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert builder.stdout.readline() == "building\n"
    workspace = Workspace(tmp_path)
    workspace.sweep()
    assert len(list((tmp_path / ".building").iterdir())) == 2
    os.kill(builder.pid, signal.SIGKILL)
    builder.wait()
    workspace.sweep()
    assert list((tmp_path / ".building").iterdir()) == []
    assert workspace.artifact("map", "k1", write("one")).key == "k1"
