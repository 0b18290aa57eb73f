"""MethodDef and def:CommentDef: how a variable is derived, and what else a reader must know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdtmflow.dataset import Dataset, ValueLevel, Variable, Where
from sdtmflow.formats import oids
from sdtmflow.formats.define.xml import Element, add, add_text, describe
from sdtmflow.formats.measure import Measured

NO_VALUES_OID = "COM.NO_VALUES"
NO_VALUES = "No values at the data cut-off."
NO_RECORDS = "No records at the data cut-off; no dataset is submitted."
LANGUAGE = "sdtmflow mapping specification"
_COMPARED = {
    "EQ": "is",
    "NE": "is not",
    "LT": "<",
    "LE": "<=",
    "GT": ">",
    "GE": ">=",
    "IN": "in",
    "NOTIN": "not in",
}


def method_oid(dataset: Dataset, variable: Variable) -> str | None:
    """The method of a derived variable, and of any other that explains itself in words."""
    return f"MT.{dataset.name}.{variable.name}" if _has_method(variable) else None


def value_method_oid(dataset: Dataset, variable: Variable, level: ValueLevel) -> str | None:
    """The method of a value: its own, or where it is derived the one of its variable."""
    if _has_method(level):
        return oids.value_oid(dataset, variable, level).replace("IT.", "MT.", 1)
    return method_oid(dataset, variable) if _is_derived(level) else None


def _has_method(item: Variable | ValueLevel) -> bool:
    return bool(item.method or (_is_derived(item) and item.expression))


def _is_derived(item: Variable | ValueLevel) -> bool:
    origins = (item.origin, *item.further_origins)
    return any(origin is not None and origin.type == "Derived" for origin in origins)


def in_words(where: Where) -> str:
    """``VSTESTCD is SYSBP and COUNTRY in CAN, MEX``."""
    return " and ".join(
        f"{check.variable} {_COMPARED[check.comparator]} {', '.join(check.values)}"
        for check in where
    )


def has_values(found: Measured, variable: Variable) -> bool:
    """Whether a variable has values; in a dataset without records none is said to lack them."""
    return not found.rows or found.variables[variable.name].filled > 0


def comment_oid(dataset: Dataset, variable: Variable, found: Measured) -> str | None:
    """The comment of a variable that has one; those without values share one that says so."""
    if variable.comment:
        return f"COM.{dataset.name}.{variable.name}"
    return None if has_values(found, variable) else NO_VALUES_OID


def value_comment_oid(dataset: Dataset, variable: Variable, level: ValueLevel) -> str | None:
    """The comment of a value."""
    oid = oids.value_oid(dataset, variable, level).replace("IT.", "COM.", 1)
    return oid if level.comment else None


def dataset_comment_oid(dataset: Dataset, found: Measured) -> str | None:
    """The comment of a dataset; one without records always has it (it says why)."""
    return f"COM.{dataset.name}" if dataset.comment or not found.rows else None


def add_methods(version: Element, datasets: Sequence[Dataset]) -> None:
    """The derivations in words, with the line of the mapping spec that does it."""
    for dataset in datasets:
        for variable in dataset.variables:
            name = f"{dataset.name}.{variable.name}"
            if oid := method_oid(dataset, variable):
                _add_method(version, oid, name, variable)
            for level in variable.value_level:
                oid = value_method_oid(dataset, variable, level)
                if oid and _has_method(level):
                    _add_method(version, oid, f"{name} where {in_words(level.where)}", level)


def _add_method(version: Element, oid: str, name: str, item: Variable | ValueLevel) -> None:
    attributes = {"OID": oid, "Name": f"Algorithm to derive {name}", "Type": "Computation"}
    node = add(version, "MethodDef", dict(attributes))
    describe(node, item.method or f"As the mapping specification says: {item.expression}")
    for language, text in ((LANGUAGE, item.expression), ("Python", item.code)):
        if text:
            add_text(node, "FormalExpression", text).set("Context", language)


def add_comments(
    version: Element, datasets: Sequence[Dataset], measured: Mapping[str, Measured]
) -> None:
    """Comments of datasets and variables, each once."""
    comments: dict[str | None, str] = {}
    for dataset in datasets:
        found = measured[dataset.name]
        comments[dataset_comment_oid(dataset, found)] = _dataset_comment(dataset, found)
        for variable in dataset.variables:
            text = _comment(variable, found)
            comments[comment_oid(dataset, variable, found)] = text
            for level in variable.value_level:
                comments[value_comment_oid(dataset, variable, level)] = level.comment
    for oid, text in comments.items():
        if oid:
            describe(add(version, "def:CommentDef", {"OID": oid}), text)


def _comment(variable: Variable, found: Measured) -> str:
    parts = (variable.comment, "" if has_values(found, variable) else NO_VALUES)
    return " ".join(part for part in parts if part)


def _dataset_comment(dataset: Dataset, found: Measured) -> str:
    parts = (dataset.comment, "" if found.rows else NO_RECORDS)
    return " ".join(part for part in parts if part)
