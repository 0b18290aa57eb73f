"""Value-level metadata: what a variable is under a condition."""

from __future__ import annotations

from collections.abc import Sequence

from sdtmflow.dataset import Check, Dataset, Variable
from sdtmflow.formats import oids
from sdtmflow.formats.define.notes import value_method_oid
from sdtmflow.formats.define.xml import Element, add, add_text


def value_list_oid(dataset: Dataset, variable: Variable) -> str:
    """The list of a variable's conditional definitions."""
    return f"VL.{dataset.name}.{variable.name}"


def add_value_lists(version: Element, datasets: Sequence[Dataset]) -> None:
    """A def:ValueListDef for every variable that has value-level metadata."""
    for dataset in datasets:
        for variable in dataset.variables:
            if variable.value_level:
                _add_value_list(version, dataset, variable)


def _add_value_list(version: Element, dataset: Dataset, variable: Variable) -> None:
    node = add(version, "def:ValueListDef", {"OID": value_list_oid(dataset, variable)})
    for number, level in enumerate(variable.value_level, start=1):
        item: dict[str, str | int | None] = {
            "ItemOID": oids.value_oid(dataset, variable, level),
            "OrderNumber": number,
            "Mandatory": "Yes" if level.mandatory else "No",
            "MethodOID": value_method_oid(dataset, variable, level),
            "Role": level.role,
        }
        where = {"WhereClauseOID": oids.where_oid(dataset, level.where)}
        add(add(node, "ItemRef", item), "def:WhereClauseRef", where)


def add_where_clauses(version: Element, datasets: Sequence[Dataset]) -> None:
    """A def:WhereClauseDef for every condition, once however many variables use it."""
    for dataset in datasets:
        conditions = {
            oids.where_oid(dataset, level.where): level.where
            for variable in dataset.variables
            for level in variable.value_level
        }
        for oid, where in conditions.items():
            clause = add(version, "def:WhereClauseDef", {"OID": oid})
            for check in where:
                _add_check(clause, dataset, check)


def _add_check(clause: Element, dataset: Dataset, check: Check) -> None:
    other, _, name = check.variable.rpartition(".")
    attributes = {
        "Comparator": check.comparator,
        "SoftHard": "Soft",
        "def:ItemOID": f"IT.{other}.{name}" if other else oids.variable_oid(dataset, name),
    }
    node = add(clause, "RangeCheck", dict(attributes))
    for value in check.values:
        add_text(node, "CheckValue", value)
