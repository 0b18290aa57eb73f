"""A define.xml as a whole: its elements, and how they refer to each other.

Nothing is judged here (see ``elements``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sdtmflow.define_lint.elements import (
    Codelist,
    Comment,
    Dataset,
    DocumentRef,
    Item,
    ItemRef,
    Leaf,
    Method,
    Standard,
    ValueList,
    WhereClause,
)


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
