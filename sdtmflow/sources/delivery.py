"""The files of a delivery: found, kept as snapshots, unpacked, and told apart by content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Protocol

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.archives import is_leftover, unpacked_files
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


def _named(folder: StudyFolder, name: str, source: Source) -> Iterator[tuple[str, Path]]:
    if is_remote(source.path):
        yield from fetched(source.path, folder.work / "inbox" / name).items()
    for path in _matching(folder.root, source.path):
        yield from _below(path)
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
    """A file by its name, a folder's files by their path in it; leftovers are passed over."""
    files = [path] if path.is_file() else [below for below in path.rglob("*") if below.is_file()]
    base = path.parent if path.is_file() else path
    for file in files:
        name = file.relative_to(base)
        if not is_leftover(name):
            yield name.as_posix(), file


def opened(
    paths: dict[str, Path], source: Source, snapshots: Snapshots, unpacked: Path
) -> tuple[tuple[DeliveredFile, ...], tuple[str, ...]]:
    """The files that the source's reader takes, each kept as a snapshot, and warnings.

    Archives are kept as sent and unpacked (into ``unpacked``); their members are kept as well.
    The same bytes twice are read once, unless the files' names make them two tables. Raises
    DeliveryError where a file that ``path`` names is of another kind, or where a folder holds none
    of the right kind.
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
    _require_some(refused, any_taken=bool(taken))
    warnings += [f"{name} is {nature.words} and was not read" for name, nature in refused]
    return tuple(taken.values()), tuple(warnings)


def _table_stem(name: str) -> str:
    """The stem that names the table, without what a second download adds: ``ae (1).csv``."""
    return _SECOND_DOWNLOAD.sub("", PurePath(name).stem)


def _require_some(refused: list[tuple[str, Nature]], *, any_taken: bool) -> None:
    """An empty file among good ones is no leftover: a site meant to send something."""
    empty = [(name, nature) for name, nature in refused if nature.kind in {"empty", "broken-zip"}]
    if any_taken and not empty:
        return
    name, nature = (empty or refused)[0]
    remedy = "ask for a new export" if empty else nature.remedy
    raise DeliveryError(f"this is {nature.words}", place=name, remedy=remedy)


def delivery_key(folder: StudyFolder, source_name: str) -> str:
    """SHA-256 over the files' names and contents, the source's settings and the readers' code.

    Raises DeliveryError where there is nothing to collect.
    """
    return key_of(folder.study.sources[source_name], delivered_paths(folder, source_name))


def key_of(source: Source, paths: dict[str, Path]) -> str:
    """The ``delivery_key`` of files that were found already."""
    digest = hashlib.sha256()
    digest.update(source.model_dump_json().encode())
    digest.update(code_version().encode())
    for name, path in paths.items():
        digest.update(f"\0{name}\0{file_sha256(path)}".encode())
    return digest.hexdigest()


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
