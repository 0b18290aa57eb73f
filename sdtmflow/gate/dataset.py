"""A dataset's file: its header, its records, and what a second reader makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pyreadstat

from sdtmflow.agency import Profile
from sdtmflow.gate.scan import Scan, scan
from sdtmflow.gate.xport import UnreadableError, Xport, read_xport


@dataclass(frozen=True)
class Dataset:
    """One ``.xpt`` file at ``path`` of the package; ``xport`` is None where it is ``broken``."""

    root: Path
    path: str
    profile: Profile
    xport: Xport | None
    broken: str = ""

    @property
    def file(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The file's name without its extension."""
        return self.file.rpartition(".")[0]

    @property
    def size(self) -> int:
        """Bytes."""
        return (self.root / self.path).stat().st_size

    @cached_property
    def scan(self) -> Scan:
        """One pass over the records."""
        return scan(self.xport) if self.xport else Scan()

    @cached_property
    def second(self) -> str:
        """How another program reads the header otherwise; empty where it agrees."""
        return _disagreement(self.root / self.path, self.xport) if self.xport else ""

    def rows(self) -> pl.DataFrame | None:
        """The records as another program reads them; None where it cannot. For small datasets."""
        try:
            frame, _ = pyreadstat.read_xport(
                self.root / self.path, disable_datetime_conversion=True, output_format="polars"
            )
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError):
            return None
        return frame


def read_dataset(root: Path, path: str, profile: Profile) -> Dataset:
    """The dataset's file; never raises for what is in it."""
    try:
        return Dataset(root, path, profile, read_xport(root / path))
    except UnreadableError as error:
        return Dataset(root, path, profile, None, str(error))


def _disagreement(path: Path, file: Xport) -> str:
    names = [column.name for column in file.columns]
    if len(set(names)) < len(names):
        return ""  # it renames one of two variables of one name, which XP06 tells
    try:
        _, meta = pyreadstat.read_xport(path, metadataonly=True, encoding="ISO-8859-1")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError):
        return "another program (ReadStat) cannot read the header"
    if meta.column_names != names:
        return "another program (ReadStat) finds other variables"
    widths = [meta.variable_storage_width[column.name] for column in file.columns]
    if widths != [column.length for column in file.columns]:
        return "another program (ReadStat) finds other lengths"
    return ""
