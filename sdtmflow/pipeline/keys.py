"""What decides the content of each artifact, as one SHA-256.

A key is made of everything that can change the bytes: snapshots, the parts of study.yaml that the
step reads, specs, terms, suites, standards, the code itself and the versions of the libraries that
compute. Nothing else (no clock, no path, no host) goes in, so equal keys mean equal files.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from sdtmflow.pipeline.study_files import files_below
from sdtmflow.store.protocol import file_sha256
from sdtmflow.study import StudyFolder

_COMPUTING = (
    "polars",
    "pyarrow",
    "pandas",
    "pyreadstat",
    "great-expectations",
    "lxml",
    "openpyxl",
    "reportlab",
    "pikepdf",
    "phonenumbers",
    "python-stdnum",
)
"""Libraries whose version may change what a step writes."""
_OURS = ("sdtmflow", "expectations")
DECIDES_NO_CONTENT = {"store", "gates", "signing", "releases", "findings", "notify"}
"""Parts of study.yaml that decide where and whether to publish, release, follow and tell, not
what."""


def key_of(what: str, **parts: object) -> str:
    """SHA-256 over a name and its parts (anything JSON can hold), whatever their order."""
    text = json.dumps([what, parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Recipe:
    """The files that say what a study's bundle is made by; each map is name → SHA-256."""

    specs: dict[str, str]
    """Mapping specs, derivations and terms, the study's and the standard ones; the USDM file."""
    suites: dict[str, str]
    standards: dict[str, str]
    guide: dict[str, str]
    """Texts and choices of the study's documents, and its own annotated CRF."""

    @classmethod
    def of(cls, folder: StudyFolder) -> Recipe:
        """The files as they stand on disk now."""
        return cls(
            specs=_named("mappings", folder.mappings)
            | _named("terms", folder.terms)
            | _design(folder)
            | _named("sdtm_mappings", _package("sdtm_mappings")),
            suites=_named("expectations", folder.expectations)
            | _named("standard", _package("expectations") / "suites"),
            standards=_named("standards", _package("sdtmflow") / "standards" / "data")
            | _pinned_terminology(folder),
            guide=_named("guide", folder.guide),
        )


@dataclass(frozen=True, slots=True)
class Keys:
    """Hashes of everything but the deliveries that decides a study's bundle."""

    study: str
    specs: str
    suites: str
    standards: str
    guide: str
    code: str

    @classmethod
    def of(cls, folder: StudyFolder) -> Keys:
        """The hashes of the study as it stands on disk now."""
        study = folder.study.model_dump(mode="json", exclude=DECIDES_NO_CONTENT)
        recipe = Recipe.of(folder)
        return cls(
            study=key_of("study", study=study),
            specs=key_of("specs", files=recipe.specs),
            suites=key_of("suites", files=recipe.suites),
            standards=key_of("standards", files=recipe.standards),
            guide=key_of("guide", files=recipe.guide),
            code=_code_key(),
        )

    def step(self, step: str, **parts: object) -> str:
        """The key of a step that reads study.yaml and ``parts`` (digests of what goes in)."""
        return key_of(step, study=self.study, code=self.code, **parts)


def libraries() -> dict[str, str]:
    """Python and the libraries that may change what is written → their versions here."""
    return {"python": platform.python_version()} | _computing()


def _computing() -> dict[str, str]:
    return {name: version(name) for name in _COMPUTING}


@cache
def _code_key() -> str:
    versions = _computing()
    return key_of("code", files=[_tree(_package(name)) for name in _OURS], versions=versions)


def _pinned_terminology(folder: StudyFolder) -> dict[str, str]:
    """The tables of the imported CT package that the study pins; other versions decide nothing.

    Not its record: the same tables may have come from another form of the published file.
    """
    version = str(folder.study.standards.ct)
    found = _named(f"terminology/{version}", folder.terminology / version)
    return {name: sha256 for name, sha256 in found.items() if name.endswith(".csv")}


def _named(prefix: str, folder: Path) -> dict[str, str]:
    return {f"{prefix}/{name}": sha256 for name, sha256 in _tree(folder).items()}


def _design(folder: StudyFolder) -> dict[str, str]:
    """The USDM study definition; one that is named and not there is told when it is read."""
    if folder.usdm is None or not folder.usdm.is_file():
        return {}
    return {f"design/{folder.usdm.name}": file_sha256(folder.usdm)}


def _tree(folder: Path) -> dict[str, str]:
    return {name: file_sha256(path) for name, path in files_below(folder).items()}


@cache
def _package(name: str) -> Path:
    """The folder of one of our packages, found without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(name)
    return Path(spec.submodule_search_locations[0])
