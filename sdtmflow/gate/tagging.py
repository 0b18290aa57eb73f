"""Study tagging files: which leaf is what in a study (ICH STF 2.6.1, DTD version 2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sdtmflow.gate.xml import BrokenXmlError, Element, href_of, line_of, local, read_xml, text_of

ROOT = "{http://www.ich.org/ectd}study"


@dataclass(frozen=True, slots=True)
class Tag:
    """A file-tag; ``realm`` is its info-type."""

    name: str
    realm: str


@dataclass(frozen=True, slots=True)
class Document:
    """A doc-content: a leaf by its ID, and its tags."""

    line: int
    href: str
    tags: tuple[Tag, ...]

    @property
    def leaf(self) -> str:
        """The ID of the leaf."""
        return self.href.rpartition("#")[2] if "#" in self.href else ""


@dataclass(frozen=True, slots=True)
class Tagging:
    """A study tagging file; ``broken`` says why it cannot be read, and then all else is empty."""

    path: str
    """Relative to the sequence."""
    study: str = ""
    title: str = ""
    controls: tuple[str, ...] = ()
    """type-of-control categories."""
    documents: tuple[Document, ...] = ()
    broken: str = ""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]


def read_tagging(root: Path, path: str) -> Tagging:
    """The study tagging file at ``path``, relative to ``root``."""
    try:
        top = read_xml(root / path).getroot()
    except BrokenXmlError as error:
        return Tagging(path, broken=str(error))
    if top.tag != ROOT:
        return Tagging(path, broken="the root is no ectd:study")
    identifier = next((one for one in top if local(one) == "study-identifier"), None)
    if identifier is None:
        return Tagging(path, broken="there is no study-identifier")
    categories = (one for one in identifier if local(one) == "category")
    return Tagging(
        path=path,
        study=text_of(identifier, "study-id"),
        title=text_of(identifier, "title"),
        controls=tuple(
            (one.text or "").strip() for one in categories if one.get("name") == "type-of-control"
        ),
        documents=tuple(_document(one) for one in top.iter("doc-content")),
    )


def _document(element: Element) -> Document:
    tags = (one for one in element if local(one) == "file-tag")
    return Document(
        line=line_of(element),
        href=href_of(element),
        tags=tuple(Tag(one.get("name", ""), one.get("info-type", "")) for one in tags),
    )
