"""MethodDef and def:CommentDef: how a variable is derived, and what else a reader must know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdtmflow.dataset import Dataset, Variable
from sdtmflow.formats.define.xml import Element, add, add_text, describe
from sdtmflow.formats.measure import Measured

NO_VALUES_OID = "COM.NO_VALUES"
NO_VALUES = "No values at the data cut-off."
NO_RECORDS = "No records at the data cut-off; no dataset is submitted."
LANGUAGE = "sdtmflow mapping specification"


def method_oid(dataset: Dataset, variable: Variable) -> str | None:
    """The method of a derived variable, and of any other that explains itself in words."""
    derived = variable.origin is not None and variable.origin.type == "Derived"
    has = variable.method or (derived and variable.expression)
    return f"MT.{dataset.name}.{variable.name}" if has else None


def has_values(found: Measured, variable: Variable) -> bool:
    """Whether a variable has values; in a dataset without records none is said to lack them."""
    return not found.rows or found.variables[variable.name].filled > 0


def comment_oid(dataset: Dataset, variable: Variable, found: Measured) -> str | None:
    """The comment of a variable that has one; those without values share one that says so."""
    if variable.comment:
        return f"COM.{dataset.name}.{variable.name}"
    return None if has_values(found, variable) else NO_VALUES_OID


def dataset_comment_oid(dataset: Dataset, found: Measured) -> str | None:
    """The comment of a dataset; one without records always has it (it says why)."""
    return f"COM.{dataset.name}" if dataset.comment or not found.rows else None


def add_methods(version: Element, datasets: Sequence[Dataset]) -> None:
    """The derivations in words, with the line of the mapping spec that does it."""
    for dataset in datasets:
        for variable in dataset.variables:
            if oid := method_oid(dataset, variable):
                _add_method(version, oid, dataset, variable)


def _add_method(version: Element, oid: str, dataset: Dataset, variable: Variable) -> None:
    name = f"Algorithm to derive {dataset.name}.{variable.name}"
    node = add(version, "MethodDef", {"OID": oid, "Name": name, "Type": "Computation"})
    describe(node, variable.method or f"As the mapping specification says: {variable.expression}")
    if variable.expression:
        formal = add_text(node, "FormalExpression", variable.expression)
        formal.set("Context", LANGUAGE)


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
    for oid, text in comments.items():
        if oid:
            describe(add(version, "def:CommentDef", {"OID": oid}), text)


def _comment(variable: Variable, found: Measured) -> str:
    parts = (variable.comment, "" if has_values(found, variable) else NO_VALUES)
    return " ".join(part for part in parts if part)


def _dataset_comment(dataset: Dataset, found: Measured) -> str:
    parts = (dataset.comment, "" if found.rows else NO_RECORDS)
    return " ".join(part for part in parts if part)
