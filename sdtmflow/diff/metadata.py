"""What two define.xml say otherwise, as a table of statements."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.define_lint.elements import Dataset, Item, ItemRef
from sdtmflow.define_lint.model import Define, Value, Variable
from sdtmflow.diff.model import MetadataChange

_Key = tuple[str, str, str]
"""Dataset, name, and what is said of it."""
_THERE = "is described"
"""Said of everything that a define.xml describes: where it differs, all else does too."""


def metadata_changes(old: Define, new: Define) -> tuple[MetadataChange, ...]:
    """The statements that differ, in the order of the later define.xml, then of the earlier."""
    before, after = dict(_statements(old)), dict(_statements(new))
    keys = [key for key in {**after, **before} if before.get(key) != after.get(key)]
    news = {key for key in keys if key[2] == _THERE}
    return tuple(
        MetadataChange(*key, before.get(key, ""), after.get(key, ""))
        for key in keys
        if key in news or not _within(key, news)
    )


def _within(key: _Key, news: set[_Key]) -> bool:
    """Whether the whole thing, or the dataset around it, came or went."""
    dataset, name, _ = key
    return (dataset, name, _THERE) in news or (dataset, "", _THERE) in news


def _statements(define: Define) -> Iterator[tuple[_Key, str]]:
    for standard in define.standards:
        name = f"{standard.name} {standard.publishing_set}".strip()
        yield ("", name, "version"), standard.version
    for dataset in define.datasets:
        yield from _of_dataset(define, dataset)
    for variable in define.variables:
        yield from _of_variable(define, variable)
    for value in define.values:
        name = f"{value.parent.item.name} where {_where(define, value)}"
        yield from _of_item(define, value.parent.dataset.name, name, value.ref, value.item)
    for codelist in define.codelists:
        name = f"codelist {codelist.name}"
        yield ("", name, _THERE), "yes"
        if codelist.external:
            external = codelist.external
            yield ("", name, "dictionary"), f"{external.dictionary} {external.version}"
        for term in codelist.terms:
            yield ("", name, f"term {term.value}"), term.decode or term.value


def _of_dataset(define: Define, dataset: Dataset) -> Iterator[tuple[_Key, str]]:
    name = dataset.name
    yield (name, "", _THERE), "yes"
    yield (name, "", "label"), dataset.label
    yield (name, "", "class"), dataset.cls
    yield (name, "", "keys"), ", ".join(key_variables(define, name))
    yield (name, "", "comment"), _comment(define, dataset.comment)


def _of_variable(define: Define, variable: Variable) -> Iterator[tuple[_Key, str]]:
    yield from _of_item(
        define, variable.dataset.name, variable.item.name, variable.ref, variable.item
    )


def _of_item(
    define: Define, dataset: str, name: str, ref: ItemRef, item: Item
) -> Iterator[tuple[_Key, str]]:
    yield (dataset, name, _THERE), "yes"
    codelist = define.codelist.get(item.codelist)
    said = {
        "label": item.label,
        "type": item.type,
        "length": item.length,
        "significant digits": item.digits,
        "display format": item.display_format,
        "mandatory": ref.mandatory,
        "role": ref.role,
        "codelist": codelist.name if codelist else "",
        "origin": "; ".join(f"{one.type} {one.source}".strip() for one in item.origins),
        "method": _method(define, ref.method),
        "comment": _comment(define, item.comment),
    }
    for what, text in said.items():
        yield (dataset, name, what), text


def key_variables(define: Define, dataset: str) -> tuple[str, ...]:
    """The dataset's keys in their order."""
    keyed = [
        (int(variable.ref.key), variable.item.name)
        for variable in define.variables
        if variable.dataset.name == dataset and variable.ref.key.isdecimal()
    ]
    return tuple(name for _, name in sorted(keyed))


def _method(define: Define, oid: str) -> str:
    return next((method.description for method in define.methods if method.oid == oid), "")


def _comment(define: Define, oid: str) -> str:
    return next((comment.text for comment in define.comments if comment.oid == oid), "")


def _where(define: Define, value: Value) -> str:
    clauses = (define.where_clause.get(oid) for oid in value.ref.where)
    return " or ".join(
        " and ".join(
            f"{_name(define, check.item)} {check.comparator} {', '.join(check.values)}"
            for check in clause.checks
        )
        for clause in clauses
        if clause
    )


def _name(define: Define, oid: str) -> str:
    item = define.item.get(oid)
    return item.name if item else oid
