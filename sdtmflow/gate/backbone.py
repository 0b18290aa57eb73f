"""index.xml and its checksum: the leaves of a sequence (ICH eCTD 3.2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sdtmflow.gate.xml import BrokenXmlError, Element, href_of, line_of, local, read_xml, text_of

INDEX = "index.xml"
INDEX_MD5 = "index-md5.txt"
ROOT = "{http://www.ich.org/ectd}ectd"

_SECTION = re.compile(r"m(\d(?:-\d+)*)-")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf; ``section`` is the CTD section it stands in (``5.3.5.1``)."""

    line: int
    id: str
    href: str
    operation: str
    modified: str
    checksum: str
    checksum_type: str
    version: str
    title: str
    section: str

    @property
    def target(self) -> str:
        """The file that is meant, however the reference is written."""
        return self.href.replace("\\", "/").lstrip("/")

    @property
    def is_tagging(self) -> bool:
        """Whether it is a study tagging file."""
        name = self.target.rpartition("/")[2]
        return name.startswith("stf-") and name.endswith(".xml")


@dataclass(frozen=True)
class Backbone:
    """index.xml; ``broken`` says why it cannot be read, and then it has no leaves."""

    leaves: tuple[Leaf, ...] = ()
    indications: tuple[str, ...] = ()
    broken: str = ""

    @cached_property
    def by_id(self) -> Mapping[str, Leaf]:
        """The leaves by their IDs; the first where several have one."""
        return {leaf.id: leaf for leaf in reversed(self.leaves)}


def read_backbone(root: Path) -> Backbone | None:
    """The index of a sequence; None where there is none."""
    path = root / INDEX
    if not path.is_file():
        return None
    try:
        top = read_xml(path).getroot()
    except BrokenXmlError as error:
        return Backbone(broken=str(error))
    if top.tag != ROOT:
        return Backbone(broken="the root is no ectd:ectd")
    leaves = tuple(_leaf(element) for element in top.iter("leaf"))
    sections = [one for one in top.iter() if local(one).startswith("m5-3-5-reports")]
    return Backbone(leaves, tuple(one.get("indication", "") for one in sections))


def _leaf(element: Element) -> Leaf:
    return Leaf(
        line=line_of(element),
        id=element.get("ID", ""),
        href=href_of(element),
        operation=element.get("operation", ""),
        modified=element.get("modified-file", ""),
        checksum=element.get("checksum", ""),
        checksum_type=element.get("checksum-type", ""),
        version=element.get("version", ""),
        title=text_of(element, "title"),
        section=next(_sections(element), ""),
    )


def _sections(element: Element) -> Iterator[str]:
    """The CTD sections that the element stands in, the innermost first."""
    for parent in element.iterancestors():
        if found := _SECTION.match(local(parent)):
            yield found[1].replace("-", ".")
