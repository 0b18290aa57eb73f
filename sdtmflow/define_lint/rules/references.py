"""DD11: every identifier is defined once, every reference leads somewhere, nothing is left over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.rule import BOTH, ERROR, ONLY_21, WARNING, Hit, Hits, Rule


class _Defined(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def oid(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Reference:
    """One attribute that refers: where, from what, to which identifier."""

    line: int
    by: str
    to: str


_References = Callable[[Define], Iterator[_Reference]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of element that has identifiers; ``referred`` finds all that refers to it."""

    number: int
    element: str
    defined: Callable[[Define], Sequence[_Defined]]
    referred: _References
    remedy_unused: str
    editions: tuple[str, ...] = BOTH


def _items(define: Define) -> Iterator[_Reference]:
    yield from (_Reference(ref.line, "ItemRef", ref.item) for ref in define.refs)
    for clause in define.where_clauses:
        for check in clause.checks:
            yield _Reference(check.line, f"where clause {clause.oid}", check.item)


def _codelists(define: Define) -> Iterator[_Reference]:
    yield from (
        _Reference(item.line, f"ItemDef {item.oid}", item.codelist) for item in define.items
    )
    yield from (
        _Reference(ref.line, f"the role of {ref.item}", ref.role_codelist) for ref in define.refs
    )


def _methods(define: Define) -> Iterator[_Reference]:
    yield from (_Reference(ref.line, f"ItemRef {ref.item}", ref.method) for ref in define.refs)


def _comments(define: Define) -> Iterator[_Reference]:
    yield _Reference(define.version.line, "MetaDataVersion", define.version.comment)
    holders = (
        define.standards,
        define.where_clauses,
        define.datasets,
        define.items,
        define.codelists,
    )
    for several in holders:
        for one in several:
            yield _Reference(one.line, one.oid, one.comment)


def _value_lists(define: Define) -> Iterator[_Reference]:
    for item in define.items:
        yield _Reference(item.line, f"ItemDef {item.oid}", item.value_list)


def _where_clauses(define: Define) -> Iterator[_Reference]:
    for ref in define.refs:
        yield from (_Reference(ref.line, f"ItemRef {ref.item}", where) for where in ref.where)


def _standards(define: Define) -> Iterator[_Reference]:
    for several in (define.datasets, define.codelists):
        yield from (_Reference(one.line, one.oid, one.standard) for one in several)


def _leaves(define: Define) -> Iterator[_Reference]:
    yield from (_Reference(one.line, one.oid, one.archive) for one in define.datasets)
    yield from (_Reference(ref.line, "def:DocumentRef", ref.leaf) for ref in define.document_refs)


def _nothing(_: Define) -> Iterator[_Reference]:
    return iter(())


_KINDS = (
    _Kind(0, "ItemGroupDef", lambda define: define.datasets, _nothing, ""),
    _Kind(1, "ItemDef", lambda define: define.items, _items, "refer to it from a dataset"),
    _Kind(
        2, "CodeList", lambda define: define.codelists, _codelists, "refer to it from a variable"
    ),
    _Kind(3, "MethodDef", lambda define: define.methods, _methods, "refer to it from an ItemRef"),
    _Kind(4, "def:CommentDef", lambda define: define.comments, _comments, "refer to it"),
    _Kind(
        5,
        "def:ValueListDef",
        lambda define: define.value_lists,
        _value_lists,
        "refer to it from its variable",
    ),
    _Kind(
        6,
        "def:WhereClauseDef",
        lambda define: define.where_clauses,
        _where_clauses,
        "refer to it from a value list",
    ),
    _Kind(
        7,
        "def:Standard",
        lambda define: define.standards,
        _standards,
        "refer to it from what follows it",
        ONLY_21,
    ),
    _Kind(8, "def:leaf", lambda define: define.all_leaves, _leaves, "refer to it"),
)
"""In the order of their rules: DD110n defined once, DD112n defined at all, DD114n used."""


def _twice(kind: _Kind) -> Callable[[Define], Hits]:
    def check(define: Define) -> Hits:
        first: dict[str, int] = {}
        for one in kind.defined(define):
            if one.oid in first:
                what = f"{kind.element} {one.oid} is defined in line {first[one.oid]} already"
                yield Hit(one.line, what)
            first.setdefault(one.oid, one.line)

    return check


def _dangling(kind: _Kind) -> Callable[[Define], Hits]:
    def check(define: Define) -> Hits:
        known = {one.oid for one in kind.defined(define)}
        for reference in kind.referred(define):
            if reference.to and reference.to not in known:
                what = f"{reference.by} refers to {kind.element} {reference.to}, which is not there"
                yield Hit(reference.line, what)

    return check


def _unused(kind: _Kind) -> Callable[[Define], Hits]:
    def check(define: Define) -> Hits:
        used = define.extension_references | {one.to for one in kind.referred(define)}
        for one in kind.defined(define):
            if one.oid not in used:
                yield Hit(one.line, f"nothing refers to {kind.element} {one.oid}")

    return check


_SOURCE = "ODM 1.3.2, OIDs and references"


def _rules() -> Iterator[Rule[Define]]:
    for kind in _KINDS:
        name = kind.element
        yield Rule(
            f"DD110{kind.number}",
            ERROR,
            f"{name}: an identifier is defined once",
            _SOURCE,
            "give each definition an identifier of its own",
            _twice(kind),
            kind.editions,
        )
    for kind in _KINDS[1:]:
        name = kind.element
        yield Rule(
            f"DD112{kind.number}",
            ERROR,
            f"{name}: what is referred to is defined",
            _SOURCE,
            f"define the {name} or mend the reference",
            _dangling(kind),
            kind.editions,
        )
        yield Rule(
            f"DD114{kind.number}",
            WARNING,
            f"{name}: what is defined is used",
            _SOURCE,
            f"remove it, or {kind.remedy_unused}",
            _unused(kind),
            kind.editions,
        )


RULES: tuple[Rule[Define], ...] = tuple(sorted(_rules(), key=lambda rule: rule.id))
