"""The program that ships inside each bundle: what it finds, on whatever Python, and its Ed25519."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdtmflow.bundle import download, download_zip, publish, verifier
from sdtmflow.bundle.verifier import Contents, MissingFileError, check_copy, signature_fits
from sdtmflow.signing import load_key, make_key, shown_fingerprint
from sdtmflow.store import open_store
from tests.bundle_facts import facts_of

FILES = {"m5/dm.xpt": b"subjects", "m5/ae.xpt": b"events", "reports/empty.txt": b""}
FACTS = facts_of("a")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder with a key, a signed bundle as a folder and as a zip, and an unsigned one."""
    root = tmp_path_factory.mktemp("made")
    for name, data in FILES.items():
        (root / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "tree" / name).write_bytes(data)
    make_key(root / "k.pem")
    make_key(root / "other.pem")
    for name, key in (("signed", load_key(root / "k.pem")), ("unsigned", None)):
        store = open_store(f"{name} store", root)
        publish(store, "TRIAL", root / "tree", FACTS, key=key)
        download(store, "TRIAL", "latest", root / name)
        download_zip(store, "TRIAL", "latest", root / f"{name}.zip")
    return root


@pytest.fixture
def copy(made, tmp_path) -> Path:
    return Path(shutil.copytree(made / "signed", tmp_path / "copy"))


def raw_key(made: Path, name: str) -> bytes:
    return verifier.public_key(made / f"{name}.pub.pem")


def faults(path: Path, *keys: bytes) -> list[str]:
    return [str(fault) for fault in check_copy(path, keys=keys).faults]


def run(program: str, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [program, *map(str, arguments)]
    environ = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "error"}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=environ
    )


class InMemory(Contents):
    """The files of a bundle, held as bytes."""

    place = "memory"

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def names(self) -> list[str]:
        return list(self.files)

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:
        if name not in self.files:
            raise MissingFileError
        yield self.files[name]


# RFC 8032, section 7.1: secret, public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032(public, message, signature):
    public, message, signature = map(bytes.fromhex, (public, message, signature))
    assert signature_fits(public, message, signature)
    assert not signature_fits(public, message + b"\0", signature)


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_a_signature_written_the_other_way_is_refused(public, message, signature):
    """S + L satisfies the equation as S does; RFC 8032, section 5.1.7 forbids it."""
    public, message, signature = map(bytes.fromhex, (public, message, signature))
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    assert not signature_fits(public, message, signature[:32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "public",
    [
        b"",
        bytes(31),
        b"\xff" * 32,  # y beyond the field
        bytes.fromhex("02" + "00" * 31),  # no point has this y
        bytes.fromhex("01" + "00" * 30 + "80"),  # x is 0, and said to be odd
    ],
)
def test_what_is_no_point_is_no_key(public):
    assert not signature_fits(public, b"", bytes.fromhex(VECTORS[0][2]))


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_a_signature_has_64_bytes(length):
    public, _, signature = map(bytes.fromhex, VECTORS[0])
    assert not signature_fits(public, b"", (signature + b"\0")[:length])


def test_an_intact_bundle_has_no_faults_and_its_signer_is_told(made):
    for form in ("signed", "signed.zip"):
        report = check_copy(made / form)
        assert (report.study, report.name, report.files) == ("TRIAL", "v0001", len(FILES) + 1)
        assert report.faults == ()
        assert report.signer == (load_key(made / "k.pem").public.fingerprint, False)
        assert check_copy(made / form, keys=[raw_key(made, "k")]).signer.trusted


def test_where_a_key_is_required_another_ones_signature_and_none_are_faults(made):
    other = raw_key(made, "other")
    own = shown_fingerprint(load_key(made / "k.pem").public.fingerprint)
    assert faults(made / "signed", other) == [
        f"manifest.json.sig: is signed by key {own}, which is none of those required"
    ]
    assert faults(made / "signed.zip", other, raw_key(made, "k")) == []
    for form in ("unsigned", "unsigned.zip"):
        assert faults(made / form) == []
        assert faults(made / form, other) == [
            "manifest.json: is not signed, though a key is required"
        ]


def test_every_flipped_bit_of_what_is_not_long_is_named(copy):
    for path in sorted(path for path in copy.rglob("*") if path.is_file()):
        data = path.read_bytes()
        for position in range(0, len(data), 997 if path.name == "verify.py" else 1):
            path.write_bytes(flipped(data, position))
            assert [fault.path for fault in check_copy(copy).faults] == [
                path.relative_to(copy).as_posix()
            ], position
        path.write_bytes(data)
    assert faults(copy) == []


def test_every_flipped_bit_of_the_verifier_is_found(made):
    listed = json.loads((made / "signed/manifest.json").read_text())["files"]
    (file,) = (file for file in listed if file["path"] == "verify.py")
    data = (made / "signed/verify.py").read_bytes()
    assert verifier._problem(InMemory({"verify.py": data}), file) == ""
    for position in range(len(data)):
        changed = InMemory({"verify.py": flipped(data, position)})
        assert verifier._problem(changed, file).startswith("holds other bytes"), position


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def test_each_member_of_a_zip_with_a_flipped_bit_is_named(made, tmp_path):
    with zipfile.ZipFile(made / "signed.zip") as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    assert len(members) == len(FILES) + 4
    for name, data in members.items():
        for position in {0, len(data) // 2, len(data) - 1} if data else ():
            with zipfile.ZipFile(tmp_path / "b.zip", "w") as changed:
                for each, its in members.items():
                    changed.writestr(each, flipped(its, position) if each == name else its)
            found = [fault.path for fault in check_copy(tmp_path / "b.zip").faults]
            assert found == [name.removeprefix("TRIAL-v0001/")], position


def test_a_flipped_bit_anywhere_in_a_zip_is_named_or_leaves_every_file_as_it_is(made, tmp_path):
    data, path = (made / "unsigned.zip").read_bytes(), tmp_path / "b.zip"
    told = 0
    for position in range(0, len(data), 7):
        path.write_bytes(flipped(data, position))
        told += bool(faults(path)) or not same_files(path, made / "unsigned.zip")
        assert faults(path) or same_files(path, made / "unsigned.zip"), position
    assert told > len(data) // 7 // 2


def same_files(one: Path, other: Path) -> bool:
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        return {name: first.read(name) for name in first.namelist()} == {
            name: second.read(name) for name in second.namelist()
        }


def test_a_part_is_checked_as_the_part_it_is(made, tmp_path):
    store = open_store("signed store", made)
    download(store, "TRIAL", "latest", tmp_path / "part", ["dm.xpt"])
    assert check_copy(tmp_path / "part", ["dm.xpt"]).faults == ()
    assert check_copy(tmp_path / "part", ["dm.xpt"]).files == 2  # verify.py comes with each part
    assert faults(tmp_path / "part") == [
        "m5/ae.xpt: the file is missing",
        "reports/empty.txt: the file is missing",
    ]


def test_links_are_no_files_of_a_bundle(copy, tmp_path):
    shutil.copyfile(copy / "m5/dm.xpt", tmp_path / "dm.xpt")
    (copy / "m5/dm.xpt").unlink()
    (copy / "m5/dm.xpt").symlink_to(tmp_path / "dm.xpt")
    (copy / "elsewhere").symlink_to(tmp_path)
    assert faults(copy) == [
        "m5/dm.xpt: is a link to another file",
        "elsewhere: is there but was not published",
    ]


def test_a_member_that_is_in_a_zip_twice_is_named(made, tmp_path):
    shutil.copyfile(made / "signed.zip", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "a") as archive:
        archive.writestr("m5/dm.xpt", b"what an unzip into one folder would leave")
    assert faults(tmp_path / "b.zip") == ["m5/dm.xpt: is there twice"]


def sealed(claim: dict) -> bytes:
    def text(record):
        return (json.dumps(record, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()

    return text({**claim, "seal": hashlib.sha256(text({**claim, "seal": ""})).hexdigest()})


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"version": "one"},
        {"manifest": None},
        {"manifest": {"path": "manifest.json"}},
        {"signature": {"path": "manifest.json.sig"}},
        {"signature": "none"},
    ],
)
def test_a_claim_with_a_seal_and_no_sense_is_named(copy, change):
    claim = json.loads((copy / "claim.json").read_text())
    (copy / "claim.json").write_bytes(sealed({**claim, **change}))
    assert [fault.path for fault in check_copy(copy).faults] == ["claim.json"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b"null", b"NaN"])
def test_what_is_no_claim_is_named(copy, data):
    (copy / "claim.json").write_bytes(data)
    assert faults(copy) == ["claim.json: the claim is damaged"]


def test_a_manifest_that_leads_out_of_its_folder_is_not_followed(copy):
    claim = json.loads((copy / "claim.json").read_text())
    manifest = (copy / "manifest.json").read_text().replace("m5/dm.xpt", "../dm.xpt")
    claim["manifest"]["sha256"] = hashlib.sha256(manifest.encode()).hexdigest()
    del claim["signature"]
    (copy / "manifest.json").write_text(manifest)
    (copy / "claim.json").write_bytes(sealed(claim))
    assert [fault.path for fault in check_copy(copy).faults] == ["claim.json"]


def test_a_forger_who_rewrites_everything_is_stopped_by_the_key_alone(copy, made):
    """What the signature is for: sizes, hashes and seals can all be made to fit."""
    (copy / "m5/dm.xpt").write_bytes(b"SUBJECTS")
    old, new = (hashlib.sha256(data).hexdigest() for data in (FILES["m5/dm.xpt"], b"SUBJECTS"))
    manifest = (copy / "manifest.json").read_bytes().replace(old.encode(), new.encode())
    claim = json.loads((copy / "claim.json").read_text())
    claim["manifest"]["sha256"] = hashlib.sha256(manifest).hexdigest()
    (copy / "manifest.json").write_bytes(manifest)
    (copy / "claim.json").write_bytes(sealed(claim))
    assert faults(copy) == ["manifest.json.sig: the signature does not fit the manifest"]
    (copy / "manifest.json.sig").unlink()
    del claim["signature"]
    (copy / "claim.json").write_bytes(sealed(claim))
    assert faults(copy) == []
    assert faults(copy, raw_key(made, "k")) == [
        "manifest.json: is not signed, though a key is required"
    ]


def test_the_program_needs_the_standard_library_alone():
    tree = ast.parse(Path(verifier.__file__).read_text(), feature_version=(3, 8))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    named = {
        name.partition(".")[0]
        for node in imports
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [n.name for n in node.names]
        )
    }
    assert named <= sys.stdlib_module_names


def oldest_python() -> str:
    """A Python 3.8 that runs: of this machine, or one that pyenv has."""
    installed = [shutil.which("python3.8"), *Path.home().glob(".pyenv/versions/3.8*/bin/python")]
    for program in map(str, filter(None, installed)):
        if run(program, "-c", "import sys; assert sys.version_info[1] == 8", cwd=Path()).returncode:
            continue
        return program
    return pytest.skip("no Python 3.8 here: only the syntax of the verifier is checked against it")


@pytest.mark.parametrize("python", [lambda: sys.executable, oldest_python], ids=["this", "3.8"])
def test_the_program_tells_what_it_found(python, made, copy, tmp_path):
    program = python()
    done = run(program, copy / "verify.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("TRIAL v0001 in ")
    assert "which nothing here vouches for" in done.stdout
    assert done.stdout.endswith("INTACT\n")
    key = made / "k.pub.pem"
    done = run(program, copy / "verify.py", made / "signed.zip", "--key", key, cwd=tmp_path)
    assert done.returncode == 0
    assert "which you trust" in done.stdout
    (copy / "m5/dm.xpt").write_bytes(b"SUBJECTS")
    (copy / "m5/ae.xpt").unlink()
    done = run(program, "verify.py", cwd=copy)
    assert done.returncode == 7
    assert "NOT INTACT, 2 faults:\n  m5/ae.xpt: the file is missing\n  m5/dm.xpt" in done.stdout
    assert "say which: --only" in done.stdout


def test_the_program_tells_a_wrong_command_line_from_a_wrong_bundle(made, tmp_path):
    for arguments, complaint in (
        (["nowhere"], "nowhere: there is no such folder or zip"),
        ([made / "signed", "--only", "vs.xpt"], "the bundle has no file 'vs.xpt'; it has"),
        ([made / "signed", "--key", "nowhere"], "nowhere: No such file or directory"),
        ([made / "signed", "--key", made / "k.pem"], "this is no public Ed25519 key in PEM"),
        ([made / "signed", "--what"], "unrecognized arguments: --what"),
    ):
        done = run(sys.executable, verifier.__file__, *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert complaint in done.stderr
        assert "Traceback" not in done.stderr


def test_openssl_alone_verifies_the_signature(made):
    """Real openssl, as the how-to says it."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed: the signature is not checked by it")
    arguments = ("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", made / "k.pub.pem")
    files = ("-in", "manifest.json", "-sigfile", "manifest.json.sig")
    done = run("openssl", *arguments, *files, cwd=made / "signed")
    assert (done.returncode, done.stdout) == (0, "Signature Verified Successfully\n")
    others = ("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", made / "other.pub.pem")
    assert run("openssl", *others, *files, cwd=made / "signed").returncode == 1
