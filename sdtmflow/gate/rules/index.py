"""IX: index.xml, its leaves and checksums."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

from sdtmflow.gate.backbone import INDEX, INDEX_MD5, Leaf
from sdtmflow.gate.criterion import ASKED, REJECTS, Criterion, Hit, Hits
from sdtmflow.gate.tree import Package

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_OPERATIONS = ("new", "append", "replace", "delete")
_UNSTATED = ("", "unspecified", "not stated")
_CHUNK = 1 << 20


def _leaves(package: Package) -> tuple[Leaf, ...]:
    return package.backbone.leaves if package.backbone else ()


def _exists(package: Package) -> Hits:
    if package.is_sequence and package.backbone is None:
        yield Hit(INDEX, "there is no index.xml")
    elif package.backbone and package.backbone.broken:
        yield Hit(INDEX, package.backbone.broken)


def _checksum_file(package: Package) -> Hits:
    if package.backbone is None:
        return
    path = package.root / INDEX_MD5
    if not path.is_file():
        yield Hit(INDEX_MD5, "there is no index-md5.txt")
    elif path.read_bytes().split()[:1] != [md5(package.root / INDEX).encode()]:
        yield Hit(INDEX_MD5, "is not the MD5 checksum of index.xml")


def md5(path: Path) -> str:
    """The MD5 checksum of a file, as index.xml has it."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _is_inside(href: str) -> bool:
    """Whether a reference stays within the sequence and is written as it should be."""
    return not (href.startswith("/") or "\\" in href or ":" in href or ".." in href.split("/"))


def _relative(package: Package) -> Hits:
    for leaf in _leaves(package):
        is_other_sequence = re.match(r"(\.\./)+\d{4}/", leaf.href)
        if leaf.href and not _is_inside(leaf.href) and not is_other_sequence:
            yield Hit(INDEX, f"leaf {leaf.id}: '{leaf.href}' is no path within the sequence")


def _targets(package: Package) -> Hits:
    for leaf in _leaves(package):
        if leaf.href and ".." not in leaf.href and leaf.target not in package.files:
            yield Hit(leaf.target, f"leaf {leaf.id} names a file that is not there")


def _references(package: Package) -> Hits:
    if package.backbone is None or package.backbone.broken:
        return
    named = {leaf.target for leaf in _leaves(package)}
    for path in package.files:
        if path.startswith(("m2/", "m3/", "m4/", "m5/")) and path not in named:
            yield Hit(path, "no leaf of index.xml names the file")


def _checksums(package: Package) -> Hits:
    for leaf in _leaves(package):
        is_there = leaf.target in package.files
        if is_there and leaf.checksum.lower() != md5(package.root / leaf.target):
            yield Hit(leaf.target, f"the checksum of leaf {leaf.id} is not the file's")


def _checksum_types(package: Package) -> Hits:
    for leaf in _leaves(package):
        if leaf.href and leaf.checksum_type.lower() != "md5":
            yield Hit(INDEX, f"leaf {leaf.id}: checksum-type is '{leaf.checksum_type}'")


def _titles(package: Package) -> Hits:
    for leaf in _leaves(package):
        if not leaf.title:
            yield Hit(INDEX, f"leaf {leaf.id} has no title")


def _ids(package: Package) -> Hits:
    counts = Counter(leaf.id for leaf in _leaves(package))
    for identifier, count in counts.items():
        if not _ID.fullmatch(identifier):
            yield Hit(INDEX, f"'{identifier}' is no ID")
        elif count > 1:
            yield Hit(INDEX, f"{count} leaves have the ID {identifier}")


def _operations(package: Package) -> Hits:
    for leaf in _leaves(package):
        if leaf.operation not in _OPERATIONS:
            yield Hit(INDEX, f"leaf {leaf.id}: '{leaf.operation}' is no operation")
        elif (leaf.operation == "new") == bool(leaf.modified):
            has = "has a" if leaf.modified else "has no"
            yield Hit(INDEX, f"leaf {leaf.id}: operation {leaf.operation} {has} modified-file")
        elif (leaf.operation == "delete") == bool(leaf.href):
            has = "names a" if leaf.href else "names no"
            yield Hit(INDEX, f"leaf {leaf.id}: operation {leaf.operation} {has} file")


def _same_file(package: Package) -> Hits:
    counts = Counter(leaf.target for leaf in _leaves(package) if leaf.href)
    for href, count in counts.items():
        if count > 1:
            yield Hit(href, f"{count} leaves name the file")


def _indications(package: Package) -> Hits:
    for indication in package.backbone.indications if package.backbone else ():
        if indication.strip().lower() in _UNSTATED:
            yield Hit(INDEX, "section 5.3.5 does not say for which indication")


_ICH = "ICH eCTD 3.2.2"
_NMPA = "NMPA, eCTD Validation Standard"

INDEX_CRITERIA: tuple[Criterion[Package], ...] = (
    Criterion("IX01", REJECTS, "A sequence has an index.xml that can be read", _ICH,
              "write index.xml again", _exists),
    Criterion("IX02", REJECTS, "index-md5.txt is the checksum of index.xml",
              f"{_ICH}; {_NMPA} 3.15", "write index-md5.txt again", _checksum_file),
    Criterion("IX03", REJECTS, "Leaves name files by relative paths with slashes",
              f"{_ICH}; {_NMPA} 3.12", "mend xlink:href", _relative),
    Criterion("IX04", REJECTS, "Every leaf's file is there", f"{_ICH}; {_NMPA} 3.4",
              "add the file, or take the leaf out", _targets),
    Criterion("IX05", REJECTS, "Every file has a leaf", f"{_ICH}; {_NMPA} 2.3",
              "add a leaf, or take the file out", _references),
    Criterion("IX06", REJECTS, "Checksums are those of the files", f"{_ICH}; {_NMPA} 3.14",
              "restore the file that was meant, or write index.xml again", _checksums),
    Criterion("IX07", REJECTS, "Checksums are MD5", f"{_ICH}; {_NMPA} 3.13",
              "checksum-type=\"md5\"", _checksum_types),
    Criterion("IX08", REJECTS, "Every leaf has a title", f"{_ICH}; {_NMPA} 3.18",
              "add the title", _titles),
    Criterion("IX09", REJECTS, "IDs of leaves are XML names and unique", f"{_ICH}, DTD",
              "mend the ID", _ids),
    Criterion("IX10", REJECTS, "Operations fit their leaves", f"{_ICH}; {_NMPA} 3.7 to 3.9",
              "new without modified-file; replace, append and delete with it; delete without file",
              _operations),
    Criterion("IX11", REJECTS, "A file has one leaf", _ICH, "remove the other leaves", _same_file),
    Criterion("IX12", ASKED, "Section 5.3.5 names the indication", f"{_ICH}; {_NMPA} 3.25",
              "say it: in study.yaml 'submission: {indication: …}'", _indications),
)  # fmt: skip
