"""What a define.xml says of its files: as much as a gate needs, read with a plain XML parser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sdtmflow.gate.xml import BrokenXmlError, Element, href_of, local, read_xml

DEFINE = "define.xml"

_EDITIONS = {
    "http://www.cdisc.org/ns/def/v2.0": "2.0",
    "http://www.cdisc.org/ns/def/v2.1": "2.1",
    "http://www.cdisc.org/ns/def/v1.0": "1.0",
}
_HREF = re.compile(r"""href\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True, slots=True)
class DescribedDataset:
    """An ItemGroupDef; ``file`` is empty where it names none."""

    name: str
    file: str
    no_data: bool
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A define.xml; ``broken`` says why it cannot be read, and then all else is empty."""

    edition: str = ""
    study: str = ""
    stylesheet: str | None = None
    """As the processing instruction names it; None where there is none."""
    datasets: tuple[DescribedDataset, ...] = ()
    documents: tuple[str, ...] = ()
    """Files of leaves that are no datasets."""
    broken: str = ""

    @property
    def by_file(self) -> Mapping[str, DescribedDataset]:
        """The datasets by the names of their files."""
        return {one.file.rpartition("/")[2]: one for one in self.datasets if one.file}


def read_definition(folder: Path) -> Definition | None:
    """The define.xml of a folder; None where there is none."""
    path = folder / DEFINE
    if not path.is_file():
        return None
    try:
        tree = read_xml(path)
    except BrokenXmlError as error:
        return Definition(broken=str(error))
    root = tree.getroot()
    uris = {uri for one in root.iter("{*}MetaDataVersion") for uri in one.nsmap.values()}
    editions = [edition for uri, edition in _EDITIONS.items() if uri in uris]
    if local(root) != "ODM" or not editions:
        return Definition(broken="this is no Define-XML")
    return Definition(
        edition=editions[0],
        study=_study(root),
        stylesheet=_stylesheet(root),
        datasets=_datasets(root),
        documents=tuple(href_of(one) for one in _named(root, "MetaDataVersion/leaf")),
    )


def _named(root: Element, path: str) -> list[Element]:
    """The elements of the last name whose parent has the first."""
    parent, name = path.split("/")
    return [
        one
        for one in root.iter()
        if local(one) == name and (up := one.getparent()) is not None and local(up) == parent
    ]


def _study(root: Element) -> str:
    names = _named(root, "GlobalVariables/StudyName")
    return (names[0].text or "").strip() if names else ""


def _stylesheet(root: Element) -> str | None:
    query = "preceding-sibling::processing-instruction('xml-stylesheet')"
    texts = [one.text or "" for one in cast("list[Element]", root.xpath(query))]
    if not texts:
        return None
    found = _HREF.search(texts[-1])
    return found[1] if found else ""


def _datasets(root: Element) -> tuple[DescribedDataset, ...]:
    items = {
        one.get("OID", ""): one.get("Name", "") for one in _named(root, "MetaDataVersion/ItemDef")
    }
    return tuple(_dataset(group, items) for group in _named(root, "MetaDataVersion/ItemGroupDef"))


def _dataset(group: Element, items: Mapping[str, str]) -> DescribedDataset:
    leaves = [one for one in group if local(one) == "leaf"]
    references = (one for one in group if local(one) == "ItemRef")
    no_data = (value for name, value in group.attrib.items() if str(name).endswith("}HasNoData"))
    return DescribedDataset(
        name=group.get("Name", ""),
        file=href_of(leaves[0]) if leaves else "",
        no_data="Yes" in no_data,
        variables=tuple(items.get(one.get("ItemOID", ""), "") for one in references),
    )
