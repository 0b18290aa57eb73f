"""ItemGroupDef: one dataset, its variables in order, its keys, its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdtmflow.dataset import Dataset, Variable
from sdtmflow.formats import oids
from sdtmflow.formats.define.notes import dataset_comment_oid, has_values, method_oid
from sdtmflow.formats.define.xml import Element, add, add_text, describe, yes
from sdtmflow.formats.measure import Measured


def file_name(dataset: Dataset) -> str:
    """The dataset's XPT file, beside define.xml."""
    return f"{dataset.name.lower()}.xpt"


def add_datasets(
    version: Element,
    datasets: Sequence[Dataset],
    measured: Mapping[str, Measured],
    *,
    standard: str,
) -> None:
    """Describe every dataset; one without records has no file (``def:HasNoData``)."""
    for dataset in datasets:
        found = measured[dataset.name]
        leaf = f"LF.{dataset.name}" if found.rows else ""
        node = _add_group(version, dataset, found, leaf, standard)
        for number, variable in enumerate(dataset.variables, start=1):
            _add_item(node, dataset, variable, number, has_data=has_values(found, variable))
        if dataset.domain_label:
            add(node, "Alias", {"Context": "DomainDescription", "Name": dataset.domain_label})
        add(node, "def:Class", {"Name": dataset.cls})
        if leaf:
            file = add(node, "def:leaf", {"ID": leaf, "xlink:href": file_name(dataset)})
            add_text(file, "def:title", file_name(dataset))


def _add_group(
    version: Element, dataset: Dataset, found: Measured, leaf: str, standard: str
) -> Element:
    node = add(
        version,
        "ItemGroupDef",
        {
            "OID": oids.dataset_oid(dataset),
            "Name": dataset.name,
            "Repeating": "Yes" if dataset.repeating else "No",
            "IsReferenceData": "Yes" if dataset.reference_data else "No",
            "SASDatasetName": dataset.name,
            "Domain": dataset.domain or dataset.name,
            "Purpose": "Tabulation",
            "def:Structure": dataset.structure,
            "def:ArchiveLocationID": leaf,
            "def:StandardOID": None if dataset.non_standard else standard,
            "def:IsNonStandard": yes(value=dataset.non_standard),
            "def:HasNoData": yes(value=not found.rows),
            "def:CommentOID": dataset_comment_oid(dataset, found),
        },
    )
    describe(node, dataset.label)
    return node


def _add_item(
    node: Element, dataset: Dataset, variable: Variable, number: int, *, has_data: bool
) -> None:
    keys = dataset.keys
    add(
        node,
        "ItemRef",
        {
            "ItemOID": oids.variable_oid(dataset, variable),
            "OrderNumber": number,
            "Mandatory": "Yes" if variable.mandatory else "No",
            "KeySequence": keys.index(variable.name) + 1 if variable.name in keys else None,
            "MethodOID": method_oid(dataset, variable),
            "Role": variable.role,
            "def:IsNonStandard": yes(value=variable.non_standard),
            "def:HasNoData": yes(value=not has_data),
        },
    )
