"""The elements of a define.xml as typed objects, each field with what it is read from.

Nothing is judged here. An attribute that is absent is ``""``, so a rule can tell absent from wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sdtmflow.define_lint.node import Node, every, first, nci_code, read, said, text


def _sub_classes(node: Node) -> Iterator[str]:
    """def:SubClass stands inside def:Class."""
    cls = node.child("def:Class")
    return (sub("Name") for sub in cls.children("def:SubClass")) if cls else iter(())


@dataclass(frozen=True, slots=True)
class PageRef:
    """def:PDFPageRef."""

    line: int
    type: str = said("Type")
    pages: str = said("PageRefs")
    first: str = said("FirstPage")
    last: str = said("LastPage")


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """def:DocumentRef: a leaf, and pages in it."""

    line: int
    leaf: str = said("leafID")
    pages: tuple[PageRef, ...] = every("def:PDFPageRef", PageRef)


@dataclass(frozen=True, slots=True)
class Leaf:
    """def:leaf: a file."""

    line: int
    oid: str = said("ID")
    href: str = said("xlink:href")
    title: str = text("def:title")


@dataclass(frozen=True, slots=True)
class Standard:
    """def:Standard."""

    line: int
    oid: str = said("OID")
    name: str = said("Name")
    type: str = said("Type")
    publishing_set: str = said("PublishingSet")
    version: str = said("Version")
    status: str = said("Status")
    comment: str = said("def:CommentOID")


@dataclass(frozen=True, slots=True)
class Origin:
    """def:Origin."""

    line: int
    type: str = said("Type")
    source: str = said("Source")
    description: str = text()
    documents: tuple[DocumentRef, ...] = every("def:DocumentRef", DocumentRef)


@dataclass(frozen=True, slots=True)
class ItemRef:
    """ItemRef, in a dataset or in a value list (then it has where clauses)."""

    line: int
    item: str = said("ItemOID")
    order: str = said("OrderNumber")
    mandatory: str = said("Mandatory")
    key: str = said("KeySequence")
    method: str = said("MethodOID")
    role: str = said("Role")
    role_codelist: str = said("RoleCodeListOID")
    non_standard: str = said("def:IsNonStandard")
    no_data: str = said("def:HasNoData")
    where: tuple[str, ...] = read(
        lambda node: node.all("def:WhereClauseRef", lambda ref: ref("WhereClauseOID"))
    )


@dataclass(frozen=True, slots=True)
class Dataset:
    """ItemGroupDef. ``cls`` is def:Class, an element in 2.1 and an attribute in 2.0."""

    line: int
    oid: str = said("OID")
    name: str = said("Name")
    domain: str = said("Domain")
    sas_name: str = said("SASDatasetName")
    label: str = text()
    repeating: str = said("Repeating")
    reference_data: str = said("IsReferenceData")
    purpose: str = said("Purpose")
    structure: str = said("def:Structure")
    cls: str = read(lambda node: node.of("def:Class", "Name") or node("def:Class"))
    sub_classes: tuple[str, ...] = read(lambda node: tuple(_sub_classes(node)))
    archive: str = said("def:ArchiveLocationID")
    standard: str = said("def:StandardOID")
    non_standard: str = said("def:IsNonStandard")
    no_data: str = said("def:HasNoData")
    comment: str = said("def:CommentOID")
    items: tuple[ItemRef, ...] = every("ItemRef", ItemRef)
    aliases: Mapping[str, str] = read(
        lambda node: {one("Context"): one("Name") for one in node.children("Alias")}
    )
    leaf: Leaf | None = first("def:leaf", Leaf)  # noqa: RUF009 — a field, no default


@dataclass(frozen=True, slots=True)
class Item:
    """ItemDef: a variable, or a variable under a condition."""

    line: int
    oid: str = said("OID")
    name: str = said("Name")
    sas_name: str = said("SASFieldName")
    label: str = text()
    type: str = said("DataType")
    length: str = said("Length")
    digits: str = said("SignificantDigits")
    display_format: str = said("def:DisplayFormat")
    comment: str = said("def:CommentOID")
    codelist: str = read(lambda node: node.of("CodeListRef", "CodeListOID"))
    origins: tuple[Origin, ...] = every("def:Origin", Origin)
    value_list: str = read(lambda node: node.of("def:ValueListRef", "ValueListOID"))


@dataclass(frozen=True, slots=True)
class Term:
    """CodeListItem (it has a decode) or EnumeratedItem."""

    line: int
    value: str = said("CodedValue")
    decode: str | None = read(
        lambda node: node.text("Decode") if node.tag == "CodeListItem" else None
    )
    order: str = said("OrderNumber")
    rank: str = said("Rank")
    extended: str = said("def:ExtendedValue")
    code: str = read(nci_code)


@dataclass(frozen=True, slots=True)
class External:
    """ExternalCodeList: a dictionary."""

    line: int
    dictionary: str = said("Dictionary")
    version: str = said("Version")


@dataclass(frozen=True, slots=True)
class Codelist:
    """CodeList."""

    line: int
    oid: str = said("OID")
    name: str = said("Name")
    type: str = said("DataType")
    standard: str = said("def:StandardOID")
    non_standard: str = said("def:IsNonStandard")
    comment: str = said("def:CommentOID")
    code: str = read(nci_code)
    terms: tuple[Term, ...] = every(("CodeListItem", "EnumeratedItem"), Term)
    external: External | None = first("ExternalCodeList", External)  # noqa: RUF009 — a field, no default


@dataclass(frozen=True, slots=True)
class ValueList:
    """def:ValueListDef."""

    line: int
    oid: str = said("OID")
    items: tuple[ItemRef, ...] = every("ItemRef", ItemRef)


@dataclass(frozen=True, slots=True)
class Check:
    """RangeCheck of a where clause."""

    line: int
    comparator: str = said("Comparator")
    soft_hard: str = said("SoftHard")
    item: str = said("def:ItemOID")
    values: tuple[str, ...] = read(
        lambda node: node.all("CheckValue", lambda value: value.element.text or "")
    )


@dataclass(frozen=True, slots=True)
class WhereClause:
    """def:WhereClauseDef: all of its checks together."""

    line: int
    oid: str = said("OID")
    comment: str = said("def:CommentOID")
    checks: tuple[Check, ...] = every("RangeCheck", Check)


@dataclass(frozen=True, slots=True)
class Expression:
    """FormalExpression."""

    line: int
    context: str = said("Context")
    text: str = read(lambda node: (node.element.text or "").strip())


@dataclass(frozen=True, slots=True)
class Method:
    """MethodDef."""

    line: int
    oid: str = said("OID")
    name: str = said("Name")
    type: str = said("Type")
    description: str = text()
    expressions: tuple[Expression, ...] = every("FormalExpression", Expression)
    documents: tuple[DocumentRef, ...] = every("def:DocumentRef", DocumentRef)


@dataclass(frozen=True, slots=True)
class Comment:
    """def:CommentDef."""

    line: int
    oid: str = said("OID")
    text: str = text()
    documents: tuple[DocumentRef, ...] = every("def:DocumentRef", DocumentRef)
