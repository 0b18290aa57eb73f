"""XML of anyone: read without entities, document types or the network."""

from __future__ import annotations

import io
from pathlib import Path
from typing import cast

from lxml import etree

Element = etree._Element  # noqa: SLF001 — the only name that lxml's stubs give it


class BrokenXmlError(Exception):
    """The file is not well-formed; the text says where."""


def read_xml(path: Path) -> etree._ElementTree:
    """The document. Raises BrokenXmlError."""
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True, recover=False
    )
    try:
        # From bytes: of a file with bytes that are no text lxml raises an OSError.
        return etree.parse(io.BytesIO(path.read_bytes()), parser)
    except etree.XMLSyntaxError as error:
        line, _ = error.position
        raise BrokenXmlError(f"not well-formed at line {line}") from None


def href_of(element: Element) -> str:
    """The xlink:href of an element; eCTD's DTD spells the namespace with w3c.org."""
    for name, value in element.attrib.items():
        if etree.QName(name).localname == "href":
            return str(value)
    return ""


def local(element: Element) -> str:
    """An element's name without its namespace; empty for comments and instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def line_of(element: Element) -> int:
    """The line on which the element's start tag ends."""
    return cast("int | None", element.sourceline) or 0


def text_of(element: Element, child: str) -> str:
    """The text of the first child of that name."""
    for one in element:
        if local(one) == child:
            return "".join(map(str, one.itertext())).strip()
    return ""
