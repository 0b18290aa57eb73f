"""A store's folder that somebody has put his hands into."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sdtmflow.audit import events, read_log
from sdtmflow.bundle import bundles, download, publish, verify
from sdtmflow.errors import StoreError
from sdtmflow.store.local import LocalStore
from tests.bundle_facts import facts_of

FACTS = facts_of("a")


@pytest.fixture
def tree(tmp_path) -> Path:
    (tmp_path / "tree/m5").mkdir(parents=True)
    (tmp_path / "tree/m5/dm.xpt").write_bytes(b"subjects")
    return tmp_path / "tree"


@pytest.fixture
def store(tmp_path, tree) -> LocalStore:
    opened = LocalStore(tmp_path / "store")
    publish(opened, "TRIAL", tree, FACTS)
    return opened


def told(store) -> list[str]:
    return [str(fault) for fault in verify(store, "TRIAL").faults]


def test_a_link_in_place_of_a_published_file_is_named(store, tmp_path):
    """Its bytes are right today, and lie where anybody may change them tomorrow."""
    file = tmp_path / "store/bundles/v0001/m5/dm.xpt"
    shutil.copyfile(file, tmp_path / "dm.xpt")
    file.unlink()
    file.symlink_to(tmp_path / "dm.xpt")
    assert told(store) == ["m5/dm.xpt: is no plain file in the store"]
    with pytest.raises(StoreError, match="is no plain file"):
        download(store, "TRIAL", "latest", tmp_path / "copy")


def test_a_link_to_a_folder_that_was_put_into_a_bundle_is_named(store, tmp_path):
    (tmp_path / "store/bundles/v0001/more").symlink_to(tmp_path / "tree")
    assert told(store) == ["more: is there but was not published"]


def test_a_pipe_in_place_of_a_published_file_is_named_and_not_waited_for(store, tmp_path):
    file = tmp_path / "store/bundles/v0001/m5/dm.xpt"
    file.unlink()
    os.mkfifo(file)
    assert told(store) == ["m5/dm.xpt: is no plain file in the store"]


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("bundles/v0001/claim.json", bundles),
        ("claims/TRIAL/v0001.json", verify),
        ("series/audit/TRIAL/0001", events),
        ("audit/TRIAL/0001.json", read_log),
    ],
)
def test_a_pipe_in_place_of_a_record_is_told_and_not_waited_for(store, tmp_path, path, read):
    file = tmp_path / "store" / path
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(StoreError, match="is no plain file in the store"):
        read(store, "TRIAL")


def test_a_tree_with_a_link_to_a_folder_is_not_published_without_it(tmp_path, tree):
    (tree / "more").symlink_to(tmp_path)
    with pytest.raises(StoreError, match="a bundle holds plain files only"):
        publish(LocalStore(tmp_path / "other"), "TRIAL", tree, FACTS)


def test_an_old_manifest_that_is_claimed_once_more_is_named(store, tmp_path):
    """What the last version holds can be exchanged for a signed one of before, chain and all."""
    (first,) = bundles(store, "TRIAL")
    shutil.copytree(tmp_path / "store/bundles/v0001", tmp_path / "store/bundles/v0002")
    claim = tmp_path / "store/bundles/v0002/claim.json"
    claim.chmod(0o644)
    claim.write_bytes(first.following(first).canonical())
    assert told(store) == ["v0002/claim.json: is on the manifest of v0001"]


class Swept(LocalStore):
    """Somebody removes what looks unfinished, just before the claim."""

    def take_claim(self, slot, data):
        shutil.rmtree(self.root / "bundles" / f".attempt-{slot.attempt}")
        return super().take_claim(slot, data)


def test_an_attempt_whose_files_were_removed_by_hand_becomes_no_version(tmp_path, tree):
    store = Swept(tmp_path / "other")
    with pytest.raises(StoreError, match="nothing was published"):
        publish(store, "TRIAL", tree, FACTS)
    assert bundles(store, "TRIAL") == ()
