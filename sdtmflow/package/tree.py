"""Where each file of the package stands (eCTD module 5; FDA Technical Conformance Guide)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.dataset import Dataset
from sdtmflow.study import Study

SPLIT = "split"
"""The folder of the parts of datasets that are larger than the agency takes."""
_TWINS = "dataset-json"
_NOT_IN_PATHS = re.compile(r"[^a-z0-9-]+")


def path_name(text: str) -> str:
    """A text as the name of a folder: lower-case letters, digits and hyphens."""
    return _NOT_IN_PATHS.sub("-", text.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class PackageTree:
    """The folders of a package under ``root``."""

    root: Path
    study: str
    """The study's folder: lower-case letters, digits and hyphens."""
    form: str = "json"
    """Of the Dataset-JSON files: their extension."""

    @classmethod
    def of(cls, root: Path, study: Study) -> PackageTree:
        """The tree for a study."""
        return cls(root, path_name(study.study), study.dataset_json)

    @classmethod
    def found(cls, root: Path) -> PackageTree:
        """The tree of a package that exists; it holds one study."""
        (folder,) = (root / "m5" / "datasets").iterdir()
        forms = {path.suffix[1:] for path in (root / _TWINS).glob("*.*")}
        return cls(root, folder.name, min(forms, default="json"))

    @property
    def sdtm(self) -> Path:
        """XPT files and define.xml."""
        return self.root / "m5" / "datasets" / self.study / "tabulations" / "sdtm"

    @property
    def split(self) -> Path:
        """The parts of datasets that are larger than the agency takes."""
        return self.sdtm / SPLIT

    @property
    def dataset_json(self) -> Path:
        """The Dataset-JSON twins, beside what an agency takes today."""
        return self.root / _TWINS

    def xpt(self, dataset: Dataset) -> Path:
        """The dataset as XPORT v5."""
        return self.sdtm / f"{dataset.name.lower()}.xpt"

    def part(self, name: str) -> Path:
        """A part of a dataset as XPORT v5."""
        return self.split / f"{name.lower()}.xpt"

    def json(self, dataset: Dataset) -> Path:
        """The dataset as Dataset-JSON."""
        return self.dataset_json / f"{dataset.name.lower()}.{self.form}"
