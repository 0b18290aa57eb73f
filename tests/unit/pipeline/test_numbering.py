"""Which remembered numbers a partition gets, and what is read of the last bundle."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.bundle import OvertakenError, publish
from sdtmflow.errors import StoreError, VerificationError
from sdtmflow.pipeline.numbering import (
    FOLDER,
    MappedFrom,
    Numbering,
    Numbers,
    numbering_of,
    tables_of,
)
from sdtmflow.pipeline.run import Run
from tests.bundle_facts import facts_of

OLD, NEW = Numbers(1, "one"), Numbers(2, "two")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.of(Path(shutil.copytree(TEMPLATE, tmp_path / "study")))


def published(run: Run, key: str, tables: dict[str, list[int]], study: str = "MY01", **options):
    """A bundle whose memory has these numbers."""
    tree = run.root / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / FOLDER).mkdir(parents=True)
    (tree / "dm.xpt").write_bytes(b"data")
    for name, numbers in tables.items():
        pl.DataFrame({"number": numbers}).write_parquet(tree / FOLDER / f"{name}.parquet")
    said = {"01": {"inputs": "same", "numbers": {"version": 0, "digest": ""}}}
    (tree / FOLDER / "partitions.json").write_text(json.dumps(said))
    facts = facts_of(key)
    return publish(run.store, study, tree, facts, **options)


def test_a_partition_that_has_not_changed_keeps_the_numbers_it_was_mapped_with():
    numbering = Numbering(2, NEW, {"01": MappedFrom("same", OLD)})
    assert numbering.given_to("01", "same") == OLD
    assert numbering.given_to("01", "other") == NEW
    assert numbering.given_to("02", "same") == NEW


def test_before_the_first_bundle_nothing_is_remembered(run):
    numbering = numbering_of(run)
    assert numbering == Numbering()
    assert tables_of(run, numbering.numbers) is None


def test_the_last_bundle_says_what_it_was_mapped_from(run):
    published(run, "a", {"AE": [1, 2]})
    numbering = numbering_of(run)
    assert (numbering.parent, numbering.numbers.version) == (1, 1)
    assert numbering.given_to("01", "same") == Numbers()
    folder = tables_of(run, numbering.numbers)
    assert folder is not None
    assert pl.read_parquet(folder / "AE.parquet")["number"].to_list() == [1, 2]


def test_the_same_numbers_in_a_later_bundle_have_the_same_digest(run):
    published(run, "a", {"AE": [1, 2]})
    first = numbering_of(run).numbers
    published(run, "b", {"AE": [1, 2]})
    assert numbering_of(run).numbers == Numbers(2, first.digest)
    published(run, "c", {"AE": [1, 2, 3]})
    assert numbering_of(run).numbers.digest != first.digest


def test_damaged_numbers_are_refused(run):
    published(run, "a", {"AE": [1, 2]})
    numbers = numbering_of(run).numbers
    for name in ("AE.parquet", "partitions.json"):
        (path,) = (run.root / "store").rglob(name)
        path.chmod(0o644)
        path.write_bytes(b"other")
    with pytest.raises(VerificationError, match="not the one that was published"):
        numbering_of(run)
    with pytest.raises(VerificationError, match="other bytes than were published"):
        tables_of(run, numbers)


def test_another_studys_store_is_refused(run):
    published(run, "a", {"AE": [1]}, study="OTHER")
    with pytest.raises(StoreError, match="belongs to study OTHER"):
        numbering_of(run)


def test_a_bundle_without_memory_begins_anew(run):
    tree = run.root / "plain"
    tree.mkdir()
    (tree / "dm.xpt").write_bytes(b"data")
    facts = facts_of("d")
    publish(run.store, "MY01", tree, facts)
    assert numbering_of(run) == Numbering(parent=1)


def test_a_tree_is_published_behind_the_bundle_that_it_follows_only(run):
    published(run, "a", {"AE": [1]}, after=0)
    published(run, "b", {"AE": [1]}, after=1)
    with pytest.raises(
        OvertakenError, match="another run has published v0002 meanwhile; run again"
    ):
        published(run, "c", {"AE": [1]}, after=1)
    assert published(run, "b", {"AE": [1]}, after=1).new is False, "the same again is no rival"
