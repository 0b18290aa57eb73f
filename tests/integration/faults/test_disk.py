"""Disks that are full, cannot be written or lose a file; clocks that are wrong: one clear line."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from sdtmflow.bundle import download, publish, verify, verify_copy
from sdtmflow.errors import StoreError
from sdtmflow.store import open_store
from tests.bundle_facts import facts_of
from tests.integration.faults.ground import CHANGED, UNCHANGED, Ground
from tests.integration.faults.jobs import Done, Refused

SMALL = 2 << 20
"""Bytes of a disk that a few versions fill."""


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own; where none can be mounted (no root), None."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = _mount("-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", folder)
    yield folder if mounted else None
    if mounted:
        subprocess.run(["umount", folder], check=True)


def _mount(*arguments) -> bool:
    if os.name != "posix" or os.geteuid() != 0:
        return False
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0


@pytest.fixture
def local_ground(exclusive_place, warm, tmp_path, small_disk):
    return Ground(exclusive_place, warm, tmp_path / "ground", 1, disk=small_disk)


def local_only(test):
    return pytest.mark.parametrize("exclusive_place", ["local"], indirect=True)(test)


@contextmanager
def ballast(folder: Path, free: int):
    """The disk has so many bytes left."""
    file = folder / "ballast"
    left = os.statvfs(folder)
    size = max(0, left.f_bavail * left.f_bsize - free)
    with file.open("wb") as out:
        out.write(b"x" * size)
    yield
    file.unlink()


def require_no_room(ending) -> bool:
    """Whether the publication was refused, and then in words that a user can act on."""
    if isinstance(ending, Done):
        return False
    assert isinstance(ending, Refused), ending
    assert ending.code == 6
    assert "the disk refused: " in ending.line
    assert "; free some space, then run again: nothing was published" in ending.line
    assert "\n" not in ending.line
    return True


@local_only
def test_a_disk_that_is_full_at_any_point(local_ground, small_disk):
    """Each page that is left gets a publication further; without a mount, each limit of a file."""
    local_ground.require_published("the first")
    refused = 0
    for pages in range(0, 32, 2):
        name = f"with {pages} pages"
        if small_disk:
            with ballast(small_disk, pages * 4096):
                ending = local_ground.publish(name, size=6_000)
        else:
            ending = local_ground.publish(name, size=6_000, file_limit=pages * 1024)
        refused += require_no_room(ending)
        local_ground.require_next(name)
    assert 3 < refused < 16
    local_ground.require_all_bytes()


@local_only
def test_a_download_to_a_full_disk_goes_on_when_there_is_room(local_ground, tmp_path):
    local_ground.require_published("the first", size=60_000)
    store, to = local_ground.store, tmp_path / "copy"
    ending = local_ground.do("download_latest", to=str(to), file_limit=30_000)
    assert require_no_room(ending)
    assert not (to / CHANGED).exists()
    download(store, local_ground.study, "latest", to)
    assert verify_copy(to).faults == ()


@local_only
def test_a_store_that_cannot_be_written(local_ground, small_disk):
    local_ground.require_published("the first")
    with read_only(small_disk, Path(local_ground.url)):
        ending = local_ground.publish("the second")
        assert isinstance(ending, Refused)
        assert ending.code == 6
        assert "the disk refused: " in ending.line
        assert "; " in ending.line
        assert local_ground.require_whole() == 1
    local_ground.require_next("the second")


@contextmanager
def read_only(disk: Path | None, folder: Path):
    if disk is None:
        before = folder.stat().st_mode
        folder.chmod(0o555)
        yield
        folder.chmod(before)
    else:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        yield
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


class Losing:
    """A store before which a file vanishes when its turn comes."""

    def __init__(self, store, loses: str) -> None:
        self._store, self._loses = store, loses

    def __getattr__(self, name):
        return getattr(self._store, name)

    def put_file(self, key, path, *arguments):
        if key.endswith(self._loses):
            path.unlink()
        return self._store.put_file(key, path, *arguments)


def test_a_file_that_vanishes_while_it_is_published(grounds):
    ground = next(grounds)
    tree = ground.tree("the first")
    losing = Losing(ground.store, UNCHANGED)
    with pytest.raises(StoreError) as caught:
        publish(losing, ground.study, tree, facts_of("the first"))
    assert caught.value.message == "the disk refused: No such file or directory"
    assert caught.value.place == str(tree / UNCHANGED)
    assert caught.value.remedy == "something was moved away meanwhile; run again"
    (tree / UNCHANGED).write_text("subjects")
    ground.require_next("the first")


def test_a_clock_that_jumps_back_between_versions(grounds, tmp_path):
    ground = next(grounds)
    for name, time in (("a", "2026-03-01T12:00:00+00:00"), ("b", "1970-01-01T00:00:00+00:00")):
        facts = facts_of(name).model_copy(update={"created": time})
        publish(ground.store, ground.study, ground.tree(name), facts)
    assert verify(ground.store, ground.study).faults == ()
    assert ground.require_whole() == 2


def test_a_clock_that_the_server_does_not_believe(s3_grounds, wire):
    ground = next(s3_grounds)
    ground.require_published("the first")
    wire.strike_always("clock", "PUT")
    ending = ground.publish("the second", environ={"SDTMFLOW_S3_ENDPOINT": wire.endpoint})
    assert isinstance(ending, Refused)
    assert ending.line.endswith("this machine's clock is wrong; set the clock")
    ground.require_next("the second")


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "store").write_text("mine")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/dm.xpt").write_text("subjects")
    with pytest.raises(StoreError, match="the disk refused") as caught:
        publish(open_store("store", tmp_path), "TRIAL", tmp_path / "tree", facts_of("a"))
    assert caught.value.remedy
    assert (tmp_path / "store").read_text() == "mine"
