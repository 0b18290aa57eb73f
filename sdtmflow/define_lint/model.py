"""A define.xml as typed objects: every element with its line, every attribute as it was written.

Nothing is judged here. An attribute that is absent is ``""``, so a rule can tell absent from wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PageRef:
    """def:PDFPageRef."""

    line: int
    type: str
    pages: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """def:DocumentRef: a leaf, and pages in it."""

    line: int
    leaf: str
    pages: tuple[PageRef, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """def:leaf: a file."""

    line: int
    oid: str
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Standard:
    """def:Standard."""

    line: int
    oid: str
    name: str
    type: str
    publishing_set: str
    version: str
    status: str
    comment: str


@dataclass(frozen=True, slots=True)
class Origin:
    """def:Origin."""

    line: int
    type: str
    source: str
    description: str
    documents: tuple[DocumentRef, ...]


@dataclass(frozen=True, slots=True)
class ItemRef:
    """ItemRef, in a dataset or in a value list (then it has where clauses)."""

    line: int
    item: str
    order: str
    mandatory: str
    key: str
    method: str
    role: str
    role_codelist: str
    non_standard: str
    no_data: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """ItemGroupDef. ``cls`` is def:Class, an element in 2.1 and an attribute in 2.0."""

    line: int
    oid: str
    name: str
    domain: str
    sas_name: str
    label: str
    repeating: str
    reference_data: str
    purpose: str
    structure: str
    cls: str
    sub_classes: tuple[str, ...]
    archive: str
    standard: str
    non_standard: str
    no_data: str
    comment: str
    items: tuple[ItemRef, ...]
    aliases: Mapping[str, str]
    leaf: Leaf | None


@dataclass(frozen=True, slots=True)
class Item:
    """ItemDef: a variable, or a variable under a condition."""

    line: int
    oid: str
    name: str
    sas_name: str
    label: str
    type: str
    length: str
    digits: str
    display_format: str
    comment: str
    codelist: str
    origins: tuple[Origin, ...]
    value_list: str


@dataclass(frozen=True, slots=True)
class Term:
    """CodeListItem (it has a decode) or EnumeratedItem."""

    line: int
    value: str
    decode: str | None
    order: str
    rank: str
    extended: str
    code: str


@dataclass(frozen=True, slots=True)
class External:
    """ExternalCodeList: a dictionary."""

    line: int
    dictionary: str
    version: str


@dataclass(frozen=True, slots=True)
class Codelist:
    """CodeList."""

    line: int
    oid: str
    name: str
    type: str
    standard: str
    non_standard: str
    comment: str
    code: str
    terms: tuple[Term, ...]
    external: External | None


@dataclass(frozen=True, slots=True)
class ValueList:
    """def:ValueListDef."""

    line: int
    oid: str
    items: tuple[ItemRef, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """RangeCheck of a where clause."""

    line: int
    comparator: str
    soft_hard: str
    item: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhereClause:
    """def:WhereClauseDef: all of its checks together."""

    line: int
    oid: str
    comment: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """FormalExpression."""

    line: int
    context: str
    text: str


@dataclass(frozen=True, slots=True)
class Method:
    """MethodDef."""

    line: int
    oid: str
    name: str
    type: str
    description: str
    expressions: tuple[Expression, ...]
    documents: tuple[DocumentRef, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """def:CommentDef."""

    line: int
    oid: str
    text: str
    documents: tuple[DocumentRef, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """TranslatedText: its language ("" where none is said) and whether it holds anything."""

    line: int
    language: str
    blank: bool
    of: str


@dataclass(frozen=True, slots=True)
class Named:
    """An Alias: ``context`` names the scheme of ``name``."""

    line: int
    context: str
    name: str
    of: str


@dataclass(frozen=True, slots=True)
class Oddity:
    """Where the document departs from the grammar of its version; ``kind`` says how.

    ``element`` is what has the defect; ``name`` the attribute or child element it is about.
    """

    line: int
    kind: str
    element: str
    name: str


@dataclass(frozen=True, slots=True)
class Header:
    """The ODM element and what stands before it."""

    line: int
    encoding: str
    stylesheet: str | None
    odm_version: str
    file_type: str
    created: str
    context: str
    studies: int


@dataclass(frozen=True, slots=True)
class Version:
    """MetaDataVersion. ``standard`` and ``standard_version`` exist in Define-XML 2.0 only."""

    line: int
    name: str
    description: str
    define: str
    standard: str
    standard_version: str
    comment: str
    count: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A dataset's variable: the reference and what it refers to."""

    dataset: Dataset
    ref: ItemRef
    item: Item


@dataclass(frozen=True, slots=True)
class Value:
    """A variable under a condition: its parent, and the list that it stands in."""

    parent: Variable
    list: ValueList
    ref: ItemRef
    item: Item


@dataclass(frozen=True)
class Define:
    """The whole document. ``edition`` is ``2.0`` or ``2.1``, told by its namespace."""

    path: Path
    edition: str
    header: Header
    version: Version
    study: Mapping[str, str]
    standards: tuple[Standard, ...]
    crf: tuple[DocumentRef, ...]
    supplements: tuple[DocumentRef, ...]
    value_lists: tuple[ValueList, ...]
    where_clauses: tuple[WhereClause, ...]
    datasets: tuple[Dataset, ...]
    items: tuple[Item, ...]
    codelists: tuple[Codelist, ...]
    methods: tuple[Method, ...]
    comments: tuple[Comment, ...]
    leaves: tuple[Leaf, ...]
    texts: tuple[Texts, ...]
    aliases: tuple[Named, ...]
    oddities: tuple[Oddity, ...]
    extension_references: frozenset[str]
    """What elements of other namespaces (ARM, vendors') say in attributes: they may refer too."""

    @cached_property
    def item(self) -> Mapping[str, Item]:
        """ItemDefs by OID; the first where several have it."""
        return {item.oid: item for item in reversed(self.items)}

    @cached_property
    def codelist(self) -> Mapping[str, Codelist]:
        """CodeLists by OID."""
        return {one.oid: one for one in reversed(self.codelists)}

    @cached_property
    def where_clause(self) -> Mapping[str, WhereClause]:
        """Where clauses by OID."""
        return {one.oid: one for one in reversed(self.where_clauses)}

    @cached_property
    def standard(self) -> Mapping[str, Standard]:
        """Standards by OID."""
        return {one.oid: one for one in reversed(self.standards)}

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """Every variable of every dataset whose definition exists."""
        return tuple(
            Variable(dataset, ref, self.item[ref.item])
            for dataset in self.datasets
            for ref in dataset.items
            if ref.item in self.item
        )

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """Every value-level definition under every variable that has it."""
        lists = {one.oid: one for one in reversed(self.value_lists)}
        return tuple(
            Value(variable, found, ref, self.item[ref.item])
            for variable in self.variables
            if (found := lists.get(variable.item.value_list))
            for ref in found.items
            if ref.item in self.item
        )

    @cached_property
    def datasets_of_item(self) -> Mapping[str, frozenset[str]]:
        """The OIDs of the datasets that an ItemDef is a variable of."""
        found: dict[str, set[str]] = {}
        for variable in self.variables:
            found.setdefault(variable.item.oid, set()).add(variable.dataset.oid)
        return {oid: frozenset(datasets) for oid, datasets in found.items()}

    @property
    def all_leaves(self) -> tuple[Leaf, ...]:
        """Files of datasets and documents."""
        return (*(one.leaf for one in self.datasets if one.leaf), *self.leaves)

    @property
    def refs(self) -> Iterator[ItemRef]:
        """The ItemRefs of datasets and of value lists."""
        for dataset in self.datasets:
            yield from dataset.items
        for values in self.value_lists:
            yield from values.items

    @property
    def document_refs(self) -> Iterator[DocumentRef]:
        """Every reference to a document, wherever it stands."""
        yield from self.crf
        yield from self.supplements
        for item in self.items:
            for origin in item.origins:
                yield from origin.documents
        for method in self.methods:
            yield from method.documents
        for comment in self.comments:
            yield from comment.documents
