"""The package as files: an eCTD sequence, or a plain folder of XPT files and define.xml."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from sdtmflow.agency import Profile
from sdtmflow.errors import FormatError
from sdtmflow.gate.backbone import INDEX, INDEX_MD5, Backbone, Leaf, read_backbone
from sdtmflow.gate.dataset import Dataset, read_dataset
from sdtmflow.gate.definition import DEFINE, Definition, read_definition
from sdtmflow.gate.tagging import Tagging, read_tagging

Kind = Literal["sdtm", "send", "adam", "other"]
"""``other``: what stands elsewhere in a study (misc, legacy, profiles)."""
SPLIT = "split"
_MODULES = ("m1", "m2", "m3", "m4", "m5")
_DATASETS = ("m4", "m5")
_SIMPLIFIED = {"STUDYID", "TSPARMCD", "TSVAL", "TSVALNF"}
_SEQUENCE = frozenset({*_MODULES, "util", INDEX, INDEX_MD5})
"""What stands at the top of a sequence."""


@dataclass(frozen=True)
class Folder:
    """A folder of datasets with its define.xml; ``study`` is the study's folder, where known."""

    root: Path
    path: str
    kind: Kind
    study: str
    profile: Profile
    datasets: tuple[Dataset, ...]
    definition: Definition | None

    @cached_property
    def names(self) -> frozenset[str]:
        """Every file that lies in the folder itself."""
        folder = self.root / self.path
        return frozenset(one.name for one in folder.iterdir() if one.is_file())

    @cached_property
    def readable(self) -> Mapping[str, Dataset]:
        """The datasets that can be read, by the stems of their files."""
        return {one.stem: one for one in self.datasets if one.xport}

    @property
    def is_simplified(self) -> bool:
        """Whether there is nothing but the one-row ts.xpt of a study of before the standards."""
        files = [one.xport for one in self.datasets]
        return len(files) == 1 and bool(
            files[0] and {column.name for column in files[0].columns} == _SIMPLIFIED
        )

    def place(self, name: str) -> str:
        """The path of a file of the folder, relative to the package."""
        return f"{self.path}/{name}" if self.path else name


@dataclass(frozen=True)
class Package:
    """What is judged; paths are POSIX and relative to ``root``.

    ``strangers`` stand at the top and belong to no sequence; ``empty`` are folders without files.
    """

    root: Path
    profile: Profile
    is_sequence: bool
    files: tuple[str, ...]
    empty: tuple[str, ...]
    strangers: tuple[str, ...]
    backbone: Backbone | None
    taggings: tuple[Tagging, ...]
    folders: tuple[Folder, ...]

    @cached_property
    def standardized(self) -> tuple[Folder, ...]:
        """The folders of SDTM, SEND and ADaM datasets."""
        return tuple(folder for folder in self.folders if folder.kind != "other")

    @property
    def is_tagged(self) -> bool:
        """Whether index.xml and every study tagging file can be read, and there is one."""
        indexed = self.backbone is not None and not self.backbone.broken
        return indexed and bool(self.taggings) and not any(one.broken for one in self.taggings)

    def leaves(self, tagging: Tagging) -> Iterator[tuple[Leaf, tuple[str, ...]]]:
        """The leaves that a study tagging file names, each with its file-tags."""
        known = self.backbone.by_id if self.backbone else {}
        for document in tagging.documents:
            if leaf := known.get(document.leaf):
                yield leaf, tuple(tag.name for tag in document.tags)


def read_package(path: Path, profile: Profile) -> Package:
    """The package at ``path``: a sequence, the folder above one, or a folder of XPT files.

    Raises FormatError where there is nothing to judge.
    """
    root = _root(path)
    is_sequence = (root / "m5").is_dir() or (root / INDEX).is_file()
    files, empty = _files(root) if is_sequence else (_top(root), [])
    taggings = (one for one in files if _is_tagging(one))
    return Package(
        root=root,
        profile=profile,
        is_sequence=is_sequence,
        files=tuple(files),
        empty=tuple(empty),
        strangers=tuple(sorted(one.name for one in root.iterdir() if one.name not in _SEQUENCE)),
        backbone=read_backbone(root) if is_sequence else None,
        taggings=tuple(read_tagging(root, one) for one in taggings),
        folders=tuple(_folders(root, files, profile)),
    )


def _root(path: Path) -> Path:
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        remedy = "name a folder; unpack a zip first" if path.exists() else "name a folder"
        raise FormatError(what, place=str(path), remedy=remedy)
    if _is_root(path):
        return path
    below = [one for one in sorted(path.iterdir()) if one.is_dir() and _is_root(one)]
    if len(below) == 1:
        return below[0]
    found = f"has {len(below)} packages" if below else "has no datasets and no m5 folder"
    names = ", ".join(one.name for one in below)
    raise FormatError(
        found,
        place=str(path),
        remedy=f"name one of them: {names}"
        if below
        else "name the sequence's folder, or one that holds XPT files and define.xml",
    )


def _is_root(path: Path) -> bool:
    if (path / "m5").is_dir() or (path / INDEX).is_file() or (path / DEFINE).is_file():
        return True
    return any(one.suffix.lower() == ".xpt" for one in path.iterdir())


def _top(root: Path) -> list[str]:
    """The files of a plain folder, and of its folder of split datasets."""
    split = root / SPLIT
    found = [*root.iterdir(), *(split.iterdir() if split.is_dir() else ())]
    return sorted(one.relative_to(root).as_posix() for one in found if one.is_file())


def _files(root: Path) -> tuple[list[str], list[str]]:
    """The files of a sequence and its empty folders; what does not belong to it is left out."""
    files = [name for name in (INDEX, INDEX_MD5) if (root / name).is_file()]
    empty = []
    for module in (*_MODULES, "util"):
        for parent, folders, names in os.walk(root / module):
            place = Path(parent).relative_to(root).as_posix()
            files += [f"{place}/{name}" for name in names]
            if not folders and not names:
                empty.append(place)
    return sorted(files), sorted(empty)


def _is_tagging(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return path.startswith(_DATASETS) and name.startswith("stf-") and name.endswith(".xml")


def _folders(root: Path, files: Iterable[str], profile: Profile) -> Iterator[Folder]:
    """The folders of datasets or a define.xml; parts in ``split`` belong to the one above."""
    found: dict[str, list[str]] = {}
    for path in files:
        parent, _, name = path.rpartition("/")
        if name.lower().endswith(".xpt"):
            found.setdefault(parent.removesuffix(SPLIT).removesuffix("/"), []).append(path)
        elif name == DEFINE:
            found.setdefault(parent, [])
    for folder, paths in sorted(found.items()):
        yield Folder(
            root=root,
            path=folder,
            kind=_kind(folder, paths),
            study=_study(folder),
            profile=profile,
            datasets=tuple(read_dataset(root, one, profile) for one in paths),
            definition=read_definition(root / folder),
        )


def _kind(folder: str, paths: Iterable[str]) -> Kind:
    """By the folder's place in the tree; in a plain folder ADSL tells analysis datasets."""
    parts = folder.split("/")
    kinds: tuple[Kind, ...] = ("sdtm", "send", "adam")
    for kind in kinds:
        if kind in parts:
            return kind
    if parts[0] in _MODULES:
        return "other"
    return "adam" if any(one.rpartition("/")[2] == "adsl.xpt" for one in paths) else "sdtm"


def _study(folder: str) -> str:
    parts = folder.split("/")
    below = parts[2:] if parts[1:2] == ["datasets"] else []
    return below[0] if below else ""
