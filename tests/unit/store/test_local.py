"""What only a folder does; the contract of all stores is in tests/integration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sdtmflow.errors import StoreError
from sdtmflow.store.local import LocalStore
from sdtmflow.store.protocol import Created, Exists, Slot, sha256_of


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


def test_nothing_is_made_before_the_first_write(store, tmp_path):
    assert store.claims("S") == {}
    assert store.current("a") is None
    assert list(tmp_path.iterdir()) == []


def test_files_are_read_only(store):
    store.put_bytes("a/b", b"x")
    assert store.local_path("a/b").stat().st_mode & 0o777 == 0o444


def test_a_write_that_fails_leaves_nothing(store, tmp_path):
    (tmp_path / "dm.xpt").write_bytes(b"now")
    with pytest.raises(StoreError, match="promised was"):
        store.put_file("a/dm.xpt", tmp_path / "dm.xpt", sha256_of([b"before"]))
    assert list((tmp_path / "store/a").iterdir()) == []


def test_an_attempt_is_hidden_until_its_claim(store, tmp_path):
    store.put_bytes(store.attempt_prefix("S", "one") + "dm.xpt", b"x")
    assert [path.name for path in (tmp_path / "store/bundles").iterdir()] == [".attempt-one"]
    assert store.take_claim(Slot("S", 1, "one"), b"claim") == Created()
    assert sorted(path.name for path in (tmp_path / "store/bundles/v0001").iterdir()) == [
        "claim.json",
        "dm.xpt",
    ]


def test_an_attempt_that_lost_can_still_take_the_next_version(store):
    for name in ("one", "two"):
        store.put_bytes(store.attempt_prefix("S", name) + "dm.xpt", name.encode())
    assert store.take_claim(Slot("S", 1, "one"), b"1") == Created()
    assert store.take_claim(Slot("S", 1, "two"), b"1b") == Exists(b"1")
    assert store.take_claim(Slot("S", 2, "two"), b"2") == Created()
    assert store.claims("S") == {1: b"1", 2: b"2"}


def test_an_abandoned_attempt_is_gone(store, tmp_path):
    store.put_bytes(store.attempt_prefix("S", "one") + "m5/dm.xpt", b"x")
    store.abandon("S", "one")
    store.abandon("S", "never begun")
    assert list((tmp_path / "store/bundles").iterdir()) == []


def test_a_folder_that_only_looks_like_a_version_stops_publishing(store, tmp_path):
    (tmp_path / "store/bundles/v0001").mkdir(parents=True)
    (tmp_path / "store/bundles/v0001/notes.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"claim.json is missing or cannot be read"):
        store.claims("S")
    store.put_bytes(store.attempt_prefix("S", "one") + "dm.xpt", b"x")
    with pytest.raises(StoreError, match="move the folder away"):
        store.take_claim(Slot("S", 1, "one"), b"claim")
    assert (tmp_path / "store/bundles/v0001/notes.txt").read_text() == "mine"


def test_other_folders_are_no_versions(store, tmp_path):
    for name in ("v1", "v00001", "V0001", "v0001.bak", "notes"):
        (tmp_path / "store/bundles" / name).mkdir(parents=True)
    assert store.claims("S") == {}


def test_a_file_in_the_way_is_explained(tmp_path):
    (tmp_path / "store").write_text("I am a file")
    with pytest.raises(StoreError, match="a file is where a folder should be"):
        LocalStore(tmp_path / "store").probe()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_explained(tmp_path):
    (tmp_path / "store").mkdir(mode=0o555)
    with pytest.raises(StoreError, match="give yourself the right"):
        LocalStore(tmp_path / "store").probe()


def test_the_probe_of_a_store_leaves_nothing_in_it(tmp_path):
    assert LocalStore(tmp_path / "new" / "store").probe() == ()
    assert list((tmp_path / "new" / "store").iterdir()) == []


def test_a_probe_that_fails_leaves_no_folder(tmp_path, monkeypatch):
    # A file system that replaces folders cannot be had here; a rename that does nothing is like it.
    monkeypatch.setattr(Path, "rename", lambda here, there: there)
    with pytest.raises(StoreError, match="versions are not safe"):
        LocalStore(tmp_path / "new" / "store").probe()
    assert list(tmp_path.iterdir()) == []
