"""DD14: where values come from."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.define_lint import terms
from sdtmflow.define_lint.elements import Item, ItemRef, Origin
from sdtmflow.define_lint.model import Define, Value
from sdtmflow.define_lint.rule import ERROR, NOTICE, ONLY_21, WARNING, Hit, Hits, Rule

_OF_PEOPLE = frozenset({"Investigator", "Subject", ""})
"""Sources that fill in a CRF; what a vendor sends has no page."""
_NEEDS_SOURCE = frozenset({"Collected", "Derived", "Assigned", "Protocol"})
_NO_METHOD = frozenset({"Collected", "CRF", "Predecessor"})


def _origins(define: Define) -> Iterator[tuple[Item, Origin]]:
    for item in define.items:
        for origin in item.origins:
            yield item, origin


def _uses(define: Define) -> Iterator[tuple[str, ItemRef, Item]]:
    """Each definition in use, with the reference that may give it a method."""
    for variable in define.variables:
        yield f"{variable.dataset.name}.{variable.item.name}", variable.ref, variable.item
    for value in define.values:
        yield value.item.oid, value.ref, value.item


def _values_of(define: Define) -> dict[str, list[Value]]:
    found: dict[str, list[Value]] = {}
    for value in define.values:
        found.setdefault(value.parent.item.oid, []).append(value)
    return found


def _origin(define: Define) -> Hits:
    values = _values_of(define)
    for variable in define.variables:
        item, under = variable.item, values.get(variable.item.oid, [])
        covered = under and all(value.item.origins for value in under)
        if not item.origins and not covered and not _without_data(variable.ref, define):
            yield Hit(item.line, f"{variable.dataset.name}.{item.name}: no def:Origin")


def _without_data(ref: ItemRef, define: Define) -> bool:
    return bool(ref.no_data) and define.edition == "2.1"


def _type(define: Define) -> Hits:
    known = terms.ORIGIN_TYPES[define.edition]
    for item, origin in _origins(define):
        if origin.type and origin.type not in known:
            yield Hit(origin.line, f"{item.oid}: the origin is '{origin.type}'")


def _source_term(define: Define) -> Hits:
    for item, origin in _origins(define):
        if origin.source and origin.source not in terms.ORIGIN_SOURCES:
            yield Hit(origin.line, f"{item.oid}: the source is '{origin.source}'")


def _source(define: Define) -> Hits:
    for item, origin in _origins(define):
        if origin.type in _NEEDS_SOURCE and not origin.source:
            yield Hit(origin.line, f"{item.oid}: {origin.type} without Source")


def _from_crf(define: Define, origin: Origin) -> bool:
    collected = origin.type == "Collected" and origin.source in _OF_PEOPLE
    return collected if define.edition == "2.1" else origin.type == "CRF"


def _annotated_crf(define: Define) -> Hits:
    if define.crf or (define.edition == "2.1" and define.header.context != "Submission"):
        return
    count = sum(_from_crf(define, origin) for _, origin in _origins(define))
    if count:
        what = f"{count} definitions are collected on CRFs, but there is no annotated CRF"
        yield Hit(define.version.line, what)


def _pages(define: Define) -> Hits:
    if not define.crf:
        return
    for item, origin in _origins(define):
        if _from_crf(define, origin) and not any(ref.pages for ref in origin.documents):
            yield Hit(origin.line, f"{item.oid}: collected on a CRF, and no page is named")


def _pages_of_crf(define: Define) -> Hits:
    annotated = {ref.leaf for ref in define.crf}
    for item, origin in _origins(define):
        for ref in origin.documents:
            if annotated and _from_crf(define, origin) and ref.leaf not in annotated:
                yield Hit(ref.line, f"{item.oid}: {ref.leaf} is not the annotated CRF")


def _method(define: Define) -> Hits:
    values = _values_of(define)
    for name, ref, item in _uses(define):
        derived = any(origin.type == "Derived" for origin in item.origins)
        under = values.get(item.oid, [])
        told = ref.method or (under and all(value.ref.method for value in under))
        if derived and not told:
            yield Hit(ref.line, f"{name}: Derived, and no method says how")


def _needless_method(define: Define) -> Hits:
    for name, ref, item in _uses(define):
        types = {origin.type for origin in item.origins}
        if ref.method and types and types <= _NO_METHOD:
            yield Hit(ref.line, f"{name}: {', '.join(sorted(types))}, yet a method derives it")


def _predecessor(define: Define) -> Hits:
    for item, origin in _origins(define):
        if origin.type == "Predecessor" and not origin.description:
            yield Hit(origin.line, f"{item.oid}: Predecessor without a description")


def _other(define: Define) -> Hits:
    for item, origin in _origins(define):
        if origin.type == "Other" and not origin.description:
            yield Hit(origin.line, f"{item.oid}: Other without a description")


def _parent_and_values(define: Define) -> Hits:
    for value in define.values:
        above = _shown(value.parent.item)
        own = _shown(value.item)
        if above and own and not own <= above:
            what = f"{value.item.oid}: {_words(own)}, but its variable says {_words(above)}"
            yield Hit(value.item.line, what)


def _shown(item: Item) -> set[str]:
    return {origin.type for origin in item.origins if origin.type}


def _words(types: set[str]) -> str:
    return " and ".join(sorted(types))


def _twice(define: Define) -> Hits:
    for item in define.items:
        seen: set[tuple[str, str, str]] = set()
        for origin in item.origins:
            what = (origin.type, origin.source, origin.description)
            if what in seen:
                yield Hit(origin.line, f"{item.oid}: the origin {origin.type} is given twice")
            seen.add(what)


_ORIGIN = "Define-XML, def:Origin"
_TYPES = {edition: ", ".join(sorted(known)) for edition, known in terms.ORIGIN_TYPES.items()}

RULES: tuple[Rule[Define], ...] = (
    Rule("DD1401", ERROR, "A variable has an origin, itself or all of its value level", _ORIGIN,
         "add def:Origin", _origin),
    Rule("DD1402", ERROR, "An origin's type is one of the fixed terms",
         "Define-XML, def:Origin (NCI C170449)",
         f"2.1: {_TYPES['2.1']}; 2.0: {_TYPES['2.0']}", _type),
    Rule("DD1403", ERROR, "An origin's source is one of the fixed terms",
         "Define-XML 2.1, def:Origin (NCI C170450)",
         f"one of {', '.join(sorted(terms.ORIGIN_SOURCES))}", _source_term, ONLY_21),
    Rule("DD1404", WARNING, "An origin names its source", "Define-XML 2.1, def:Origin",
         "add Source (Investigator, Sponsor, Subject, Vendor)", _source, ONLY_21),
    Rule("DD1405", WARNING, "What is collected on CRFs is shown in an annotated CRF",
         "Define-XML, def:AnnotatedCRF", "add def:AnnotatedCRF with a def:leaf to acrf.pdf",
         _annotated_crf),
    Rule("DD1406", WARNING, "What is collected on CRFs names its pages",
         "Define-XML, def:PDFPageRef",
         "add def:DocumentRef and def:PDFPageRef to the origin", _pages),
    Rule("DD1407", WARNING, "Pages of collected data are pages of the annotated CRF", _ORIGIN,
         "refer to the leaf that def:AnnotatedCRF names", _pages_of_crf),
    Rule("DD1408", ERROR, "What is derived has a method, itself or all of its value level",
         "Define-XML, MethodDef", "add MethodOID to the ItemRef and describe the method", _method),
    Rule("DD1409", NOTICE, "What is only collected or taken over has no method",
         "Define-XML, MethodDef", "make the origin Derived, or remove MethodOID", _needless_method),
    Rule("DD1410", ERROR, "A predecessor is named", _ORIGIN,
         "name dataset and variable in the origin's Description", _predecessor),
    Rule("DD1411", WARNING, "An origin of type Other is described", "Define-XML 2.1, def:Origin",
         "say in the origin's Description where the values come from", _other, ONLY_21),
    Rule("DD1412", WARNING, "Origins of variable and value level agree", _ORIGIN,
         "leave the variable's origin out where its value level differs", _parent_and_values),
    Rule("DD1413", WARNING, "An origin is given once", _ORIGIN, "remove one", _twice),
)  # fmt: skip
