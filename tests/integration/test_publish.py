"""A tree becomes a version; a reader finds it by its claim, whole and unchanged."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from sdtmflow import bundle
from sdtmflow.bundle import (
    BundleFacts,
    Code,
    Gap,
    InputFile,
    bundles,
    find,
    latest,
    read_manifest,
    verifier,
    verify,
)
from sdtmflow.bundle.manifest import Manifest
from sdtmflow.errors import SdtmflowError, StoreError, VerificationError
from sdtmflow.store import open_store
from sdtmflow.store.protocol import Stored, read_object, sha256_of
from sdtmflow.store.snapshots import snapshot_key
from tests.bundle_facts import facts_of

DELIVERY = b"<ODM/>\n"


def publish(store, *asked, **options):
    """Publish as a run does: the delivery is kept before."""
    key = snapshot_key(sha256_of([DELIVERY]))
    if store.current(key) is None:
        store.put_bytes(key, DELIVERY)
    return bundle.publish(store, *asked, **options)


VERIFIER = Path(verifier.__file__).read_bytes()


def facts(name: str, **changes) -> BundleFacts:
    return facts_of(
        name,
        inputs=(InputFile(site="01", source="edc", name="odm.xml", sha256=sha256_of([DELIVERY])),),
        specs={"dm.yaml": "2" * 64},
        suites={"dm.yaml": "3" * 64},
        standards={"SDTMIG 3.4": "4" * 64},
        code=Code(version="0.1.0", sha256="5" * 64),
        findings={"critical": 0, "major": 2},
        gaps=(Gap(site="06", source="edc6", reason="the file is cut off"),),
        **changes,
    )


@pytest.fixture
def tree(tmp_path) -> Path:
    root = tmp_path / "a tree"
    for name, text in {
        "m5/datasets/trial/tabulations/sdtm/dm.xpt": "subjects",
        "m5/datasets/trial/tabulations/sdtm/define.xml": "<ODM/>",
        "dataset-json/dm.json": "{}",
        "reports/empty.csv": "",
        "reports/señal (1).html": "report",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_tree_becomes_the_first_version(store, tree):
    progress = []
    done = publish(store, "TRIAL", tree, facts("a"), progress=lambda *now: progress.append(now))
    size = 22 + len(VERIFIER)
    assert (done.name, done.new, done.files, done.size) == ("v0001", True, 5 + 1, size)
    assert progress[-1] == (size, size)
    assert [claim.name for claim in bundles(store, "TRIAL")] == ["v0001"]
    manifest = read_manifest(store, done.claim)
    given = {str(path.relative_to(tree)): path for path in tree.rglob("*") if path.is_file()}
    assert [file.path for file in manifest.files] == sorted([*given, "verify.py"])
    prefix = store.bundle_prefix(done.claim.slot)
    for file in manifest.files:
        data = given[file.path].read_bytes() if file.path in given else VERIFIER
        assert read_object(store, Stored(prefix + file.path, file.version)) == data
        assert file.md5 == hashlib.md5(data).hexdigest()
    assert manifest.gaps[0].site == "06"
    assert manifest.findings["major"] == 2


def test_the_same_inputs_publish_nothing(place, tree):
    first = publish(place.open(), "TRIAL", tree, facts("a"))
    again = publish(place.open(), "TRIAL", tree, facts("a"))
    assert (again.new, again.claim, again.size) == (False, first.claim, first.size)
    assert len(bundles(place.open(), "TRIAL")) == 1


def test_versions_form_a_chain(store, tree):
    claims = [publish(store, "TRIAL", tree, facts(name)).claim for name in "abc"]
    assert [claim.version for claim in claims] == [1, 2, 3]
    assert [claim.previous for claim in claims] == [None, claims[0].digest, claims[1].digest]
    assert read_manifest(store, claims[2]).parent.manifest == claims[1].manifest.sha256
    assert latest(store, "TRIAL") == claims[2]
    assert find(store, "TRIAL", "2") == find(store, "TRIAL", "v0002") == claims[1]
    assert verify(store, "TRIAL").faults == ()


def test_only_what_changed_is_sent(s3_place, tree):
    publish(s3_place.open(), "TRIAL", tree, facts("a"))
    (tree / "dataset-json/dm.json").write_text("[]")
    sent = Watched(s3_place.open())
    publish(sent, "TRIAL", tree, facts("b"))
    assert [Path(key).name for key in sent.put] == ["dm.json"]
    assert verify(sent, "TRIAL").faults == ()


class Watched:
    """A store that remembers which files were sent to it."""

    def __init__(self, store):
        self.store, self.put = store, []

    def __getattr__(self, name):
        return getattr(self.store, name)

    def put_file(self, key, *given):
        self.put.append(key)
        return self.store.put_file(key, *given)


def test_a_damaged_parent_does_not_spoil_its_child(tmp_path, tree):
    store = open_store("store", tmp_path)
    publish(store, "TRIAL", tree, facts("a"))
    path = tmp_path / "store/bundles/v0001/dataset-json/dm.json"
    path.chmod(0o644)
    path.write_text("!!")
    publish(store, "TRIAL", tree, facts("b"))
    assert verify(store, "TRIAL", "2").faults == ()
    assert [fault.path for fault in verify(store, "TRIAL", "1").faults] == ["dataset-json/dm.json"]


def test_an_empty_tree_is_refused(store, tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(StoreError, match="nothing to publish"):
        publish(store, "TRIAL", tmp_path / "nothing", facts("a"))
    assert bundles(store, "TRIAL") == ()


@pytest.mark.parametrize("name", ["manifest.json", "claim.json", "manifest.json.sig", "verify.py"])
def test_a_tree_cannot_bring_its_own_manifest(store, tree, name):
    (tree / name).write_text("{}")
    with pytest.raises(StoreError, match="taken by the bundle"):
        publish(store, "TRIAL", tree, facts("a"))


def test_a_tree_of_links_is_refused(store, tree, tmp_path):
    (tree / "link.txt").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="plain files only"):
        publish(store, "TRIAL", tree, facts("a"))


def test_a_version_that_is_not_there_is_named_with_the_latest(store, tree):
    publish(store, "TRIAL", tree, facts("a"))
    with pytest.raises(StoreError, match=r"no bundle v0007; the latest is v0001"):
        find(store, "TRIAL", "v0007")
    with pytest.raises(StoreError, match=r"nothing is published|belongs to study TRIAL"):
        find(store, "OTHER", "latest")


def test_manifest_and_claim_are_written_one_way_only(store, tree):
    done = publish(store, "TRIAL", tree, facts("a"))
    data = store.claims("TRIAL")[1]
    assert done.claim.canonical() == data
    manifest = read_manifest(store, done.claim)
    assert Manifest.model_validate_json(json.dumps(json.loads(manifest.canonical()))) == manifest


def test_a_missing_mirror_is_written_by_the_next_publication(place, tree):
    store = Unmirrored(place.open())
    first = publish(store, "TRIAL", tree, facts("a"))
    assert "not mirrored yet" in first.warnings[0]
    assert list(store.keys("claims/TRIAL/")) == []
    publish(place.open(), "TRIAL", tree, facts("b"))
    assert list(store.keys("claims/TRIAL/")) == [
        "claims/TRIAL/v0001.json",
        "claims/TRIAL/v0002.json",
    ]


class Unmirrored:
    """A store that breaks down between the claim and its mirror."""

    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        return getattr(self.store, name)

    def put_bytes(self, key, data):
        if key.startswith("claims/"):
            raise StoreError("the store is gone")
        return self.store.put_bytes(key, data)


def test_a_lost_claim_is_taken_again_from_its_mirror(s3_place, tree):
    claims = [publish(s3_place.open(), "TRIAL", tree, facts(name)).claim for name in "ab"]
    s3_place.client().delete_object(
        Bucket=f"{s3_place.bucket}-claims", Key="some/prefix/claims/TRIAL/v0002"
    )
    assert [fault.path for fault in verify(s3_place.open(), "TRIAL", "1").faults] == ["v0002"]
    publish(s3_place.open(), "TRIAL", tree, facts("c"))
    assert bundles(s3_place.open(), "TRIAL")[:2] == tuple(claims)
    assert latest(s3_place.open(), "TRIAL").version == 3


def test_the_number_of_a_removed_bundle_is_not_used_again(tmp_path, tree):
    store = open_store("store", tmp_path)
    for name in "ab":
        publish(store, "TRIAL", tree, facts(name))
    (tmp_path / "store/bundles/v0002").rename(tmp_path / "elsewhere")
    with pytest.raises(VerificationError, match=r"v0002 was published and is gone"):
        publish(store, "TRIAL", tree, facts("c"))


def test_a_folder_of_another_study_is_refused(tmp_path, tree):
    store = open_store("store", tmp_path)
    publish(store, "TRIAL", tree, facts("a"))
    with pytest.raises(SdtmflowError, match="belongs to study TRIAL, not OTHER"):
        publish(store, "OTHER", tree, facts("b"))


def test_two_studies_share_a_bucket(s3_place, tree):
    for study in ("ONE", "TWO"):
        publish(s3_place.open(), study, tree, facts(study))
        assert verify(s3_place.open(), study).faults == ()
        assert len(bundles(s3_place.open(), study)) == 1


def test_a_local_bundle_reads_as_a_plain_tree(tmp_path, tree):
    publish(open_store("a store", tmp_path), "TRIAL", tree, facts("a"))
    root = tmp_path / "a store/bundles/v0001"
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    given = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    assert found == given | {"manifest.json", "claim.json", "verify.py"}
    assert all(path.stat().st_mode & 0o222 == 0 for path in root.rglob("*") if path.is_file())
    assert [path.name for path in root.parent.iterdir()] == ["v0001"]
