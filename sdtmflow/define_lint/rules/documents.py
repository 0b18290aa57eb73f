"""DD18: files and pages in them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from sdtmflow.define_lint import terms
from sdtmflow.define_lint.elements import Leaf, PageRef
from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.rule import ERROR, NOTICE, WARNING, Hit, Hits, Rule, whole

_PAGES = re.compile(r"[1-9]\d*( [1-9]\d*)*")
_PAGE = re.compile(r"[1-9]\d*")
_WEB = re.compile(r"(https?|mailto):", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def _pages(define: Define) -> Iterator[PageRef]:
    return (page for ref in define.document_refs for page in ref.pages)


def _files(define: Define) -> Iterator[tuple[int, str]]:
    """Line and href of every file that the document names, of the web nothing."""
    for leaf in define.all_leaves:
        if leaf.href and not _WEB.match(leaf.href):
            yield leaf.line, leaf.href


def _absolute(href: str) -> bool:
    return bool(_SCHEME.match(href)) or href.startswith("/") or "\\" in href


def _relative(define: Define) -> Hits:
    for line, href in _files(define):
        if _absolute(href):
            yield Hit(line, f"'{href}' is no relative path")


def _local(define: Define) -> list[str]:
    """The files that may lie beside define.xml, the stylesheet among them."""
    named = [href for _, href in _files(define)]
    if define.header.stylesheet and not _WEB.match(define.header.stylesheet):
        named.append(define.header.stylesheet)
    return [href for href in named if not _absolute(href)]


def _is_alone(define: Define) -> bool:
    """Whether it is looked at away from all its files; then no single one is missed."""
    return not any(_is_there(define, href) for href in _local(define))


def _alone(define: Define) -> Hits:
    if (files := _local(define)) and _is_alone(define):
        yield Hit(define.header.line, f"none of the {len(files)} files that it names is there")


def _exist(define: Define, leaves: Iterable[Leaf]) -> Hits:
    if _is_alone(define):
        return
    for leaf in leaves:
        local = leaf.href and not _WEB.match(leaf.href) and not _absolute(leaf.href)
        if local and not _is_there(define, leaf.href):
            yield Hit(leaf.line, f"'{leaf.href}' is not there")


def _documents_exist(define: Define) -> Hits:
    yield from _exist(define, define.leaves)


def _datasets_exist(define: Define) -> Hits:
    yield from _exist(define, (dataset.leaf for dataset in define.datasets if dataset.leaf))


def _is_there(define: Define, href: str) -> bool:
    path: Path = define.path.parent / unquote(href.partition("#")[0])
    try:
        return path.exists()
    except OSError:  # no file can have that name
        return False


def _stylesheet_exists(define: Define) -> Hits:
    href = define.header.stylesheet
    if href and not _WEB.match(href) and not _is_there(define, href) and not _is_alone(define):
        yield Hit(define.header.line, f"the stylesheet '{href}' is not there")


def _same_file(define: Define) -> Hits:
    first: dict[str, Leaf] = {}
    for leaf in define.all_leaves:
        known = first.setdefault(leaf.href, leaf)
        if leaf.href and known is not leaf and known.oid != leaf.oid:
            yield Hit(leaf.line, f"{leaf.oid} and {known.oid} are both '{leaf.href}'")


def _title(define: Define) -> Hits:
    for leaf in define.all_leaves:
        if not leaf.title:
            yield Hit(leaf.line, f"{leaf.oid} has no title")


def _page_type(define: Define) -> Hits:
    for page in _pages(define):
        if page.type and page.type not in terms.PAGE_TYPES:
            yield Hit(page.line, f"the type is '{page.type}'")


def _some_pages(define: Define) -> Hits:
    for page in _pages(define):
        if not page.pages and not page.first and not page.last:
            yield Hit(page.line, "no page is named")


def _one_way(define: Define) -> Hits:
    for page in _pages(define):
        if page.pages and (page.first or page.last):
            yield Hit(page.line, "PageRefs together with FirstPage or LastPage")
        elif bool(page.first) != bool(page.last):
            yield Hit(page.line, "FirstPage and LastPage need each other")


def _page_numbers(define: Define) -> Hits:
    for page in _pages(define):
        if page.type == "PhysicalRef" and page.pages and not _PAGES.fullmatch(page.pages):
            yield Hit(page.line, f"PageRefs is '{page.pages}'")


def _range(define: Define) -> Hits:
    for page in _pages(define):
        given = [number for number in (page.first, page.last) if number]
        if any(not _PAGE.fullmatch(number) for number in given):
            yield Hit(page.line, f"FirstPage and LastPage are '{page.first}' and '{page.last}'")
        elif (whole(page.first) or 0) > (whole(page.last) or sys.maxsize):
            yield Hit(page.line, f"pages {page.first} to {page.last}")


def _pdf(define: Define) -> Hits:
    leaves = {leaf.oid: leaf for leaf in define.all_leaves}
    for ref in define.document_refs:
        leaf = leaves.get(ref.leaf)
        if ref.pages and leaf and not leaf.href.lower().partition("#")[0].endswith(".pdf"):
            yield Hit(ref.line, f"pages of '{leaf.href}', which is no PDF")


BESIDE = "DD1803"
"""Left out where a folder of data is named: its own rule asks more strictly."""

_LEAF, _PAGE_REF = "Define-XML, def:leaf", "Define-XML, def:PDFPageRef"

RULES: tuple[Rule[Define], ...] = (
    Rule("DD1801", ERROR, "Paths of files are relative to define.xml", _LEAF,
         "write the path from define.xml's folder, with /", _relative),
    Rule("DD1802", ERROR, "Documents exist", _LEAF,
         "put the file there, or mend xlink:href; capitals count", _documents_exist),
    Rule(BESIDE, WARNING, "Files of datasets lie where define.xml says", _LEAF,
         "put the file there, or mend xlink:href; capitals count", _datasets_exist),
    Rule("DD1804", WARNING, "The stylesheet exists", "Define-XML, XML prolog",
         "put the stylesheet beside define.xml", _stylesheet_exists),
    Rule("DD1805", NOTICE, "A file has one leaf", _LEAF, "refer to one leaf", _same_file),
    Rule("DD1806", ERROR, "A file has a title", _LEAF, "fill in def:title", _title),
    Rule("DD1807", ERROR, "Pages are PhysicalRef or NamedDestination", _PAGE_REF,
         "set Type to one of the two", _page_type),
    Rule("DD1808", ERROR, "A page reference names pages", _PAGE_REF,
         "add PageRefs, or FirstPage and LastPage", _some_pages),
    Rule("DD1809", ERROR, "Pages are a list or a range", _PAGE_REF,
         "PageRefs alone, or FirstPage with LastPage", _one_way),
    Rule("DD1810", ERROR, "Physical pages are numbers with a blank between them", _PAGE_REF,
         'write PageRefs="6 7 12"', _page_numbers),
    Rule("DD1811", ERROR, "A range of pages goes from a number to one not below it", _PAGE_REF,
         "mend FirstPage and LastPage", _range),
    Rule("DD1812", WARNING, "Only PDF files have pages", _PAGE_REF,
         "refer to a PDF, or leave the pages out", _pdf),
    Rule("DD1813", NOTICE, "It is checked beside the files that it names", _LEAF,
         "check it where the files lie, to learn which are missing", _alone),
)  # fmt: skip
