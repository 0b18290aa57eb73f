"""Read a define.xml from anyone: nothing is fetched, no entity is resolved, no DTD accepted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

from lxml import etree

from sdtmflow.errors import FormatError
from sdtmflow.formats.define.xml import ODM, XLINK, XML, Element

EDITIONS = {
    "http://www.cdisc.org/ns/def/v2.0": "2.0",
    "http://www.cdisc.org/ns/def/v2.1": "2.1",
}
_ANY_EDITION = re.compile(r"http://www\.cdisc\.org/ns/def/v(\S+)")
_PROLOG_BYTES = 1 << 16
"""A document type stands before the root element; comments before it are seldom longer."""
_COUNTED_LINES = (1 << 16) - 1
_NO_MARKUP = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)


def read_root(path: Path) -> tuple[Element, str]:
    """The ODM element and the edition (``2.0``, ``2.1``); FormatError where there is none."""
    root = _parsed(path)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype(path)
    name = etree.QName(root)
    if (name.namespace, name.localname) != (ODM, "ODM"):
        raise FormatError(
            f"not a define.xml: its outermost element is '{name.localname}' in "
            f"{f'namespace {name.namespace}' if name.namespace else 'no namespace'}",
            place=f"{path}:{root.sourceline}",
            remedy=f"a define.xml begins with ODM in namespace {ODM}",
        )
    return root, _edition(root, path)


def _parsed(path: Path) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False
    )
    try:
        with path.open("rb") as file:
            # Attributes expand entities while they are parsed: look for a DTD before that.
            prolog = file.read(_PROLOG_BYTES).replace(b"\0", b"")
            if b"<!DOCTYPE" in _NO_MARKUP.sub(b"", prolog):
                raise _doctype(path)
            file.seek(0)
            return cast("Element", etree.parse(file, parser).getroot())
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", place=str(path)) from None
    except etree.XMLSyntaxError as error:
        raise FormatError(
            f"not well-formed XML: {' '.join((error.msg or 'it is empty').split())}",
            place=f"{path}:{error.lineno or 1}",
            remedy="no program can read it before this is mended",
        ) from None


def _doctype(path: Path) -> FormatError:
    return FormatError(
        "the file declares a document type (DTD), which Define-XML does not use",
        place=str(path),
        remedy="remove <!DOCTYPE> and its entities",
    )


def _edition(root: Element, path: Path) -> str:
    """By the namespaces declared anywhere on the way to MetaDataVersion."""
    version = root.find(f".//{{{ODM}}}MetaDataVersion")
    spaces = {*root.nsmap.values(), *(() if version is None else version.nsmap.values())}
    for space in sorted(space for space in spaces if space):
        if space in EDITIONS and version is not None:
            return EDITIONS[space]
        if other := _ANY_EDITION.match(space):
            raise FormatError(
                "it has no MetaDataVersion, so it describes nothing"
                if space in EDITIONS
                else f"Define-XML {other[1]} is not known here",
                place=f"{path}:{root.sourceline}",
                remedy="the linter reads Define-XML 2.0 and 2.1",
            )
    raise FormatError(
        "an ODM file, but not a define.xml: it declares no Define-XML namespace",
        place=f"{path}:{root.sourceline}",
        remedy=f"Define-XML 2.1 needs xmlns:def={list(EDITIONS)[-1]}",
    )


_PREFIXES = {ODM: "", XLINK: "xlink:", XML: "xml:"} | dict.fromkeys(EDITIONS, "def:")


def short(name: str) -> str:
    """``{…/def/v2.1}leaf`` → ``def:leaf``; ``""`` for a name of a namespace that is not ours."""
    namespace, brace, local = name.rpartition("}")
    if not brace:
        return local
    prefix = _PREFIXES.get(namespace[1:])
    return "" if prefix is None else prefix + local


def line_of(element: Element) -> int:
    """The line of its start tag; 0 where the parser does not know.

    libxml2 keeps 16 bits of it; beyond that it tells where the text after the start tag ends.
    """
    line = cast("int | None", element.sourceline) or 0
    if line <= _COUNTED_LINES:
        return line
    empty = not len(element) and element.text is None
    text = element.tail if empty else element.text
    return line - (text or "").count("\n")
