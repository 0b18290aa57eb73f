#!/usr/bin/env python3
"""Check a copy of a bundle of clinical trial data: every byte must be as it was published.

    python3 verify.py [FOLDER or ZIP] [--only PATTERN]... [--key PUBLIC.pem]...

Needs Python 3.8 or newer and nothing else: no network, no other package, no other file. Without a
name it checks the folder that it lies in; a zip is checked as it is, without unpacking. It checks,
in this order:

1. claim.json has its seal: the claim is as it was written when the version was published;
2. manifest.json has the SHA-256 that the claim says;
3. manifest.json.sig, where the claim names it, is an Ed25519 signature of manifest.json;
4. each file has the size and SHA-256 that the manifest says; none is missing or extra.

Steps 1, 2 and 4 find every damage, but whoever changes a file can write a manifest and a claim that
fit it. Only a signature by a key that you trust (--key) tells who published the bundle, and only a
copy of this program that did not come with the bundle can be relied on against a forger.

Exit code: 0 intact, 7 not intact, 2 the command line is wrong.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":  # nothing that lies beside it is imported in place of Python's own
    _HERE = os.path.realpath(os.path.dirname(__file__))  # noqa: PTH120 — pathlib may lie there
    sys.path[:] = [place for place in sys.path if os.path.realpath(place) != _HERE]

import argparse
import base64
import hashlib
import json
import re
import stat
import struct
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Sequence

CLAIM = "claim.json"
VERIFIER = "verify.py"
"""What this program is called in a bundle; it comes with every part that is downloaded."""
HIDDEN = "a newer object hides the published one, which is intact"
INTACT, WRONG_COMMAND, NOT_INTACT = 0, 2, 7
_CHUNK = 1 << 20
_READERS = 8
"""Files at a time, so that memory is bounded by _READERS * _CHUNK."""
_LONGEST_CLAIM, _LONGEST_MANIFEST = 1 << 20, 64 << 20
"""Bytes that are read at once, of whoever's making: a zip of some KB can unpack to any number."""
_UNPACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_SENSELESS = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What records of another form lead to: a seal is no proof of sense."""
_NO_FORM = "claim or manifest are of no form that this program knows"

Progress = Callable[[int, int], None]
"""Called with the bytes that are checked, and the bytes in all."""


class MissingFileError(Exception):
    """There is no such file."""


class UnreadableFileError(Exception):
    """The bytes of a file cannot be read; the text says why."""


class WrongCommandError(Exception):
    """What was asked for makes no sense; the text says why."""


class Fault(NamedTuple):
    """What is wrong with one file; ``path`` is relative to the bundle."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{printable(self.path)}: {self.problem}"


class Signer(NamedTuple):
    """Whose signature fits the manifest."""

    fingerprint: str
    """SHA-256 (hex) of the raw public key."""
    trusted: bool
    """Whether it is one of the keys that were named."""


class Report(NamedTuple):
    """What was checked and what is wrong. No faults: every byte is as it was published."""

    place: str
    study: str
    name: str
    """``v0001`` and so on; empty where the claim itself cannot be read."""
    files: int
    size: int
    """Bytes of the files that were checked."""
    faults: tuple[Fault, ...]
    signer: Signer | None = None
    """None where the bundle is not signed, or its signature is at fault."""


class Contents:
    """The files of one bundle, wherever it is; names are POSIX paths relative to it."""

    place: str

    def names(self) -> list[str]:
        """Every file that is there."""
        raise NotImplementedError

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:
        """A file's bytes. Raises MissingFileError, UnreadableFileError."""
        raise NotImplementedError

    def is_hidden(self, name: str, version: str) -> bool:  # noqa: ARG002 — a plain copy has one
        """Whether a newer object lies over the published one, as a store may have it."""
        return False


class Folder(Contents):
    """A bundle in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder)

    def names(self) -> list[str]:
        """Every file below the folder, and every link to a folder, which is not followed."""
        found = []
        for folder, folders, files in os.walk(str(self.folder)):
            links = [name for name in folders if Path(folder, name).is_symlink()]
            found += [Path(folder, name).relative_to(self.folder) for name in files + links]
        return [path.as_posix() for path in found]

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:  # noqa: ARG002
        """The file's bytes; a link is no file."""
        path = self.folder / name
        try:
            kind = path.lstat().st_mode
            if stat.S_ISLNK(kind):
                raise UnreadableFileError("is a link to another file")
            if not stat.S_ISREG(kind):  # to open a pipe is to wait for ever
                raise UnreadableFileError("is no file, but a folder, a pipe or a device")
            with path.open("rb") as file:
                yield from iter(lambda: file.read(_CHUNK), b"")
        except (FileNotFoundError, NotADirectoryError):
            raise MissingFileError from None
        except OSError as error:
            raise UnreadableFileError(error.strerror or "cannot be read") from None


_DAMAGED_ZIP = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    OverflowError,  # seeks to where no file can be
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)


class Zip(Contents):
    """A bundle in a zip, below the one folder that holds its claim."""

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        try:
            self._zip = zipfile.ZipFile(str(path))
        except _DAMAGED_ZIP:
            raise UnreadableFileError("this is no readable zip") from None
        names = self._zip.namelist()
        claims = [name for name in names if ("/" + name).endswith("/" + CLAIM)]
        self.prefix = min(claims, key=len, default=CLAIM)[: -len(CLAIM)]

    def names(self) -> list[str]:
        """Every member; one outside the bundle's folder keeps its full name."""
        members = (name for name in self._zip.namelist() if not name.endswith("/"))
        return [
            name[len(self.prefix) :] if name.startswith(self.prefix) else name for name in members
        ]

    def chunks(self, name: str, version: str = "") -> Iterator[bytes]:  # noqa: ARG002
        """The member's bytes."""
        try:
            info = self._zip.getinfo(self.prefix + name)
            if info.compress_type not in _UNPACKED:
                raise UnreadableFileError("is packed in a way that this program does not unpack")
            with self._zip.open(info) as member:
                yield from iter(lambda: member.read(_CHUNK), b"")
        except KeyError:
            raise MissingFileError from None
        except _DAMAGED_ZIP:
            raise UnreadableFileError("its place in the zip is damaged") from None


def check_copy(
    path: Path,
    only: Sequence[str] = (),
    keys: Sequence[bytes] = (),
    progress: Progress = lambda done, total: None,  # noqa: ARG005 — nobody watches
) -> Report:
    """Check a downloaded folder or zip.

    ``only`` names what was downloaded, where not all was; ``keys`` are the raw public keys that
    may have signed: with any, a bundle that none of them has signed is at fault. Raises
    WrongCommandError where nothing is there, or ``only`` names no file of the bundle.
    """
    if not path.exists():
        raise WrongCommandError(f"{path}: there is no such folder or zip")
    try:
        contents = Folder(path) if path.is_dir() else Zip(path)
    except UnreadableFileError as error:
        return Report(str(path), "", "", 0, 0, (Fault(path.name, str(error)),))
    try:
        claim = sealed_claim(_read(contents, CLAIM, "", _LONGEST_CLAIM))
        return check(contents, claim, only, keys, progress)
    except MissingFileError:
        problem = "the claim is missing"
    except UnreadableFileError as error:
        problem = str(error)
    except _SENSELESS:
        problem = _NO_FORM
    return Report(str(path), "", "", 0, 0, (Fault(CLAIM, problem),))


def sealed_claim(data: bytes) -> dict[str, Any]:
    """``data`` as a claim. Raises UnreadableFileError where it is not as it was written."""
    try:
        claim: dict[str, Any] = json.loads(data.decode())
        seal = _sha256([_canonical({**claim, "seal": ""})])
        whole = claim["seal"] == seal and data == _canonical(claim)
    except (ValueError, TypeError, KeyError, RecursionError):
        whole = False
    if not whole:
        raise UnreadableFileError("the claim is damaged")
    return claim


def check(
    contents: Contents,
    claim: dict[str, Any],
    only: Sequence[str] = (),
    keys: Sequence[bytes] = (),
    progress: Progress = lambda done, total: None,  # noqa: ARG005 — nobody watches
) -> Report:
    """Check the bundle that ``claim``, which has its seal, is on; otherwise as ``check_copy``."""
    if claim["format"] != 1:
        raise ValueError(claim["format"])
    study, name, address = claim["study"], "v{:04d}".format(claim["version"]), claim["manifest"]
    try:
        _require_inside(each["path"] for each in (address, claim.get("signature")) if each)
        manifest = _pinned(contents, address, "the manifest", _LONGEST_MANIFEST)
        return _checked(contents, claim, manifest, only, keys, progress=progress)
    except UnreadableFileError as error:
        fault = Fault(address["path"], str(error))
    except _SENSELESS:
        fault = Fault(CLAIM, _NO_FORM)
    return Report(contents.place, study, name, 0, 0, (fault,))


def _checked(
    contents: Contents,
    claim: dict[str, Any],
    manifest: bytes,
    only: Sequence[str],
    keys: Sequence[bytes],
    *,
    progress: Progress,
) -> Report:
    """Check what ``manifest``, which the claim pins, says. Raises one of _SENSELESS."""
    record = json.loads(manifest.decode())
    if record["format"] != 1:
        raise ValueError(record["format"])
    study, name, listed = claim["study"], "v{:04d}".format(claim["version"]), record["files"]
    _require_inside(file["path"] for file in listed)
    files = [listed[at] for at in chosen([file["path"] for file in listed], only)]
    signer, faults = _signature(contents, claim, manifest, keys)
    faults += _lent(claim, record)
    faults += _hidden(contents, claim)
    faults += _file_faults(contents, files, progress)
    faults += _extra(contents, claim, {file["path"] for file in listed})
    size = sum(file["size"] for file in files)
    return Report(contents.place, study, name, len(files), size, tuple(faults), signer)


def _lent(claim: dict[str, Any], manifest: dict[str, Any]) -> Iterator[Fault]:
    """Where the claim is on the manifest of another bundle: it is the manifest that is signed."""
    path, parent = claim["manifest"]["path"], manifest["parent"]
    for what in ("study", "created", "inputs_key"):
        if claim[what] != manifest[what]:
            yield Fault(path, f"is of another bundle than the claim: they differ in {what}")
    if parent is not None and parent["version"] >= claim["version"]:
        yield Fault(path, "follows v{:04d}, so it is of a later bundle".format(parent["version"]))


def _require_inside(paths: Iterable[str]) -> None:
    """Raises ValueError for a path that leads out of the bundle."""
    for path in paths:
        if "\\" in path or any(part in {"", ".", ".."} for part in path.split("/")):
            raise ValueError(path)


def chosen(paths: Sequence[str], only: Sequence[str]) -> list[int]:
    """Which of ``paths`` a pattern of ``only`` names (all where it is empty), by their index.

    A pattern is a file name (``dm.xpt``, ``*.xpt``), a path (``m5/*/define.xml``) or a folder
    (``dataset-json``). The verifier comes with every part. Raises WrongCommandError for a pattern
    that names nothing.
    """
    for pattern in only:
        if not any(_names(pattern, path) for path in paths):
            known = ", ".join(sorted({path.rpartition("/")[2] for path in paths})[:12])
            raise WrongCommandError(
                f"the bundle has no file '{pattern}'; it has, for instance, {known}"
            )
    return [
        at
        for at, path in enumerate(paths)
        if not only or path == VERIFIER or any(_names(pattern, path) for pattern in only)
    ]


def _names(pattern: str, path: str) -> bool:
    return (
        fnmatchcase(path.rpartition("/")[2], pattern)
        or fnmatchcase(path, pattern)
        or path.startswith(pattern.rstrip("/") + "/")
    )


def _pinned(contents: Contents, address: dict[str, Any], what: str, most: int) -> bytes:
    """The bytes of a file that the claim pins. Raises UnreadableFileError, also for other bytes."""
    try:
        data = _read(contents, address["path"], address["version"], most)
    except MissingFileError:
        raise UnreadableFileError(f"{what} is missing") from None
    if _sha256([data]) != address["sha256"]:
        raise UnreadableFileError(f"{what} is not the one that was published")
    return data


def _signature(
    contents: Contents, claim: dict[str, Any], manifest: bytes, keys: Sequence[bytes]
) -> tuple[Signer | None, list[Fault]]:
    """Whose signature the manifest has, and what is wrong with it."""
    address = claim.get("signature")
    if address is None:
        unsigned = Fault(claim["manifest"]["path"], "is not signed, though a key is required")
        return None, [unsigned] if keys else []
    try:
        value = _pinned(contents, address, "the signature", _LONGEST_CLAIM)
    except UnreadableFileError as error:
        return None, [Fault(address["path"], str(error))]
    public = bytes.fromhex(address["public_key"])
    if address["key"] != _sha256([public]) or not signature_fits(public, manifest, value):
        return None, [Fault(address["path"], "the signature does not fit the manifest")]
    signer = Signer(address["key"], public in keys)
    if keys and not signer.trusted:
        stranger = f"is signed by key {_grouped(address['key'])}, which is none of those required"
        return signer, [Fault(address["path"], stranger)]
    return signer, []


def _hidden(contents: Contents, claim: dict[str, Any]) -> Iterator[Fault]:
    """What a plain reader gets instead of the manifest and its signature."""
    for address in (claim["manifest"], claim.get("signature")):
        if address and contents.is_hidden(address["path"], address["version"]):
            yield Fault(address["path"], HIDDEN)


def _file_faults(
    contents: Contents, files: Sequence[dict[str, Any]], progress: Progress
) -> list[Fault]:
    total, done, faults = sum(file["size"] for file in files), 0, []
    with ThreadPoolExecutor(_READERS) as pool:
        problems = pool.map(lambda file: _problem(contents, file), files)
        for file, problem in zip(files, problems):
            done += file["size"]
            progress(done, total)
            if problem:
                faults.append(Fault(file["path"], problem))
    return faults


def _problem(contents: Contents, file: dict[str, Any]) -> str:
    """What is wrong with a file; empty where nothing is."""
    size, digest = 0, hashlib.sha256()
    try:
        for chunk in contents.chunks(file["path"], file["version"]):
            size += len(chunk)
            if size > file["size"]:  # what else is there may be without an end
                return "has more bytes than the {} it was published with".format(file["size"])
            digest.update(chunk)
    except MissingFileError:
        return "the file is missing"
    except UnreadableFileError as error:
        return str(error)
    if size != file["size"]:
        return "has {} bytes, was published with {}".format(size, file["size"])
    if digest.hexdigest() != file["sha256"]:
        return "holds other bytes than were published (SHA-256)"
    return HIDDEN if contents.is_hidden(file["path"], file["version"]) else ""


def _extra(contents: Contents, claim: dict[str, Any], published: set[str]) -> Iterator[Fault]:
    pinned = (claim["manifest"], claim.get("signature") or {"path": CLAIM})
    known = published | {CLAIM} | {address["path"] for address in pinned}
    seen: set[str] = set()
    for name in sorted(contents.names()):
        if name not in known:
            yield Fault(name, "is there but was not published")
        elif name in seen:
            yield Fault(name, "is there twice")
        seen.add(name)


def _read(contents: Contents, name: str, version: str, most: int) -> bytes:
    """All bytes of a small file. Raises as ``chunks`` does, and for more bytes than ``most``."""
    data = b""
    for chunk in contents.chunks(name, version):
        data += chunk
        if len(data) > most:
            raise UnreadableFileError(f"has more than the {most:,} bytes that it can have")
    return data


def printable(text: str) -> str:
    """``text`` without what redraws a terminal: a file's name must not write another report."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _canonical(record: Any) -> bytes:
    """The one text of a claim: sorted keys, UTF-8, a newline at the end."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, indent=1)
    return (text + "\n").encode()


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


# Ed25519 (RFC 8032, section 5.1). Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x * y = T/Z.

Point = Any
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
"""A square root of -1."""
_NEUTRAL = (0, 1, 1, 0)
_PEM = re.compile(rb"\s*-----BEGIN PUBLIC KEY-----([\w+/=\s]+)-----END PUBLIC KEY-----\s*")
_DER_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""SubjectPublicKeyInfo of an Ed25519 key (RFC 8410), up to the raw key."""


def signature_fits(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) is that of ``message`` by the raw key ``public``.

    Section 5.1.7, by comparing the encoded R, as OpenSSL does. S beyond the group's order is
    refused: with it one signature could be written in two ways.
    """
    point = _decoded(public)
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or len(signature) != 64 or scalar >= _ORDER:  # noqa: PLR2004 — R, then S
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(hashed, "little") % _ORDER
    x, y, z, t = point
    return _encoded(_sum(scalar, _BASE, challenge, (-x, y, z, -t))) == signature[:32]


def public_key(path: Path) -> bytes:
    """The raw public key in a PEM file. Raises WrongCommandError."""
    try:
        found = _PEM.fullmatch(path.read_bytes())
        der = base64.b64decode(found[1]) if found else b""
    except OSError as error:
        raise WrongCommandError(f"{path}: {error.strerror}") from None
    except ValueError:
        der = b""
    if not der.startswith(_DER_PREFIX) or _decoded(der[len(_DER_PREFIX) :]) is None:
        raise WrongCommandError(f"{path}: this is no public Ed25519 key in PEM")
    return der[len(_DER_PREFIX) :]


def _decoded(data: bytes) -> Point | None:
    """The point that 32 bytes encode (section 5.1.3); None where they encode none."""
    y = int.from_bytes(data, "little") & (2**255 - 1)
    if len(data) != 32 or y >= _P:  # noqa: PLR2004 — bytes of a point
        return None
    u, v = y * y - 1, _D * y * y + 1
    x = u * v**3 * pow(u * v**7, (_P - 5) // 8, _P) % _P
    if (v * x * x - u) % _P:
        x = x * _ROOT % _P
    if (v * x * x - u) % _P or (x == 0 and data[31] >> 7):
        return None
    if x & 1 != data[31] >> 7:
        x = _P - x
    return x, y, 1, x * y % _P


def _encoded(point: Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    written: int = y | (x & 1) << 255
    return written.to_bytes(32, "little")


def _sum(first: int, point: Point, second: int, other: Point) -> Point:
    """``first * point + second * other``, both by the same doublings."""
    added = (_NEUTRAL, point, other, _added(point, other))
    total = _NEUTRAL
    for bit in range(max(first.bit_length(), second.bit_length()) - 1, -1, -1):
        total = _added(total, total)
        which = (first >> bit & 1) + 2 * (second >> bit & 1)
        if which:
            total = _added(total, added[which])
    return total


def _added(one: Point, other: Point) -> Point:
    """Section 5.1.4; the same formulas double a point."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * _D * one[3] * other[3] % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


_BASE = _decoded((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


# The command line.


def signature_words(signer: Signer | None) -> tuple[str, str]:
    """Whose signature a bundle without faults has, and what that is worth."""
    if signer is None:
        return "none", "nothing here tells who published this"
    shown = _grouped(signer.fingerprint)
    if signer.trusted:
        return f"fits; by key {shown}", "which you trust"
    return f"fits; by key {shown}", "which nothing here vouches for: name the key you trust (--key)"


def _grouped(fingerprint: str) -> str:
    """In groups of four, for the eye."""
    return " ".join(re.findall("....", fingerprint))


def main(arguments: Sequence[str]) -> int:
    """Check what the command line names, and tell what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", nargs="?", type=Path, help="folder or zip; else where this lies")
    parser.add_argument(
        "--only", action="append", default=[], help="what was downloaded, if a part"
    )
    parser.add_argument("--key", action="append", default=[], type=Path, help="who may have signed")
    asked = parser.parse_args(arguments)
    bundle = asked.bundle or Path(__file__).resolve().parent
    try:
        keys = [public_key(path) for path in asked.key]
        report = check_copy(bundle, asked.only, keys, _shown if sys.stderr.isatty() else _silent)
    except WrongCommandError as error:
        print("error:", printable(str(error)), file=sys.stderr)
        return WRONG_COMMAND
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    print("\n".join(map(printable, _told(report, asked.only))))
    return NOT_INTACT if report.faults else INTACT


def _told(report: Report, only: Sequence[str]) -> Iterator[str]:
    named = " ".join(filter(None, (report.study or "bundle", report.name)))
    yield f"{named} in {report.place}"
    if report.faults:
        count = len(report.faults)
        yield "NOT INTACT, {} {}:".format(count, "fault" if count == 1 else "faults")
        for fault in report.faults:
            yield f"  {fault}"
        yield "Do not use this copy: download it again; if that does not help, tell its publisher."
        if not only and any(fault.problem == "the file is missing" for fault in report.faults):
            yield "If only a part was downloaded, say which: --only '*.xpt', --only m5, and so on."
        return
    yield "claim      has its seal"
    yield "manifest   is the one that was claimed"
    yield "files      {}, {:,} bytes: all as published{}".format(
        report.files, report.size, " (the part that --only names)" if only else ", none besides"
    )
    whose, worth = signature_words(report.signer)
    yield f"signature  {whose}"
    yield f"           {worth}"
    yield "INTACT"


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


def _shown(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\rchecking {done / (total or 1):4.0%}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
