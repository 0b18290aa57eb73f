"""Downloads resume, are hashed before they get their names, and can be checked anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdtmflow.bundle import (
    download,
    download_zip,
    publish,
    verify_copy,
)
from sdtmflow.errors import StoreError, VerificationError
from sdtmflow.store.protocol import Stored
from tests.bundle_facts import facts_of

LARGE = bytes(range(256)) * 4 * 5_000


@pytest.fixture
def published(place, tmp_path):
    tree = tmp_path / "tree"
    for name, data in {
        "m5/dm.xpt": LARGE,
        "m5/define.xml": b"<ODM/>",
        "r/report.html": b"",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(data)
    facts = facts_of("a")
    return publish(place.open(), "TRIAL", tree, facts)


class Counted:
    """A store that counts the bytes it gives, and can break off once, or lie."""

    def __init__(self, store, breaks_after=None, lies_about=""):
        self.store, self.given = store, 0
        self.breaks_after, self.lies_about = breaks_after, lies_about

    def __getattr__(self, name):
        return getattr(self.store, name)

    def chunks(self, stored: Stored, start: int = 0):
        for chunk in self.store.chunks(stored, start):
            self.given += len(chunk)
            yield chunk.swapcase() if stored.key.endswith(self.lies_about or "?") else chunk
            if self.breaks_after is not None and self.given > self.breaks_after:
                raise StoreError("the connection broke")


def tree_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_download_can_be_checked_without_the_store(place, published, tmp_path):
    progress = []
    claim = download(
        place.open(), "TRIAL", "v0001", tmp_path / "d", progress=lambda *now: progress.append(now)
    )
    assert claim == published.claim
    assert progress[-1] == (published.size, published.size)
    assert verify_copy(tmp_path / "d").faults == ()
    assert tree_of(tmp_path / "d")["m5/dm.xpt"] == LARGE


def test_a_broken_download_goes_on_where_it_stopped(place, published, tmp_path):
    broken = Counted(place.open(), breaks_after=2_000_000)
    with pytest.raises(StoreError, match="connection broke"):
        download(broken, "TRIAL", "latest", tmp_path / "d")
    assert "m5/dm.xpt" not in tree_of(tmp_path / "d")
    again = Counted(place.open())
    download(again, "TRIAL", "latest", tmp_path / "d")
    assert again.given < len(LARGE) - 1_000_000
    assert verify_copy(tmp_path / "d").faults == ()


def test_a_second_download_brings_nothing(place, published, tmp_path):
    download(place.open(), "TRIAL", "latest", tmp_path / "d")
    again = Counted(place.open())
    download(again, "TRIAL", "latest", tmp_path / "d")
    assert again.given < 10_000  # the manifest


def test_a_partial_file_of_wrong_bytes_is_dropped(place, published, tmp_path):
    download(place.open(), "TRIAL", "latest", tmp_path / "d")
    (tmp_path / "d/m5/dm.xpt").unlink()
    (tmp_path / "d/m5/.dm.xpt.part").write_bytes(b"rubbish")
    download(place.open(), "TRIAL", "latest", tmp_path / "d")
    assert verify_copy(tmp_path / "d").faults == ()


def test_wrong_bytes_never_get_a_files_name(place, published, tmp_path):
    lying = Counted(place.open(), lies_about="define.xml")
    with pytest.raises(VerificationError, match=r"other bytes than were published"):
        download(lying, "TRIAL", "latest", tmp_path / "d")
    assert not [name for name in tree_of(tmp_path / "d") if "define.xml" in name]


@pytest.mark.parametrize(
    ("only", "names"),
    [
        (["*.xpt"], {"m5/dm.xpt"}),
        (["define.xml", "r"], {"m5/define.xml", "r/report.html"}),
        (["m5/*.xml"], {"m5/define.xml"}),
        (["m5/"], {"m5/dm.xpt", "m5/define.xml"}),
    ],
)
def test_only_some_files(place, published, tmp_path, only, names):
    download(place.open(), "TRIAL", "latest", tmp_path / "d", only)
    assert tree_of(tmp_path / "d").keys() == names | {"manifest.json", "claim.json", "verify.py"}
    assert verify_copy(tmp_path / "d", only).faults == ()


def test_a_pattern_that_names_nothing_is_refused(place, published, tmp_path):
    with pytest.raises(StoreError, match=r"no file 'ae.xpt'; it has, for instance, define.xml"):
        download(place.open(), "TRIAL", "latest", tmp_path / "d", ["ae.xpt"])
    assert not (tmp_path / "d").exists()


def test_a_folder_with_other_things_is_left_alone(place, published, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/thesis.doc").write_text("mine")
    with pytest.raises(StoreError, match="is not empty; name a new or an empty folder"):
        download(place.open(), "TRIAL", "latest", tmp_path / "d")
    assert tree_of(tmp_path / "d") == {"thesis.doc": b"mine"}


def test_a_zip_is_the_same_each_time(place, published, tmp_path):
    for name in ("one.zip", "two.zip"):
        download_zip(place.open(), "TRIAL", "latest", tmp_path / name)
        assert verify_copy(tmp_path / name).faults == ()
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.zip*")) == ["one.zip", "two.zip"]
