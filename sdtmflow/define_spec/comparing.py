"""Where the metadata of two define.xml differ in content, whatever their identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from sdtmflow.dataset import Codelist, Dataset, ValueLevel, Variable

_OF_DATASET = ("label", "cls", "structure", "keys", "repeating", "reference_data", "comment")
_NOT_CONTENT = {"name", "core", "numeric", "spec_place", "value_level", "code", "non_standard"}
"""Fields of variables that are compared otherwise, or that define.xml does not hold as such."""


_MAY_BE_ADDED = {"label", "role", "expression"}
"""What specs say where a define.xml says nothing: the guide's label and role, their own line."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same: where, what, as it was, as it is now."""

    place: str
    what: str
    before: str
    after: str


def differences(before: Iterable[Dataset], after: Iterable[Dataset]) -> Iterator[Difference]:
    """Every difference of the datasets of ``before`` to those of the same name in ``after``."""
    made = {dataset.name: dataset for dataset in after}
    for dataset in before:
        other = made.get(dataset.name)
        if other is None:
            yield Difference(dataset.name, "dataset", "described", "missing")
        else:
            yield from _of_dataset(dataset, other)


def _of_dataset(before: Dataset, after: Dataset) -> Iterator[Difference]:
    yield from _of_fields(before.name, before, after, _OF_DATASET)
    names = [[variable.name for variable in each.variables] for each in (before, after)]
    if names[0] != names[1]:
        yield Difference(before.name, "variables", ", ".join(names[0]), ", ".join(names[1]))
    made = {variable.name: variable for variable in after.variables}
    for variable in before.variables:
        if variable.name in made:
            yield from _of_variable(before.name, variable, made[variable.name])


def _of_variable(dataset: str, before: Variable, after: Variable) -> Iterator[Difference]:
    place = f"{dataset}.{before.name}"
    yield from _of_fields(place, _comparable(before), _comparable(after), _content(Variable))
    yield from level_differences(place, before.value_level, after.value_level)


def level_differences(
    place: str, before: Iterable[ValueLevel], after: Iterable[ValueLevel]
) -> Iterator[Difference]:
    """The differences of two value lists, by their conditions; only qualifiers have a line."""
    names = [name for name in _content(ValueLevel) if name != "expression" or "QVAL" in place]
    made = {level.where: level for level in after}
    for level in before:
        here = f"{place} where {' and '.join(_said(check) for check in level.where)}"
        if level.where in made:
            pair = _comparable(level), _comparable(made[level.where])
            yield from _of_fields(here, *pair, names)
        else:
            yield Difference(here, "value level", "described", "missing")


def _said(check: Any) -> str:
    return f"{check.variable} {check.comparator} {', '.join(check.values)}"


def _content(of: type) -> tuple[str, ...]:
    names = (field.name for field in fields(of))
    return tuple(name for name in names if name not in _NOT_CONTENT | {"where"})


def _of_fields(
    place: str, before: object, after: object, names: Iterable[str]
) -> Iterator[Difference]:
    for name in names:
        one, other = getattr(before, name), getattr(after, name)
        if one != other and (one or name not in _MAY_BE_ADDED):
            yield Difference(place, name, _short(one), _short(other))


def _short(value: object) -> str:
    if isinstance(value, Codelist):
        terms = ", ".join(f"{t.value} ({t.code or '-'}: {t.decode})" for t in value.terms)
        return (
            f"{value.dictionary or value.code or 'own'} {value.dictionary_version} {terms}".strip()
        )
    return "" if value is None else str(value)


def _comparable(item: Any) -> Any:
    """Without the length that only data give to numbers, without identifiers of codelists."""
    length = item.length if item.type == "text" else 0
    digits = (item.significant_digits or None) if item.type == "float" else None
    return replace(item, codelist=_plain(item.codelist), length=length, significant_digits=digits)


def _plain(codelist: Codelist | None) -> Codelist | None:
    """What a codelist says: its NCI code, its terms in any order, its dictionary."""
    if codelist is None:
        return None
    terms = tuple(sorted(codelist.terms, key=lambda term: term.value))
    return replace(codelist, oid="", name="", extensible=False, terms=terms)
