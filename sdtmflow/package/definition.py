"""What a written define.xml says, read as any other program would read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

_NS = {
    "odm": "http://www.cdisc.org/ns/odm/v1.3",
    "def": "http://www.cdisc.org/ns/def/v2.1",
}
_HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True)
class DescribedVariable:
    """A variable; ``length`` is None where define.xml gives none."""

    name: str
    label: str
    type: str
    length: int | None


@dataclass(frozen=True, slots=True)
class Described:
    """A dataset; ``file`` is None where define.xml says that it has no data."""

    name: str
    label: str
    file: str | None
    variables: tuple[DescribedVariable, ...]


def described(define: Path) -> dict[str, Described]:
    """The datasets of a define.xml by name."""
    root = etree.parse(define).getroot()
    items = {item.get("OID"): item for item in root.iterfind(".//odm:ItemDef", _NS)}
    return {
        group.get("Name", ""): Described(
            name=group.get("Name", ""),
            label=_description(group),
            file=_file(group),
            variables=tuple(
                _variable(items[reference.get("ItemOID")])
                for reference in group.iterfind("odm:ItemRef", _NS)
            ),
        )
        for group in root.iterfind(".//odm:ItemGroupDef", _NS)
    }


def _variable(item: etree._Element) -> DescribedVariable:
    length = item.get("Length")
    return DescribedVariable(
        name=item.get("Name", ""),
        label=_description(item),
        type=item.get("DataType", ""),
        length=int(length) if length else None,
    )


def _description(node: etree._Element) -> str:
    return node.findtext("odm:Description/odm:TranslatedText", "", _NS)


def _file(group: etree._Element) -> str | None:
    leaf = group.find("def:leaf", _NS)
    return None if leaf is None else leaf.get(_HREF)
