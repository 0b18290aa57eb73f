"""The files of a delivery: found, kept as snapshots, unpacked, and told apart by content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import Protocol

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.archives import is_leftover, is_worth_telling, unpacked_files
from sdtmflow.sources.raw import DeliveredFile
from sdtmflow.sources.remote import fetched, is_remote
from sdtmflow.sources.sniff import Nature, identify
from sdtmflow.store.protocol import file_sha256
from sdtmflow.study import Source, StudyFolder

ACCEPTS: dict[str, tuple[str, ...]] = {
    "odm": ("odm",),
    "redcap": ("text",),
    "delimited": ("text",),
    "xpt": ("xpt",),
    "sas7bdat": ("sas7bdat", "sas7bcat"),
    "excel": ("xlsx",),
}
"""Source kind → natures of the files that its reader takes."""
USUAL_SUFFIXES: dict[str, tuple[str, ...]] = {
    "odm": (".xml", ".odm"),
    "redcap": (".csv", ".tsv"),
    "delimited": (".csv", ".tsv", ".tab", ".txt"),
    "xpt": (".xpt", ".v5xpt", ".v8xpt"),
    "sas7bdat": (".sas7bdat", ".sas7bcat"),
    "excel": (".xlsx", ".xlsm", ".xls"),
}
"""Source kind → how its files' names end: whoever sent such a file meant it to be read."""

_LEFTOVER = "hidden, or the trace of a program that had it open,"

_SECOND_DOWNLOAD = re.compile(r"\s*(\(\d+\)|- (copy|kopie|copie|copia).*)$", re.IGNORECASE)
_NAMED_BY_FILE = {"delimited", "sas7bdat"}
"""Kinds whose tables are called as their files."""


class Snapshots(Protocol):
    """Where the delivered bytes are kept (``sdtmflow.store.snapshots.Snapshots``)."""

    def keep(self, path: Path) -> str:
        """Keep the file and return its SHA-256."""
        ...

    def path_of(self, sha256: str) -> Path:
        """The kept bytes as a local file."""
        ...


def delivered_paths(folder: StudyFolder, source_name: str) -> dict[str, Path]:
    """Delivered name → file, sorted by name: what ``path`` and ``dictionary`` lead to.

    Raises DeliveryError where there is nothing.
    """
    source = folder.study.sources[source_name]
    found = dict(_named(folder, source_name, source))
    if not found:
        raise DeliveryError(
            "no file is there",
            place=f"source {source_name}, {source.path}",
            remedy="put the delivery there, or correct the source's 'path'",
        )
    return dict(sorted(found.items()))


def named_by_file(folder: StudyFolder, source_name: str) -> tuple[str, ...]:
    """The tables of a source that calls them as its files here; empty for other sources.

    Raises DeliveryError where there is no file.
    """
    source = folder.study.sources[source_name]
    if source.kind not in _NAMED_BY_FILE or is_remote(source.path):
        return ()
    return tuple(_table_stem(name) for name in delivered_paths(folder, source_name))


def _named(folder: StudyFolder, name: str, source: Source) -> Iterator[tuple[str, Path]]:
    if is_remote(source.path):
        yield from fetched(source.path, folder.work / "inbox" / name).items()
    for path in _matching(folder.root, source.path):
        yield from ((name, file) for name, file in _below(path) if not is_leftover(PurePath(name)))
        if source.kind == "sas7bdat":
            yield from ((near.name, near) for near in path.parent.glob("*.sas7bcat"))
    if source.dictionary:
        dictionary = folder.root / source.dictionary
        if not dictionary.is_file():
            raise DeliveryError(
                "the data dictionary is missing",
                place=source.dictionary,
                remedy="put it there, or correct the source's 'dictionary'",
            )
        yield dictionary.name, dictionary


def _matching(root: Path, path: str) -> list[Path]:
    if is_remote(path):
        return []
    if (root / path).exists():
        return [root / path]
    return sorted(root.glob(path)) if not Path(path).is_absolute() else []


def _below(path: Path) -> Iterator[tuple[str, Path]]:
    """A file by its name, a folder's files by their path in it."""
    files = [path] if path.is_file() else [below for below in path.rglob("*") if below.is_file()]
    base = path.parent if path.is_file() else path
    for file in files:
        yield file.relative_to(base).as_posix(), file


def leftovers(folder: StudyFolder, source_name: str) -> tuple[str, ...]:
    """Names of the files that are passed over though they may be data: hidden, or left open."""
    found = {
        name
        for path in _matching(folder.root, folder.study.sources[source_name].path)
        for name, _ in _below(path)
        if is_leftover(PurePath(name)) and is_worth_telling(PurePath(name))
    }
    return tuple(sorted(found))


class InPlace:
    """Files known by hash where they lie: of what is a snapshot already, nothing is kept again."""

    def __init__(self) -> None:
        self._paths: dict[str, Path] = {}

    def keep(self, path: Path) -> str:
        """Note where the file is and return its SHA-256."""
        sha256 = file_sha256(path)
        self._paths[sha256] = path
        return sha256

    def path_of(self, sha256: str) -> Path:
        """Where the file is."""
        return self._paths[sha256]


@dataclass(frozen=True)
class Sent:
    """A delivery as it was sent, before anything of it is opened."""

    files: Mapping[str, Path]
    """Delivered name → file, sorted by name."""
    passed_over: tuple[str, ...] = ()
    """Names of files that may be data and are not even looked at."""

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Delivered name → SHA-256 of the file as it was sent."""
        return {name: file_sha256(path) for name, path in self.files.items()}

    def key(self, source: Source) -> str:
        """SHA-256 over the files' names and contents, the source's settings and the readers' code.

        Of the files that are passed over, the names.
        """
        return sent_key(self.hashes, self.passed_over, source)


def sent_key(hashes: Mapping[str, str], passed_over: Iterable[str], source: Source) -> str:
    """``Sent.key`` of files that are known by name and SHA-256 alone."""
    digest = hashlib.sha256()
    digest.update(source.model_dump_json().encode())
    digest.update(code_version().encode())
    for name, sha256 in hashes.items():
        digest.update(f"\0{name}\0{sha256}".encode())
    for name in passed_over:
        digest.update(f"\0{name}".encode())
    return digest.hexdigest()


def sent_by(folder: StudyFolder, source_name: str) -> Sent:
    """What the source has sent by now. Raises DeliveryError where there is nothing to collect."""
    return Sent(delivered_paths(folder, source_name), leftovers(folder, source_name))


@dataclass(frozen=True, slots=True)
class Opened:
    """A delivery's files, each kept as a snapshot, and what is to be said of the others."""

    files: tuple[DeliveredFile, ...]
    warnings: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    """Name of a file that is clearly another thing → what it is."""

    def beside(self, passed_over: Iterable[str]) -> Opened:
        """With the files that are passed over by their names."""
        return replace(self, left_out=self.left_out | dict.fromkeys(passed_over, _LEFTOVER))


def opened(
    paths: Mapping[str, Path], source: Source, snapshots: Snapshots, unpacked: Path
) -> Opened:
    """The files that the source's reader takes.

    Archives are kept as sent and unpacked (into ``unpacked``); their members are kept as well.
    The same bytes twice are read once, unless the files' names make them two tables. Raises
    DeliveryError where a file that was meant to be read cannot be, and where none can.
    """
    taken: dict[tuple[str, str], DeliveredFile] = {}
    refused: list[tuple[str, Nature]] = []
    warnings: list[str] = []
    for name, path in unpacked_files(paths, unpacked, snapshots.keep):
        nature = identify(path)
        if nature.kind not in ACCEPTS[source.kind]:
            refused.append((name, nature))
            continue
        sha256 = snapshots.keep(path)
        twin = (sha256, _table_stem(name) if source.kind in _NAMED_BY_FILE else "")
        if twin in taken:
            warnings.append(f"{name} holds the same bytes as {taken[twin].name}; read once")
            continue
        kept = snapshots.path_of(sha256)
        taken[twin] = DeliveredFile(name, kept, sha256, kept.stat().st_size)
    files = tuple(taken.values())
    if not files and not refused:
        raise DeliveryError(
            "the archive holds no files",
            place=next(iter(paths)),
            remedy="ask for a new export",
        )
    _require_readable(refused, files, source)
    return Opened(files, tuple(warnings), {name: nature.words for name, nature in refused})


def _table_stem(name: str) -> str:
    """The stem that names the table, without what a second download adds: ``ae (1).csv``."""
    return _SECOND_DOWNLOAD.sub("", PurePath(name).stem)


def _require_readable(
    refused: list[tuple[str, Nature]], files: tuple[DeliveredFile, ...], source: Source
) -> None:
    """Only what is clearly another thing (a note, a PDF) may lie beside good files."""
    wanted = _named_stems(source) - {_stem(file.name) for file in files}
    meant = [
        (name, nature)
        for name, nature in refused
        if nature.is_damaged
        or PurePath(name).suffix.lower() in USUAL_SUFFIXES[source.kind]
        or _stem(name) in wanted
    ]
    if meant or not files:
        name, nature = (meant or refused)[0]
        remedy = "ask for a new export" if nature.is_damaged else nature.remedy
        raise DeliveryError(f"this is {nature.words}", place=name, remedy=remedy)


def _named_stems(source: Source) -> set[str]:
    """What study.yaml calls the source's tables, in its own words and in the source's."""
    sent = {name for spec in source.tables.values() for name in spec.sent_names}
    return {name.strip().casefold() for name in {*source.tables, *sent}}


def _stem(name: str) -> str:
    return PurePath(name).stem.strip().casefold()


def delivery_key(folder: StudyFolder, source_name: str) -> str:
    """The key of what the source has sent. Raises DeliveryError where there is nothing."""
    return sent_by(folder, source_name).key(folder.study.sources[source_name])


def code_version() -> str:
    """SHA-256 of the code in this room: another reader may give other tables."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def wrong_study(sent: str, source: Source, place: str) -> DeliveryError:
    """The refusal of a delivery of another study."""
    return DeliveryError(
        f"this is study '{sent}', not '{source.study_id}'",
        place=place,
        remedy="ask for the right study's export, or correct the source's 'study_id'",
    )
