"""Documents: their leaves, the lists that name them, and references to their pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sdtmflow.dataset import Dataset, Document, DocumentRef, Origin, ValueLevel, Variable
from sdtmflow.formats.define.xml import Element, add, add_text

Place = tuple[str, str, str]
"""(dataset, variable, value of its value level or ""): ``("VS", "VSORRES", "SYSBP")``."""


def with_pages(
    datasets: Iterable[Dataset], document: Document, pages: Mapping[Place, Sequence[int]]
) -> tuple[Dataset, ...]:
    """The datasets with the pages of ``document`` (from 1) told in the origins that they name.

    What was not collected, and what has no origin, gets none: only a collected value has a CRF
    page (Define-XML 2.1, def:Origin). A variable without pages of its own whose values have some
    gets all of theirs.
    """
    return tuple(_with_pages(dataset, document, pages) for dataset in datasets)


def _with_pages(
    dataset: Dataset, document: Document, pages: Mapping[Place, Sequence[int]]
) -> Dataset:
    variables = []
    for variable in dataset.variables:
        levels = [
            (level, pages.get((dataset.name, variable.name, level.value), ()))
            for level in variable.value_level
        ]
        own = pages.get((dataset.name, variable.name, "")) or [
            page for _, found in levels for page in found
        ]
        described = tuple(replace(level, **_paged(level, document, got)) for level, got in levels)
        paged = _paged(variable, document, own)
        variables.append(replace(variable, **paged, value_level=described))
    return replace(dataset, variables=tuple(variables))


def _paged(item: Variable | ValueLevel, document: Document, pages: Sequence[int]) -> dict[str, Any]:
    """The origins of the item, those that are collected with the pages."""
    if not pages:
        return {}
    reference = DocumentRef(document.name, tuple(sorted(set(pages))))
    origins = tuple(
        replace(origin, documents=(*origin.documents, reference))
        if origin and origin.type == "Collected" and not _names(origin, document)
        else origin
        for origin in (item.origin, *item.further_origins)
    )
    return {"origin": origins[0], "further_origins": origins[1:]}


def _names(origin: Origin, document: Document) -> bool:
    """Whether the spec itself says where in the document it stands."""
    return any(reference.document == document.name for reference in origin.documents)


def leaf_oid(document: str) -> str:
    """The leaf of a document."""
    return f"LF.{document}"


def add_document_lists(version: Element, documents: Sequence[Document]) -> None:
    """def:AnnotatedCRF and def:SupplementalDoc, where there are such documents."""
    for name, crf in (("def:AnnotatedCRF", True), ("def:SupplementalDoc", False)):
        named = [document for document in documents if document.annotated_crf is crf]
        if named:
            add_document_refs(add(version, name), [DocumentRef(one.name) for one in named])


def add_document_refs(node: Element, references: Iterable[DocumentRef]) -> None:
    """A def:DocumentRef for each, with its pages and destinations."""
    for reference in references:
        child = add(node, "def:DocumentRef", {"leafID": leaf_oid(reference.document)})
        if reference.pages:
            _add_pages(child, "PhysicalRef", map(str, reference.pages))
        if reference.destinations:
            _add_pages(child, "NamedDestination", reference.destinations)


def _add_pages(node: Element, kind: str, places: Iterable[str]) -> None:
    add(node, "def:PDFPageRef", {"Type": kind, "PageRefs": " ".join(places)})


def add_leaves(version: Element, documents: Sequence[Document]) -> None:
    """The file of each document."""
    for document in documents:
        leaf = add(
            version, "def:leaf", {"ID": leaf_oid(document.name), "xlink:href": document.file}
        )
        add_text(leaf, "def:title", document.title)
