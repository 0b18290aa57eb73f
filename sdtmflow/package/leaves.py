"""The leaves of a sequence: every file of module 5 with its title, checksum and file-tag."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.agency import Profile, Tag
from sdtmflow.package.tree import path_name
from sdtmflow.store.protocol import file_chunks

_TITLES = {
    "define.xml": "Data Definition (define.xml)",
    "define.xsl": "Stylesheet of define.xml",
    "define.html": "Data Definition as a page",
    "csdrg.pdf": "Clinical Study Data Reviewer's Guide",
    "acrf.pdf": "Annotated Case Report Form",
}
"""Documents, in the order in which a reviewer opens them."""
_DATASET = Tag("data-tabulation-dataset-sdtm", "us")
_DEFINITION = Tag("data-tabulation-data-definition", "us")
_CRF = Tag("annotated-crf", "us")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file of the sequence; ``path`` is from its top, ``tag`` None for what tags others."""

    id: str
    path: str
    title: str
    md5: str
    tag: Tag | None


def leaves_of(root: Path, profile: Profile, labels: Mapping[str, str]) -> list[Leaf]:
    """Every file below m5: documents first, then datasets by name with their ``labels``."""
    files = [one.relative_to(root).as_posix() for one in _files(root / "m5")]
    return [_leaf(root, path, profile, labels) for path in sorted(files, key=_order)]


def _files(folder: Path) -> Iterator[Path]:
    return (one for one in folder.rglob("*") if one.is_file())


def _order(path: str) -> tuple[int, str]:
    names, name = list(_TITLES), path.rpartition("/")[2]
    return (names.index(name) if name in names else len(names), path)


def _leaf(root: Path, path: str, profile: Profile, labels: Mapping[str, str]) -> Leaf:
    name = path.rpartition("/")[2]
    below = path.rsplit("/tabulations/", maxsplit=1)[-1]
    return Leaf(
        id=path_name(below),
        path=path,
        title=_title(name, labels),
        md5=md5_of(root / path),
        tag=_tag(name, profile),
    )


def _title(name: str, labels: Mapping[str, str]) -> str:
    dataset, _, kind = name.rpartition(".")
    if kind != "xpt":
        return _TITLES.get(name, name)
    whole = dataset.rstrip("0123456789").upper()
    label = labels.get(dataset.upper()) or labels.get(whole, "")
    return f"{dataset.upper()}, {label}" if label else dataset.upper()


def _tag(name: str, profile: Profile) -> Tag:
    known = {"acrf.pdf": _CRF, "csdrg.pdf": profile.guide_tag}
    return _DATASET if name.endswith(".xpt") else known.get(name, _DEFINITION)


def md5_of(path: Path) -> str:
    """The checksum that eCTD 3.2.2 asks for, in lower-case hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in file_chunks(path):
        digest.update(chunk)
    return digest.hexdigest()
