"""A published CT package into a study: read, named by its version, looked at, kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.standards import packages
from sdtmflow.standards.ct_changes import changes
from sdtmflow.standards.nci import Package, read_package
from sdtmflow.standards.sdtmig import sdtmig
from sdtmflow.standards.terminology import carried
from sdtmflow.study import StudyFolder

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Import:
    """What was imported, and what is unusual about it."""

    imported: packages.Imported
    notes: tuple[str, ...]


def import_package(file: Path, folder: StudyFolder, version: dt.date | None = None) -> Import:
    """Import ``file`` into the study; ``version`` is needed where the file does not say its own.

    Raises StudyError for a file that is no sound package, for a version that contradicts the
    file's, and where another content is imported under this version already.
    """
    package = read_package(file)
    version = _version(package, file, version)
    imported = packages.put(package, version, file, folder.terminology)
    guide = folder.study.standards.sdtmig
    notes = (
        *package.notes,
        *_lacking(package, guide),
        *_unlike_carried(package, version),
        *_twins(imported, folder.terminology),
    )
    return Import(imported, notes)


def _version(package: Package, file: Path, given: dt.date | None) -> dt.date:
    said = package.version
    if given and said and given != said:
        raise StudyError(
            f"the file says that it is version {said}, not {given}",
            place=file.name,
            remedy="leave --version out",
        )
    version = given or said
    if version is None:
        raise StudyError(
            "the file does not say its version",
            place=file.name,
            remedy="give the package's date: --version YYYY-MM-DD",
        )
    return version


def _lacking(package: Package, guide: str) -> Iterator[str]:
    """Codelists of the guide that are not there: another standard's package, or an old one."""
    there = set(package.codelists["code"])
    named = {
        code
        for dataset in sdtmig(guide).datasets.values()
        for variable in dataset.variables
        for code in variable.codelists
    }
    lacking = sorted(named - there, key=lambda code: int(code[1:]))
    if lacking:
        yield (
            f"{len(lacking)} of the {len(named)} codelists that SDTMIG {guide} names are not in "
            f"the package: {_some(lacking)}"
        )


def _unlike_carried(package: Package, version: dt.date) -> Iterator[str]:
    """What the package says otherwise than the subset of the same version that is carried."""
    ours = carried(version)
    if ours is None:
        return
    both = sorted(set(ours.codelists["code"]) & set(package.codelists["code"]))
    found = changes(ours, package, both)
    if found:
        codes = {*found.codelists["code"], *found.terms["codelist"]}
        yield (
            f"the package differs from what sdtmflow carries of {version}, and goes before it: "
            f"{found.summary()} in {_some(sorted(codes))}"
        )


def _twins(imported: packages.Imported, folder: Path) -> Iterator[str]:
    """Other versions with the very same tables: one of the two dates is wrong."""
    for version in packages.versions(folder):
        record = packages.read_record(folder / str(version))
        if version != imported.record.version and record.files == imported.record.files:
            yield f"the same content is imported as version {version}; check --version"


def _some(names: list[str]) -> str:
    more = ", …" if len(names) > _EXAMPLES else ""
    return f"{', '.join(names[:_EXAMPLES])}{more}"
