"""The data that a define.xml describes: XPT files of a folder, one dataset at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sdtmflow.define_lint.elements import Dataset
from sdtmflow.define_lint.model import Define, Variable
from sdtmflow.errors import FormatError
from sdtmflow.formats.xpt import Column, Member, read_xpt


@dataclass(frozen=True, slots=True)
class Folder:
    """define.xml and the XPT files of a folder by name."""

    define: Define
    files: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A dataset whose file cannot be read, and why."""

    dataset: Dataset
    why: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A dataset as described and as it is; ``both`` pairs the variables that both have."""

    define: Define
    dataset: Dataset
    described: tuple[Variable, ...]
    member: Member
    rows: pl.DataFrame

    @property
    def both(self) -> Iterator[tuple[Variable, Column]]:
        """Each described variable with the file's column of its name."""
        columns = {column.name: column for column in self.member.columns}
        for variable in self.described:
            if variable.item.name in columns:
                yield variable, columns[variable.item.name]


def folder_of(define: Define, folder: Path) -> Folder:
    """The XPT files of ``folder``; FormatError where it is none."""
    if not folder.is_dir():
        raise FormatError(
            "is no folder", place=str(folder), remedy="name the folder of the XPT files"
        )
    files = (path for path in folder.iterdir() if path.suffix.lower() == ".xpt")
    return Folder(define, {path.name: path for path in sorted(files)})


def file_name(dataset: Dataset) -> str:
    """The name of a dataset's file as its leaf says."""
    return dataset.leaf.href.rpartition("/")[2] if dataset.leaf else ""


def contents(folder: Folder) -> Iterator[Contents | Unreadable]:
    """Every described dataset whose file is there, read when asked for."""
    described: dict[str, list[Variable]] = {}
    for variable in folder.define.variables:
        described.setdefault(variable.dataset.oid, []).append(variable)
    for dataset in folder.define.datasets:
        path = folder.files.get(file_name(dataset))
        if path is None:
            continue
        try:
            member, rows = _read(path)
        except (FormatError, OSError, ValueError) as error:
            yield Unreadable(dataset, getattr(error, "message", str(error)))
        else:
            variables = tuple(described.get(dataset.oid, ()))
            yield Contents(folder.define, dataset, variables, member, rows)


def _read(path: Path) -> tuple[Member, pl.DataFrame]:
    """Text is UTF-8 (of which ASCII is a part) or, as SAS wrote it for long, Latin-1."""
    try:
        return read_xpt(path, encoding="utf-8")
    except FormatError:
        return read_xpt(path, encoding="latin-1")
