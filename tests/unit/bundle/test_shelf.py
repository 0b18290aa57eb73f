"""Whose bundles are asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.bundle import publish, shelf
from sdtmflow.errors import StoreError, StudyError
from sdtmflow.store import open_store
from tests.bundle_facts import facts_of


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one bundle of MY01."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/dm.xpt").write_bytes(b"dm")
    facts = facts_of("aaaaaaaaaaaa")
    publish(open_store("store", tmp_path), "MY01", tmp_path / "tree", facts)
    return tmp_path / "store"


def test_a_study_folder_names_its_own_store(tmp_path):
    root = Path(shutil.copytree(TEMPLATE, tmp_path / "study"))
    found = shelf(root)
    assert (found.study, found.url) == ("MY01", str(root / "store"))
    assert found.folder.root == root
    assert shelf(root, str(tmp_path / "other")).store.url == str(tmp_path / "other")


def test_of_a_store_alone_the_study_is_known_by_its_bundles(store):
    for study in (Path(), Path("MY01")):
        found = shelf(study, str(store))
        assert (found.study, found.url, found.folder) == ("MY01", str(store), None)


def test_what_is_neither_folder_nor_study_is_told(store, tmp_path):
    with pytest.raises(StoreError, match="has bundles of MY01; 'MY02' is none of them"):
        shelf(Path("MY02"), str(store))
    with pytest.raises(StoreError, match="there are no bundles"):
        shelf(Path("MY01"), str(tmp_path / "nothing"))
    with pytest.raises(StudyError, match=r"no study\.yaml"):
        shelf(tmp_path / "nothing")
