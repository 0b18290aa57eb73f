"""Copies that somebody made in order to deceive, to hang or to stop the verifier."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sdtmflow.bundle import download, download_zip, publish, verifier
from sdtmflow.bundle.verifier import Fault, check_copy
from sdtmflow.signing import load_key, make_key
from sdtmflow.store import open_store
from tests.bundle_facts import facts_of

FACTS = facts_of("a")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A key, and two signed versions of one study, each as a folder and as a zip."""
    root = tmp_path_factory.mktemp("made")
    make_key(root / "k.pem")
    store = open_store("store", root)
    for number, name in enumerate(("v0001", "v0002"), start=1):
        (root / name).mkdir()
        (root / name / "dm.xpt").write_bytes(name.encode())
        facts = FACTS.model_copy(update={"inputs_key": str(number) * 64})
        publish(store, "TRIAL", root / name, facts, key=load_key(root / "k.pem"))
        download(store, "TRIAL", name, root / f"{name} copy")
        download_zip(store, "TRIAL", name, root / f"{name}.zip")
    return root


@pytest.fixture
def copy(made, tmp_path) -> Path:
    return Path(shutil.copytree(made / "v0001 copy", tmp_path / "copy"))


def faults(path: Path) -> list[str]:
    return [str(fault) for fault in check_copy(path).faults]


def claim_of(folder: Path) -> dict:
    return json.loads((folder / "claim.json").read_text())


def write_claim(folder: Path, claim: dict) -> None:
    """With a valid seal, as a forger would."""

    def text(record: dict) -> bytes:
        return (json.dumps(record, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()

    seal = hashlib.sha256(text({**claim, "seal": ""})).hexdigest()
    (folder / "claim.json").write_bytes(text({**claim, "seal": seal}))


def write_manifest(folder: Path, data: bytes) -> None:
    """An unsigned one, with a claim that fits it."""
    claim = claim_of(folder)
    claim.pop("signature", None)
    (folder / "manifest.json.sig").unlink()
    (folder / "manifest.json").write_bytes(data)
    claim["manifest"]["sha256"] = hashlib.sha256(data).hexdigest()
    write_claim(folder, claim)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"study": "OTHER"}, "differ in study"),
        ({"created": "2027-01-01T00:00:00+00:00"}, "differ in created"),
        ({"inputs_key": "9" * 64}, "differ in inputs_key"),
    ],
)
def test_a_signed_manifest_cannot_be_lent_to_the_claim_of_another_bundle(copy, change, told):
    write_claim(copy, {**claim_of(copy), **change})
    (fault,) = faults(copy)
    assert fault.startswith("manifest.json: is of another bundle than the claim")
    assert fault.endswith(told)


def test_a_signed_manifest_cannot_be_lent_to_an_earlier_version(made, tmp_path):
    later = Path(shutil.copytree(made / "v0002 copy", tmp_path / "later"))
    write_claim(later, {**claim_of(later), "version": 1})
    assert faults(later) == ["manifest.json: follows v0001, so it is of a later bundle"]


@pytest.mark.parametrize("which", ["manifest", "signature"])
@pytest.mark.parametrize("path", ["/dev/zero", "../outside", "a\\b"])
def test_what_the_claim_names_outside_of_the_bundle_is_not_read(copy, which, path):
    claim = claim_of(copy)
    claim[which]["path"] = path
    write_claim(copy, claim)
    assert faults(copy) == [f"claim.json: {verifier._NO_FORM}"]


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 200_000,
        json.dumps({"format": 2, "files": []}).encode(),
        json.dumps({"format": 1, "files": [{"path": "x" * 5000}]}).encode(),
    ],
)
def test_a_manifest_without_sense_is_named_and_stops_nobody(copy, data):
    write_manifest(copy, data)
    assert faults(copy) == [f"claim.json: {verifier._NO_FORM}"]


def test_a_name_that_no_disk_can_hold_is_a_fault_of_that_file(copy):
    record = json.loads((copy / "manifest.json").read_text())
    record["files"][0]["path"] = "x" * 5000
    write_manifest(copy, json.dumps(record).encode())
    assert f"{'x' * 5000}: File name too long" in faults(copy)


def test_a_pipe_in_place_of_a_file_is_named_and_not_waited_for(copy):
    (copy / "dm.xpt").unlink()
    os.mkfifo(copy / "dm.xpt")
    assert faults(copy) == ["dm.xpt: is no file, but a folder, a pipe or a device"]


def rewritten(zip_file: Path, to: Path, replaced: dict[str, bytes], packed: int) -> Path:
    with zipfile.ZipFile(zip_file) as old, zipfile.ZipFile(to, "w", packed) as new:
        for name in old.namelist():
            new.writestr(name, replaced.get(name, old.read(name)))
    return to


@pytest.mark.parametrize("name", ["claim.json", "manifest.json"])
def test_a_record_that_unpacks_to_more_than_it_can_have_is_not_unpacked(
    made, tmp_path, monkeypatch, name
):
    monkeypatch.setattr(verifier, "_LONGEST_MANIFEST", 1 << 20)
    bomb = {f"TRIAL-v0001/{name}": bytes(8 << 20)}
    path = rewritten(made / "v0001.zip", tmp_path / "b.zip", bomb, zipfile.ZIP_DEFLATED)
    assert faults(path) == [f"{name}: has more than the 1,048,576 bytes that it can have"]


def test_a_file_that_unpacks_to_more_than_was_published_is_left_at_that(made, tmp_path):
    bomb = {"TRIAL-v0001/dm.xpt": bytes(64 << 20)}
    path = rewritten(made / "v0001.zip", tmp_path / "b.zip", bomb, zipfile.ZIP_DEFLATED)
    assert faults(path) == ["dm.xpt: has more bytes than the 5 it was published with"]


@pytest.mark.parametrize("packed", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_zip_that_is_packed_otherwise_is_not_unpacked(made, tmp_path, packed):
    path = rewritten(made / "v0001.zip", tmp_path / "b.zip", {}, packed)
    assert faults(path) == ["claim.json: is packed in a way that this program does not unpack"]


def test_a_member_far_behind_the_end_of_a_zip_is_named(tmp_path):
    """A directory that sends the reader to byte 2**64 - 2."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        info = zipfile.ZipInfo("claim.json")
        archive.writestr(info, b"{}")
    data = whole.getvalue()
    at = data.index(b"PK\x01\x02")
    extra = struct.pack("<HHQ", 1, 8, 2**64 - 2)
    entry = bytearray(data[at : data.index(b"PK\x05\x06")])
    entry[30:32] = struct.pack("<H", len(extra))
    entry[42:46] = b"\xff" * 4
    end = bytearray(data[data.index(b"PK\x05\x06") :])
    end[12:16] = struct.pack("<L", len(entry) + len(extra))
    (tmp_path / "b.zip").write_bytes(data[:at] + bytes(entry) + extra + bytes(end))
    assert len(faults(tmp_path / "b.zip")) == 1


def test_a_name_that_redraws_a_terminal_writes_no_other_report(copy):
    (copy / "a\x1b[2J\nINTACT\x1b[8m").write_bytes(b"")
    told = ["a\\x1b[2J\\nINTACT\\x1b[8m: is there but was not published"]
    assert faults(copy) == told
    done = subprocess.run(
        [sys.executable, copy / "verify.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert "INTACT" not in done.stdout.splitlines()
    assert "\x1b" not in done.stdout


def test_a_fault_is_told_in_one_line():
    assert str(Fault("a\r\u202eb\udcff", "is wrong")) == "a\\r\\u202eb\\udcff: is wrong"


def test_a_module_beside_the_program_is_not_taken_for_pythons_own(copy):
    for module in ("argparse", "hashlib", "json", "zipfile", "stat"):
        (copy / f"{module}.py").write_text("print('INTACT')\nraise SystemExit(0)\n")
    done = subprocess.run(
        [sys.executable, "verify.py"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert "hashlib.py: is there but was not published" in done.stdout
