"""What a manifest says that its bundle was made from."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from sdtmflow.bundle import Code, Gap, InputFile, Manifest
from sdtmflow.errors import RebuildError
from sdtmflow.rebuild.recalling import Wanted, deliveries_of, found, wanted_study_files
from sdtmflow.store import Snapshots, open_store

SHA = "a" * 64


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(open_store("store", tmp_path), tmp_path / "cache")


def manifest(**facts) -> Manifest:
    given = {
        "inputs_key": SHA,
        "run": "aaaaaaaaaaaa",
        "created": "2026-01-31T12:00:00+00:00",
        "inputs": (),
        "specs": {},
        "suites": {},
        "standards": {},
        "code": Code(version="0.1.0", sha256=SHA),
        "findings": {},
        "study": "S1",
        "parent": None,
        "files": (),
    }
    return Manifest(**given | facts)


def test_an_old_manifest_tells_deliveries_by_its_inputs_and_gaps():
    inputs = [
        InputFile(site=site, source=source, name="ae.csv", sha256=SHA)
        for site, source in (("01", "one"), ("02", "two"))
    ]
    gaps = [
        Gap(site="02", source="two", reason="cut (off) (used: last good delivery)"),
        Gap(site="03", source="three", reason="no file is there (used: nothing)"),
        Gap(site="04", source="", reason="map site 04: stopped"),
    ]
    told = deliveries_of(manifest(inputs=tuple(inputs), gaps=tuple(gaps)))
    assert [(each.source, each.failed, bool(each.used)) for each in told] == [
        ("one", "", True),
        ("three", "no file is there", False),
        ("two", "cut (off)", True),
    ]
    assert told[0].used.files == {"ae.csv": SHA}
    assert len({each.key for each in told}) == 3


def test_without_a_folder_an_old_manifest_is_not_enough():
    with pytest.raises(RebuildError, match="name the study folder"):
        wanted_study_files(manifest(), None)


def test_everything_that_is_lost_is_named_at_once(snapshots, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("A\n1\n")
    kept = snapshots.keep(file)
    damaged = snapshots.keep(Path(__file__))
    path = snapshots.path_of(damaged)
    path.chmod(0o644)
    path.write_text("other")
    wanted = [Wanted("a", kept), Wanted("b", damaged), Wanted("c", SHA)]
    with pytest.raises(RebuildError) as raised:
        found(wanted, snapshots)
    assert f"b: snapshot {damaged} holds other bytes" in str(raised.value)
    assert f"c: snapshot {SHA} is missing" in str(raised.value)
    assert "a: snapshot" not in str(raised.value)


def test_the_folder_s_own_file_serves_where_it_is_still_the_same(snapshots, tmp_path):
    own = tmp_path / "ae.yaml"
    own.write_text("version: 1\n")
    same = Wanted("mappings/ae.yaml", sha256(own.read_bytes()).hexdigest(), own)
    assert found([same], snapshots) == [own]
    with pytest.raises(RebuildError, match="is missing"):
        found([Wanted("mappings/ae.yaml", SHA, own)], snapshots)
