"""A zip is written straight from the store, resumed at the byte, verified before it is named."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from sdtmflow.bundle import download_zip, publish, verify_copy
from sdtmflow.errors import StoreError, VerificationError
from tests.bundle_facts import facts_of
from tests.integration.conftest import make_place

INCOMPRESSIBLE = random.Random(20260301).randbytes(3_000_000)
MORE = 400_000
"""Bytes that a download brings before it is killed."""
TEXT = b"STUDYID,USUBJID\n" * 200_000


@pytest.fixture(params=["local", "ministack"])
def place(request, tmp_path):
    return make_place(request, request.param, tmp_path)


@pytest.fixture
def published(place, tmp_path):
    tree = tmp_path / "tree"
    files = {"m5/ae.xpt": INCOMPRESSIBLE, "m5/dm.xpt": TEXT, "r/empty.csv": b"", "r/z.txt": b"z"}
    for name, data in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(data)
    return publish(place.open(), "TRIAL", tree, facts_of("a"))


class Watched:
    """A store that counts the bytes it gives, and can break off or lie."""

    def __init__(self, store, breaks_after=None, lies=False):
        self.store, self.given, self.breaks_after, self.lies = store, 0, breaks_after, lies

    def __getattr__(self, name):
        return getattr(self.store, name)

    def chunks(self, stored, start=0):
        for chunk in self.store.chunks(stored, start):
            if "/m5/" in stored.key:
                self.given += len(chunk)
                if self.breaks_after is not None and self.given > self.breaks_after:
                    raise StoreError("the connection broke")
            yield chunk.swapcase() if self.lies and "dm.xpt" in stored.key else chunk


def zip_to(store, to, **options):
    return download_zip(store, "TRIAL", "latest", to, **options)


@pytest.mark.parametrize("breaks_after", [0, 1_500_000, 3_000_001, 5_000_000])
def test_a_broken_zip_goes_on_at_the_byte(place, published, tmp_path, breaks_after):
    zip_to(place.open(), tmp_path / "whole.zip")
    with pytest.raises(StoreError, match="connection broke"):
        zip_to(Watched(place.open(), breaks_after), tmp_path / "d.zip")
    assert not (tmp_path / "d.zip").exists()
    again = Watched(place.open())
    zip_to(again, tmp_path / "d.zip")
    all_bytes = len(INCOMPRESSIBLE) + len(TEXT)
    assert again.given <= all_bytes - breaks_after + (2 << 20)  # less than a chunk is asked twice
    assert (tmp_path / "d.zip").read_bytes() == (tmp_path / "whole.zip").read_bytes()
    assert {path.name for path in tmp_path.glob("*d.zip*")} == {"d.zip"}


def test_no_second_copy_waits_on_the_disk(place, published, tmp_path):
    seen = set()

    def look(done, total):
        seen.update(path.name for path in (tmp_path / "here").iterdir())

    zip_to(place.open(), tmp_path / "here" / "d.zip", progress=look)
    assert seen == {".d.zip.part"}


@pytest.mark.parametrize("place_of_damage", [0.0, 0.2, 0.5, 0.9])
def test_a_damaged_unfinished_zip_is_mended(place, published, tmp_path, place_of_damage):
    zip_to(place.open(), tmp_path / "whole.zip")
    whole = (tmp_path / "whole.zip").read_bytes()
    at = int(len(whole) * place_of_damage)
    damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
    (tmp_path / ".d.zip.part").write_bytes(damaged)
    zip_to(place.open(), tmp_path / "d.zip")
    assert (tmp_path / "d.zip").read_bytes() == whole


def test_wrong_bytes_never_get_the_name(place, published, tmp_path):
    with pytest.raises(VerificationError, match="other bytes than were published"):
        zip_to(Watched(place.open(), lies=True), tmp_path / "d.zip")
    assert not (tmp_path / "d.zip").exists()
    zip_to(place.open(), tmp_path / "d.zip")
    assert verify_copy(tmp_path / "d.zip").faults == ()


def test_somebody_elses_file_is_left_as_it_is(place, published, tmp_path):
    (tmp_path / "d.zip").write_bytes(b"my thesis")
    with pytest.raises(StoreError, match="it was left as it is"):
        zip_to(place.open(), tmp_path / "d.zip")
    assert (tmp_path / "d.zip").read_bytes() == b"my thesis"


def test_a_file_that_comes_meanwhile_is_left_as_it_is(place, published, tmp_path):
    def come(done, total):
        (tmp_path / "d.zip").write_bytes(b"my thesis")

    with pytest.raises(StoreError, match="it was left as it is"):
        zip_to(place.open(), tmp_path / "d.zip", progress=come)
    assert (tmp_path / "d.zip").read_bytes() == b"my thesis"


def test_the_same_zip_again_is_no_error_and_brings_nothing(place, published, tmp_path):
    zip_to(place.open(), tmp_path / "d.zip")
    again = Watched(place.open())
    zip_to(again, tmp_path / "d.zip")
    assert again.given == 0


def test_killed_in_the_middle_it_goes_on(place, published, tmp_path):
    to = tmp_path / "d.zip"
    program = (
        "import sys, time; from pathlib import Path; from sdtmflow.store import open_store\n"
        "from sdtmflow.bundle import download_zip\n"
        "slow = lambda done, total: time.sleep(0.05)\n"
        "download_zip(open_store(sys.argv[1], Path('/')), 'TRIAL', 'latest', Path(sys.argv[2]),"
        " progress=slow)"
    )
    kills = 0
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", program, place.url, to], env={**os.environ, **place.environ}
        )
        part = tmp_path / ".d.zip.part"
        before = part.stat().st_size if part.exists() else 0
        enough = before + MORE  # of a member's bytes, not only its header
        while child.poll() is None and (part.stat().st_size if part.exists() else 0) < enough:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        kills += child.wait() == -signal.SIGKILL
    assert kills
    assert not to.exists()
    again = Watched(place.open())
    zip_to(again, to)
    assert again.given < len(INCOMPRESSIBLE) + len(TEXT)
    assert verify_copy(to).faults == ()


def test_members_say_no_time_and_come_sorted(place, published, tmp_path):
    zip_to(place.open(), tmp_path / "d.zip", only=["*.xpt"])
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        names = archive.namelist()
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None
    assert names == sorted(names)
    assert "TRIAL-v0001/m5/dm.xpt" in names
    assert "TRIAL-v0001/r/z.txt" not in names


def test_the_same_bundle_packed_by_somebody_is_left_as_it_is(place, published, tmp_path):
    zip_to(place.open(), tmp_path / "ours.zip")
    with (
        zipfile.ZipFile(tmp_path / "ours.zip") as ours,
        zipfile.ZipFile(tmp_path / "theirs.zip", "w") as theirs,
    ):
        for name in ours.namelist():
            theirs.writestr(name.partition("/")[2], ours.read(name))
    assert verify_copy(tmp_path / "theirs.zip").faults == ()
    with pytest.raises(StoreError, match="it was left as it is"):
        zip_to(place.open(), tmp_path / "theirs.zip")
