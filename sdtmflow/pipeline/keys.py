"""What decides the content of each artifact, as one SHA-256.

A key is made of everything that can change the bytes: snapshots, the parts of study.yaml that the
step reads, specs, terms, suites, standards, the code itself and the versions of the libraries that
compute. Nothing else (no clock, no path, no host) goes in, so equal keys mean equal files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from sdtmflow.study import StudyFolder

_COMPUTING = ("polars", "pyarrow", "pandas", "pyreadstat", "great-expectations", "lxml", "openpyxl")
"""Libraries whose version may change what a step writes."""
_OURS = ("sdtmflow", "expectations")


def key_of(step: str, **parts: object) -> str:
    """SHA-256 over the step's name and its parts (anything JSON can hold), order-independent."""
    text = json.dumps([step, parts], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def tree_key(folders: Iterable[Path]) -> str:
    """SHA-256 over the names and bytes of all files in the folders; missing folders are empty."""
    return key_of("tree", folders=[_tree(folder) for folder in folders])


@cache
def code_key() -> str:
    """SHA-256 over our own source files and the versions of the computing libraries."""
    versions = {name: version(name) for name in _COMPUTING}
    return key_of("code", files=[_tree(_package(name)) for name in _OURS], versions=versions)


class Keys:
    """The keys of one study as it stands on disk now."""

    def __init__(self, folder: StudyFolder) -> None:
        self.study = key_of(
            "study", study=folder.study.model_dump(mode="json", exclude={"store", "gates"})
        )
        self.gates = folder.study.gates.model_dump(mode="json")
        self.specs = tree_key([folder.mappings, folder.terms, _package("sdtm_mappings")])
        self.suites = tree_key([folder.expectations, _package("expectations")])
        self.standards = tree_key([_package("sdtmflow") / "standards"])
        self.code = code_key()

    def step(self, step: str, **parts: object) -> str:
        """The key of a step that reads study.yaml and ``parts`` (digests of what goes in)."""
        return key_of(step, study=self.study, code=self.code, **parts)

    def inputs(self, deliveries: Mapping[str, str]) -> str:
        """One SHA-256 over all that decides the bundle's content; ``deliveries`` by source."""
        return self.step(
            "bundle",
            deliveries=dict(deliveries),
            specs=self.specs,
            suites=self.suites,
            standards=self.standards,
            gates=self.gates,
        )


def _tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


@cache
def _package(name: str) -> Path:
    """The folder of one of our packages, found without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(name)
    return Path(spec.submodule_search_locations[0])
