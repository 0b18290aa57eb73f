"""The ODM-XML of a CT package: ODM 1.3.2 with the ``nciodm`` extension of NCI EVS.

``CodeList`` has ``nciodm:ExtCodeID``, ``nciodm:CodeListExtensible``, ``Name``, and the element
``nciodm:CDISCSubmissionValue``; ``EnumeratedItem`` has ``CodedValue``, ``nciodm:ExtCodeID``, and
the elements ``nciodm:CDISCSynonym`` (several) and ``nciodm:PreferredTerm``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl
from lxml import etree

from sdtmflow.errors import StudyError
from sdtmflow.standards.nci_rows import COLUMNS, PLACE, SYNONYM_SEPARATOR, Sent

Element: TypeAlias = Any
"""An lxml element."""

_NCI = "{http://ncicb.nci.nih.gov/xml/odm/EVS/CDISC}"
_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_REMEDY = "give the ODM-XML as NCI EVS publishes it"
_SCHEMA = dict.fromkeys(COLUMNS.values(), pl.String) | {PLACE: pl.Int64}


def odm_rows(path: Path) -> Sent:
    """Every codelist and term of ``path``.

    Raises StudyError where the XML is broken or cut off, is no ODM of NCI EVS, or is the
    terminology of another standard (ADaM, CDASH, …).
    """
    try:
        with path.open("rb") as stream:
            titles, rows = _read(stream, path.name)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise StudyError(
            "the XML is broken or cut off",
            place=f"{path.name}, line {line}, column {column}",
            remedy="download it again",
        ) from None
    return Sent(pl.DataFrame(rows, schema=_SCHEMA, orient="row"), "line", titles=titles)


def _read(stream: Any, file: str) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
    titles: tuple[str, ...] = ()
    rows: list[tuple[str | int, ...]] = []
    for event, element in _elements(stream):
        if element.tag == f"{_ODM}ODM":
            titles = titles or _titles(element, file)
        elif event == "end":
            rows += _codelist(element)
            element.clear()
    if not rows:
        raise StudyError("there is no codelist of NCI EVS in it", place=file, remedy=_REMEDY)
    return titles, rows


def _elements(stream: Any) -> Iterator[tuple[str, Element]]:
    """The root when it begins, codelists when they end; nothing is fetched or expanded."""
    yield from etree.iterparse(
        stream,
        events=("start", "end"),
        tag=(f"{_ODM}ODM", f"{_ODM}CodeList"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _titles(root: Element, file: str) -> tuple[str, ...]:
    """What names the version: ``CDISC_CT.SDTM.2025-03-28``. Another standard's is refused."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise StudyError("the file declares a document type (DTD)", place=file, remedy=_REMEDY)
    oid = root.get("FileOID", "")
    standard = oid.removeprefix("CDISC_CT.").partition(".")[0]
    if oid.startswith("CDISC_CT.") and standard != "SDTM":
        raise StudyError(
            f"this is the terminology of {standard}, not of SDTM",
            place=file,
            remedy="give the SDTM Terminology",
        )
    return (oid, root.get("SourceSystemVersion", ""))


def _codelist(element: Element) -> Iterator[tuple[str | int, ...]]:
    """The codelist's row and its terms', in the order of ``_SCHEMA``."""
    code, name = element.get(f"{_NCI}ExtCodeID", ""), element.get("Name", "")
    extensible = element.get(f"{_NCI}CodeListExtensible", "")
    value = _text(element, "CDISCSubmissionValue")
    yield (code, "", extensible, name, value, *_names(element), element.sourceline)
    for item in element.iterchildren(f"{_ODM}EnumeratedItem"):
        own = item.get(f"{_NCI}ExtCodeID", "")
        value = item.get("CodedValue", "")
        yield (own, code, "", name, value, *_names(item), item.sourceline)


def _names(element: Element) -> tuple[str, str]:
    """Synonyms and preferred term."""
    synonyms = [child.text or "" for child in element.iterchildren(f"{_NCI}CDISCSynonym")]
    return SYNONYM_SEPARATOR.join(synonyms), _text(element, "PreferredTerm")


def _text(element: Element, name: str) -> str:
    return element.findtext(f"{_NCI}{name}") or ""
