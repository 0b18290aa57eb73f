"""Value-level metadata: what a variable is under a condition (one condition, ``= value``)."""

from __future__ import annotations

from collections.abc import Sequence

from sdtmflow.dataset import Dataset, ValueLevel, Variable
from sdtmflow.formats import oids
from sdtmflow.formats.define.notes import value_method_oid
from sdtmflow.formats.define.xml import Element, add, add_text


def value_list_oid(dataset: Dataset, variable: Variable) -> str:
    """The list of a variable's conditional definitions."""
    return f"VL.{dataset.name}.{variable.name}"


def _where_oid(dataset: Dataset, level: ValueLevel) -> str:
    return f"WC.{dataset.name}.{level.where_variable}.{oids.clean(level.where_value)}"


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
            "Mandatory": "No",
            "MethodOID": value_method_oid(dataset, variable, level),
        }
        where = {"WhereClauseOID": _where_oid(dataset, level)}
        add(add(node, "ItemRef", item), "def:WhereClauseRef", where)


def add_where_clauses(version: Element, datasets: Sequence[Dataset]) -> None:
    """A def:WhereClauseDef for every condition, once however many variables use it."""
    for dataset in datasets:
        levels = {
            _where_oid(dataset, level): level
            for variable in dataset.variables
            for level in variable.value_level
        }
        for oid, level in levels.items():
            check = {
                "Comparator": "EQ",
                "SoftHard": "Soft",
                "def:ItemOID": oids.variable_oid(dataset, level.where_variable),
            }
            clause = add(version, "def:WhereClauseDef", {"OID": oid})
            add_text(add(clause, "RangeCheck", check), "CheckValue", level.where_value)
