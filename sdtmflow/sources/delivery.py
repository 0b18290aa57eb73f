"""The files of a delivery: found, kept as snapshots, unpacked, and told apart by content."""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import Protocol

from sdtmflow.errors import DeliveryError
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

MAX_UNPACKED = 20 << 30
MAX_RATIO = 1_000
"""A member that unpacks to more than this many times its size is no clinical data."""
MAX_MEMBERS = 10_000
_SECOND_DOWNLOAD = re.compile(r"\s*(\(\d+\)|- (copy|kopie|copie|copia).*)$", re.IGNORECASE)
_NAMED_BY_FILE = {"delimited", "sas7bdat"}
"""Kinds whose tables are called as their files."""
_CHUNK = 1 << 20
_NOT_DELIVERED = ("~$", ".", "Thumbs.db", "desktop.ini", "__MACOSX")
"""What office programs and file managers leave behind begins with these."""


class ByteStream(Protocol):
    """Anything that unpacks as it is read."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        ...


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
        if not _is_leftover(name):
            yield name.as_posix(), file


def _is_leftover(name: PurePath) -> bool:
    return any(part.startswith(_NOT_DELIVERED) for part in name.parts)


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
    for name, path in _unpacked(paths, snapshots, unpacked):
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


def _unpacked(
    paths: dict[str, Path], snapshots: Snapshots, unpacked: Path
) -> Iterator[tuple[str, Path]]:
    for name, path in paths.items():
        nature = identify(path)
        if nature.kind == "zip":
            snapshots.keep(path)
            yield from _zip_members(name, path, unpacked)
        elif nature.kind == "gzip":
            snapshots.keep(path)
            yield _gunzipped(name, path, unpacked)
        else:
            yield name, path


def _zip_members(name: str, path: Path, unpacked: Path) -> Iterator[tuple[str, Path]]:
    """``export.zip/ae.csv``, … Member names only name: every member gets a numbered file."""
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise _too_big(name)
        for number, member in enumerate(sorted(members, key=lambda member: member.filename)):
            inside = _inner_name(member.filename)
            if _is_leftover(inside):
                continue
            target = unpacked / f"{len(list(unpacked.iterdir()))}-{number}"
            try:
                with archive.open(member) as stream:
                    _copy_bounded(stream, target, member.compress_size, name)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
                raise _cannot_unpack(name, error) from None
            yield f"{name}/{inside}", target


def _inner_name(filename: str) -> PurePosixPath:
    """A member's name without what would lead out of the archive."""
    parts = PurePosixPath(filename.replace("\\", "/")).parts
    return PurePosixPath(*(part for part in parts if part not in {"/", ".."}))


def _gunzipped(name: str, path: Path, unpacked: Path) -> tuple[str, Path]:
    target = unpacked / f"{len(list(unpacked.iterdir()))}-gz"
    try:
        with gzip.open(path) as stream:
            _copy_bounded(stream, target, path.stat().st_size, name)
    except (OSError, EOFError) as error:
        raise _cannot_unpack(name, error) from None
    return name.removesuffix(".gz"), target


def _copy_bounded(stream: ByteStream, target: Path, packed: int, name: str) -> None:
    size = 0
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_UNPACKED or (size > _CHUNK and size > MAX_RATIO * packed):
                raise _too_big(name)
            out.write(chunk)


def _too_big(name: str) -> DeliveryError:
    return DeliveryError(
        "the archive unpacks to more than a clinical delivery can hold",
        place=name,
        remedy="check where it comes from; send the files without the archive",
    )


def _cannot_unpack(name: str, error: Exception) -> DeliveryError:
    encrypted = isinstance(error, RuntimeError) and "password" in str(error)
    return DeliveryError(
        "the archive needs a password" if encrypted else "the archive is cut off or damaged",
        place=name,
        remedy="send it without a password" if encrypted else "ask for it again",
    )


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
