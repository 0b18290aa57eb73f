"""ItemDef: one variable, or one variable under a condition of its value list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdtmflow.dataset import Dataset, ValueLevel, Variable
from sdtmflow.formats import oids
from sdtmflow.formats.define.codelists import Codelists
from sdtmflow.formats.define.documents import add_document_refs
from sdtmflow.formats.define.notes import comment_oid, value_comment_oid
from sdtmflow.formats.define.value_level import value_list_oid
from sdtmflow.formats.define.xml import Element, add, describe
from sdtmflow.formats.measure import Measured

_WITH_LENGTH = frozenset({"text", "integer", "float"})
"""Only these data types have a Length (Define-XML 2.1, ItemDef)."""


def add_items(
    version: Element,
    datasets: Sequence[Dataset],
    measured: Mapping[str, Measured],
    codelists: Codelists,
) -> None:
    """An ItemDef for every variable, followed by those of its value list."""
    for dataset in datasets:
        for variable in dataset.variables:
            found = measured[dataset.name]
            _add_variable(version, dataset, variable, found, codelists)
            for level in variable.value_level:
                _add_level(version, dataset, variable, level, codelists)


def _add_variable(
    version: Element, dataset: Dataset, variable: Variable, found: Measured, codelists: Codelists
) -> None:
    oid = oids.variable_oid(dataset, variable)
    length = max(1, found.variables[variable.name].length) if variable.numeric else variable.length
    attributes = _attributes(oid, variable.name, variable, length)
    attributes["def:DisplayFormat"] = variable.display_format
    attributes["def:CommentOID"] = comment_oid(dataset, variable, found)
    node = add(version, "ItemDef", attributes)
    _finish(node, variable, codelists.by_item.get(oid))
    if variable.value_level:
        add(node, "def:ValueListRef", {"ValueListOID": value_list_oid(dataset, variable)})


def _add_level(
    version: Element, dataset: Dataset, variable: Variable, level: ValueLevel, codelists: Codelists
) -> None:
    oid = oids.value_oid(dataset, variable, level)
    attributes = _attributes(oid, variable.name, level, level.length)
    attributes["def:CommentOID"] = value_comment_oid(dataset, variable, level)
    node = add(version, "ItemDef", attributes)
    _finish(node, level, codelists.by_item.get(oid))


def _attributes(
    oid: str, name: str, item: Variable | ValueLevel, length: int
) -> dict[str, str | int | None]:
    return {
        "OID": oid,
        "Name": name,
        "DataType": item.type,
        "Length": length if item.type in _WITH_LENGTH else None,
        "SignificantDigits": (item.significant_digits or 0) if item.type == "float" else None,
        "SASFieldName": name,
    }


def _finish(node: Element, item: Variable | ValueLevel, codelist: str | None) -> None:
    describe(node, item.label)
    if codelist:
        add(node, "CodeListRef", {"CodeListOID": codelist})
    for origin in (item.origin, *item.further_origins):
        if origin:
            source = add(node, "def:Origin", {"Type": origin.type, "Source": origin.source})
            describe(source, origin.description)
            add_document_refs(source, origin.documents)
