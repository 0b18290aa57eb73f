"""Every file that is not as it was published is named: in the store, in a folder, in a zip."""

from __future__ import annotations

import hashlib
import struct
import zipfile
from pathlib import Path

import pytest

from sdtmflow.bundle import (
    bundles,
    download,
    download_zip,
    publish,
    verify,
    verify_copy,
)
from sdtmflow.errors import SdtmflowError, UsageError, VerificationError
from sdtmflow.signing import load_key, make_key
from sdtmflow.store import open_store
from tests.bundle_facts import facts_of

FILES = {"m5/dm.xpt": b"subjects", "m5/define.xml": b"<ODM/>", "empty.txt": b""}


@pytest.fixture
def tree(tmp_path) -> Path:
    for name, data in FILES.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_bytes(data)
    return tmp_path / "tree"


@pytest.fixture
def local(tmp_path, tree):
    """A local store with two signed versions, and the folder of the first."""
    store = open_store("store", tmp_path)
    make_key(tmp_path / "k.pem")
    for name in "ab":
        publish(store, "TRIAL", tree, facts_of(name), key=load_key(tmp_path / "k.pem"))
    return store, tmp_path / "store/bundles/v0001"


@pytest.fixture
def copy(local, tmp_path) -> Path:
    download(local[0], "TRIAL", "v0001", tmp_path / "copy")
    return tmp_path / "copy"


def faults(verification) -> list[str]:
    return [fault.path for fault in verification.faults]


def flip(path: Path, position: int) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def flips(folder: Path):
    """Every byte of every file, of the long verifier some; tests/unit/bundle has all of a copy."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for position in range(0, path.stat().st_size, 499 if path.name == "verify.py" else 1):
            yield path, position


def test_every_flipped_bit_of_a_published_bundle_is_named(local):
    store, folder = local
    for path, position in flips(folder):
        if path.suffix == ".json" and position % 7:
            continue  # of the long files a seventh: the bytes are compared as in a copy
        flip(path, position)
        assert names(path.name, store), position
        flip(path, position)
    assert verify(store, "TRIAL", "v0001").faults == ()


def names(name: str, store) -> bool:
    """Whether ``verify`` names the file, as a fault or, for a damaged claim, as an error."""
    try:
        return any(Path(path).name == name for path in faults(verify(store, "TRIAL", "v0001")))
    except SdtmflowError as error:
        return name in str(error)


def test_a_flipped_bit_in_a_zip_is_named(local, tmp_path):
    path = tmp_path / "bundle.zip"
    download_zip(local[0], "TRIAL", "v0001", path)
    assert verify_copy(path).faults == ()
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if info.file_size]
    for info in members:
        lengths = path.read_bytes()[info.header_offset + 26 : info.header_offset + 30]
        begin = info.header_offset + 30 + sum(struct.unpack("<HH", lengths))  # name, extra fields
        flip(path, begin + info.compress_size // 2)
        assert faults(verify_copy(path)) == [info.filename.removeprefix("TRIAL-v0001/")]
        flip(path, begin + info.compress_size // 2)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_is_named(copy, name):
    (copy / name).unlink()
    assert faults(verify_copy(copy)) == [name]


def test_a_file_that_came_in_is_named(copy):
    (copy / "m5/ae.xpt").write_text("late")
    assert [str(fault) for fault in verify_copy(copy).faults] == [
        "m5/ae.xpt: is there but was not published"
    ]


def test_a_file_that_grew_is_named(copy):
    (copy / "m5/dm.xpt").write_bytes(FILES["m5/dm.xpt"] + b" ")
    assert [str(fault) for fault in verify_copy(copy).faults] == [
        "m5/dm.xpt: has more bytes than the 8 it was published with"
    ]


def test_faults_can_be_required_away(copy):
    verify_copy(copy).require()
    (copy / "m5/dm.xpt").write_bytes(b"SUBJECTS")
    with pytest.raises(VerificationError, match=r"m5/dm.xpt: holds other bytes") as caught:
        verify_copy(copy).require()
    assert caught.value.exit_code == 7


def test_a_copy_without_its_claim_is_no_bundle(copy):
    (copy / "claim.json").unlink()
    assert faults(verify_copy(copy)) == ["claim.json"]


def test_what_is_no_zip_is_refused(tmp_path):
    (tmp_path / "bundle.zip").write_text("no zip")
    found = verify_copy(tmp_path / "bundle.zip").faults
    assert [str(fault) for fault in found] == ["bundle.zip: this is no readable zip"]


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="gone: there is no such folder or zip"):
        verify_copy(tmp_path / "gone")


def test_a_manifest_rewritten_to_fit_a_changed_file_is_found_out(copy):
    changed = hashlib.sha256(b"SUBJECTS").hexdigest()
    (copy / "m5/dm.xpt").write_bytes(b"SUBJECTS")
    manifest = (copy / "manifest.json").read_text()
    honest = hashlib.sha256(FILES["m5/dm.xpt"]).hexdigest()
    (copy / "manifest.json").write_text(manifest.replace(honest, changed))
    assert faults(verify_copy(copy)) == ["manifest.json"]


def test_a_version_that_was_removed_breaks_the_chain(local):
    store, folder = local
    folder.rename(folder.with_name("gone"))
    with pytest.raises(VerificationError, match="bundle v0001 is missing although v0002 is there"):
        bundles(store, "TRIAL")


def test_an_object_that_hides_a_published_one_is_named(s3_place, tree):
    claim = publish(s3_place.open(), "TRIAL", tree, facts_of("a")).claim
    key = f"some/prefix/bundles/TRIAL/{claim.attempt}/m5/dm.xpt"
    s3_place.client().put_object(Bucket=s3_place.bucket, Key=key, Body=b"SUBJECTS")
    found = verify(s3_place.open(), "TRIAL").faults
    assert [str(fault) for fault in found] == [
        "m5/dm.xpt: a newer object hides the published one, which is intact"
    ]


def test_a_published_object_that_was_deleted_is_named(s3_place, tree):
    store = s3_place.open()
    claim = publish(store, "TRIAL", tree, facts_of("a")).claim
    key = f"bundles/TRIAL/{claim.attempt}/m5/dm.xpt"
    s3_place.client().delete_object(
        Bucket=s3_place.bucket, Key=f"some/prefix/{key}", VersionId=store.current(key).version
    )
    assert faults(verify(s3_place.open(), "TRIAL")) == ["m5/dm.xpt"]


def test_a_claim_that_was_changed_differs_from_its_mirror(s3_place, tree):
    publish(s3_place.open(), "TRIAL", tree, facts_of("a"))
    store = s3_place.open()
    honest = bundles(store, "TRIAL")[0]
    forged = honest.model_copy(update={"created": "2025-03-01T12:00:00+00:00"}).sealed().canonical()
    s3_place.client().put_object(
        Bucket=f"{s3_place.bucket}-claims", Key="some/prefix/claims/TRIAL/v0001", Body=forged
    )
    assert [str(fault) for fault in verify(store, "TRIAL").faults] == [
        "v0001/claim.json: differs from its mirror",
        "manifest.json: is of another bundle than the claim: they differ in created",
    ]
    with pytest.raises(VerificationError, match="differs from its mirror"):
        publish(s3_place.open(), "TRIAL", tree, facts_of("b"))
