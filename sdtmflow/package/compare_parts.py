"""The parts of a split dataset against the whole, whose every cell is proven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sdtmflow.errors import FormatError
from sdtmflow.finding import Finding
from sdtmflow.formats.xpt import XptFile, open_xpt
from sdtmflow.package.compare import mismatch
from sdtmflow.package.prepare import Prepared
from sdtmflow.package.splitting import Part
from sdtmflow.package.tree import PackageTree

_PIECE = 8 << 20
"""Bytes compared at a time."""


def compare_parts(tree: PackageTree, one: Prepared) -> Iterator[Finding]:
    """Every way in which the parts are not the records of the whole, one part after the other."""
    whole = tree.xpt(one.dataset)
    for part in one.parts if whole.is_file() else ():
        path = tree.part(part.name)
        if not path.is_file():
            yield mismatch("READBACK_FILE", one.dataset.name, f"{path.name} is missing")
            continue
        try:
            what = _difference(open_xpt(whole), open_xpt(path), part)
        except FormatError as error:
            what = f"{path.name} cannot be read: {error}"
        if what:
            yield mismatch("READBACK_PART", one.dataset.name, what)


def _difference(whole: XptFile, file: XptFile, part: Part) -> str:
    """What is wrong with a part, or nothing."""
    name = file.path.name
    if file.member != replace(whole.member, name=part.name):
        return f"{name} has other names, labels or lengths than the whole"
    if file.rows != part.rows:
        return f"{name} has {file.rows} records, not {part.rows}"
    same = _same_bytes(
        (whole.path, whole.header.size + part.before * whole.member.row_bytes),
        (file.path, file.header.size),
        part.rows * whole.member.row_bytes,
    )
    return "" if same else f"{name} has not the {part.records} of the whole"


def _same_bytes(one: tuple[Path, int], other: tuple[Path, int], size: int) -> bool:
    """Whether ``size`` bytes of two files, from a place in each on, are the same."""
    with one[0].open("rb") as left, other[0].open("rb") as right:
        left.seek(one[1])
        right.seek(other[1])
        return all(
            left.read(count) == right.read(count)
            for count in (min(_PIECE, size - done) for done in range(0, size, _PIECE))
        )
