"""A study's imported CT packages: ``terminology/<version>/``, written once, known by SHA-256.

A package lies in the study folder, in the form of the carried tables: whoever has the folder has
the terminology, and the same folder gives the same bytes on any machine.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from sdtmflow.errors import StudyError
from sdtmflow.standards.ct_changes import changes
from sdtmflow.standards.nci_rows import Package

CODELISTS = "codelists.csv"
TERMS = "terms.csv"
RECORD = "package.json"


class Source(BaseModel):
    """The published file that a package was imported from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str


class PackageRecord(BaseModel):
    """``package.json``: what was imported, and the SHA-256 of each table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: dt.date
    source: Source
    codelists: int
    terms: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported package; ``new`` where this import has put it there."""

    folder: Path
    record: PackageRecord
    new: bool


def put(package: Package, version: dt.date, file: Path, folder: Path) -> Imported:
    """Keep ``package``, read from ``file``, as ``folder/<version>``; all of it or nothing.

    The same content again changes nothing, in whatever form it came. Raises StudyError where
    another content is there under this version.
    """
    target = folder / str(version)
    if not target.exists():
        with _building(folder) as building:
            _write(package, version, file, building)
            try:
                building.rename(target)
            except OSError:  # another import was faster; what it put there is compared below
                if not target.exists():
                    raise
            else:
                return Imported(target, read_record(target), new=True)
    return Imported(target, _require_same(package, version, target), new=False)


def versions(folder: Path) -> tuple[dt.date, ...]:
    """The imported versions, oldest first."""
    return tuple(sorted(version for path in _folders(folder) if (version := _date(path.name))))


def read_record(target: Path) -> PackageRecord:
    """``package.json`` of an imported package. Raises StudyError where it is none."""
    try:
        return PackageRecord.model_validate_json((target / RECORD).read_bytes())
    except (OSError, ValidationError):
        raise _changed(target, RECORD) from None


def get(target: Path) -> Package:
    """The package; StudyError where a table is not what was imported."""
    record = read_record(target)
    codelists, terms = (_table(target, name, record) for name in (CODELISTS, TERMS))
    return Package(codelists, terms, record.version)


def _table(target: Path, name: str, record: PackageRecord) -> pl.DataFrame:
    try:
        data = (target / name).read_bytes()
    except OSError:
        raise _changed(target, name) from None
    if hashlib.sha256(data).hexdigest() != record.files.get(name):
        raise _changed(target, name)
    return pl.read_csv(io.BytesIO(data), infer_schema=False).fill_null("")


def _changed(target: Path, name: str) -> StudyError:
    return StudyError(
        "the imported CT package is damaged or was changed",
        place=f"{target.parent.name}/{target.name}/{name}",
        remedy="delete its folder and import the package again: sdtmflow terms import FILE",
    )


def _require_same(package: Package, version: dt.date, target: Path) -> PackageRecord:
    there = get(target)
    if there.equals(package):
        return read_record(target)
    found = changes(there, package)
    differs = found.summary() if found else "the order of its rows"
    raise StudyError(
        f"another package is imported as SDTM CT {version} already; this one differs: {differs}",
        place=f"{target.parent.name}/{target.name}",
        remedy="a version never changes: delete that folder first if this file is the right one",
    )


def _write(package: Package, version: dt.date, file: Path, folder: Path) -> None:
    hashes = {}
    for name, table in ((CODELISTS, package.codelists), (TERMS, package.terms)):
        # As the carried tables: a null is written as nothing, an empty text as a pair of quotes.
        text = table.with_columns(pl.all().replace("", None)).write_csv()
        hashes[name] = _store(folder / name, text.encode())
    with file.open("rb") as sent:
        source = Source(name=file.name, sha256=hashlib.file_digest(sent, "sha256").hexdigest())
    record = PackageRecord(
        version=version,
        source=source,
        codelists=package.codelists.height,
        terms=package.terms.height,
        files=hashes,
    )
    text = json.dumps(record.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False)
    _store(folder / RECORD, f"{text}\n".encode())


def _store(path: Path, data: bytes) -> str:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(data).hexdigest()


@contextmanager
def _building(folder: Path) -> Iterator[Path]:
    """A folder beside the packages that nobody takes for one; gone where it was not renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".importing-", dir=folder))
    try:
        building.chmod(0o755)
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _date(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(name)
    except ValueError:
        return None
