"""Elements of ODM 1.3.2 and Define-XML 2.1, named as the standards' examples print them."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

ODM = "http://www.cdisc.org/ns/odm/v1.3"
DEF = "http://www.cdisc.org/ns/def/v2.1"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"

NAMESPACES = {None: ODM, "def": DEF, "xlink": XLINK}

_PREFIXES = {"def": DEF, "xlink": XLINK, "xml": XML}

Element = etree._Element  # noqa: SLF001 — lxml's public type has no public name


def qualified(name: str, default: str = "") -> str:
    """``def:leaf`` as lxml writes it; a name without prefix is in ``default``."""
    prefix, colon, local = name.rpartition(":")
    namespace = _PREFIXES[prefix] if colon else default
    return f"{{{namespace}}}{local}" if namespace else local


def add(
    parent: Element, name: str, attributes: Mapping[str, str | int | None] | None = None
) -> Element:
    """A child element; attributes that are None or "" are left out."""
    present = {
        qualified(key): str(value)
        for key, value in (attributes or {}).items()
        if value is not None and value != ""
    }
    return etree.SubElement(parent, qualified(name, ODM), present)


def add_text(parent: Element, name: str, text: str) -> Element:
    """A child element that holds text."""
    child = add(parent, name)
    child.text = text
    return child


def describe(parent: Element, text: str, name: str = "Description") -> None:
    """The description (or decode) of an element, in English."""
    if text:
        translated = add(add(parent, name), "TranslatedText", {"xml:lang": "en"})
        translated.text = text


def yes(*, value: bool) -> str | None:
    """``Yes`` where it holds; Define-XML leaves the attribute out otherwise."""
    return "Yes" if value else None
