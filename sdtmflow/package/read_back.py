"""Read the package back with readers that are not ours, and compare it cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from sdtmflow.dataset import Dataset
from sdtmflow.finding import Finding
from sdtmflow.package.compare import Comparison, mismatch
from sdtmflow.package.definition import Described, described
from sdtmflow.package.gate import ascii_form
from sdtmflow.package.json_rows import json_blocks
from sdtmflow.package.tree import PackageTree

BLOCK_ROWS = 65_536


def read_back(datasets: Sequence[Dataset], data: Path, package: Path) -> list[Finding]:
    """Every way in which the files of ``package`` say something else than ``data``.

    XPT is read with pyreadstat: rows, names, order, labels, lengths, every cell; the Dataset-JSON
    twin with a plain JSON parser; define.xml must describe the files as they are. A dataset
    without records must have no file. Nothing found means: the files are right.
    """
    tree = PackageTree.found(package)
    definitions = described(tree.sdtm / "define.xml")
    findings: list[Finding] = []
    for dataset in datasets:
        names = [variable.name for variable in dataset.variables]
        rows = pl.scan_parquet(data / f"{dataset.name}.parquet").select(names)
        definition = definitions.pop(dataset.name, None)
        findings += _files(tree, dataset, _count(rows), definition)
        if tree.xpt(dataset).is_file():
            findings += _metadata(dataset, tree.xpt(dataset), definition)
            findings += _cells("READBACK_VALUE", dataset, rows, _xpt_blocks(tree.xpt(dataset)))
        if tree.json(dataset).is_file():
            findings += _cells("READBACK_JSON", dataset, rows, json_blocks(tree.json(dataset)))
    findings += [
        mismatch("READBACK_DEFINE", name, "define.xml describes a dataset that is none")
        for name in definitions
    ]
    return findings


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def _files(
    tree: PackageTree, dataset: Dataset, count: int, definition: Described | None
) -> Iterator[Finding]:
    """Files exist exactly where there are records, and define.xml says so."""
    for path in (tree.xpt(dataset), tree.json(dataset)):
        if path.is_file() != bool(count):
            state = "is missing" if count else "exists for a dataset without records"
            yield mismatch("READBACK_FILE", dataset.name, f"{path.name} {state}")
    if definition is None:
        yield mismatch("READBACK_DEFINE", dataset.name, "define.xml does not describe the dataset")
    elif definition.file != (tree.xpt(dataset).name if count else None):
        yield mismatch("READBACK_DEFINE", dataset.name, "define.xml names another file, or none")


def _metadata(dataset: Dataset, path: Path, definition: Described | None) -> Iterator[Finding]:
    """Names, order and labels as the metadata say; lengths as declared, and as define.xml says."""
    _, meta = pyreadstat.read_xport(path, metadataonly=True)
    name = dataset.name
    if meta.column_names != [variable.name for variable in dataset.variables]:
        yield mismatch("READBACK_VARIABLES", name, "the variables or their order differ")
        return
    if (meta.table_name, meta.file_label or "") != (name, dataset.label):
        yield mismatch("READBACK_LABEL", name, "the name or label of the dataset differs")
    for variable in dataset.variables:
        width = meta.variable_storage_width[variable.name]
        if (meta.column_names_to_labels[variable.name] or "") != variable.label:
            yield mismatch("READBACK_LABEL", name, "the label differs", variable.name)
        if variable.length and not variable.numeric and width != variable.length:
            yield mismatch("READBACK_LENGTH", name, "the length differs", variable.name)
    if definition:
        yield from _definition(dataset, meta, definition)


def _definition(dataset: Dataset, meta: Any, definition: Described) -> Iterator[Finding]:
    found = [
        (variable.name, variable.label, variable.length)
        for variable in definition.variables
        if variable.type == "text"
    ]
    numeric = {variable.name for variable in dataset.variables if variable.numeric}
    if [variable.name for variable in definition.variables] != meta.column_names:
        yield mismatch("READBACK_DEFINE", dataset.name, "define.xml orders the variables otherwise")
    for variable, label, length in found:
        agrees = variable not in numeric and length == meta.variable_storage_width.get(variable)
        if not agrees or label != (meta.column_names_to_labels.get(variable) or ""):
            what = "define.xml gives another type, length or label"
            yield mismatch("READBACK_DEFINE", dataset.name, what, variable)


def _xpt_blocks(path: Path) -> Iterator[pl.DataFrame]:
    offset = 0
    while True:
        block, _ = pyreadstat.read_xport(
            path, row_offset=offset, row_limit=BLOCK_ROWS, output_format="polars"
        )
        if block.height:
            yield block
        if block.height < BLOCK_ROWS:
            return
        offset += block.height


def _cells(
    rule: str, dataset: Dataset, rows: pl.LazyFrame, blocks: Iterator[pl.DataFrame]
) -> list[Finding]:
    """The records that were read against those that were to be written."""
    comparison = Comparison(rule, dataset)
    texts = [ascii_form(pl.col(v.name)) for v in dataset.variables if not v.numeric]
    for block in blocks:
        part = rows.slice(comparison.rows, block.height).with_columns(texts)
        comparison.add(part.collect(), block)
    return comparison.findings(_count(rows))
