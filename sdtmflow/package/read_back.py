"""Read the package back with readers that are not ours, and compare it cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl
import pyreadstat

from sdtmflow.agency import AGENCIES
from sdtmflow.dataset import Dataset
from sdtmflow.errors import FormatError
from sdtmflow.finding import Finding
from sdtmflow.formats.blocks import BLOCK_ROWS
from sdtmflow.formats.xpt import XptFile, open_xpt
from sdtmflow.package.compare import Comparison, NextRecords, mismatch
from sdtmflow.package.compare_parts import compare_parts
from sdtmflow.package.definition import Described, described
from sdtmflow.package.json_rows import json_records
from sdtmflow.package.prepare import Prepared, prepare
from sdtmflow.package.second_opinion import SecondOpinion
from sdtmflow.package.tree import PackageTree


def read_back(
    datasets: Sequence[Dataset],
    data: Path,
    package: Path,
    *,
    limit: int = AGENCIES["FDA"].dataset_bytes,
) -> list[Finding]:
    """Every way in which the files of ``package`` say something else than ``data``.

    First what writing had to change or refuse (``write_package`` found the same). Then each XPT
    file: names, order, labels and lengths by pyreadstat, every record by a reader that shares no
    code with the writer, some again by pyreadstat; every record of the Dataset-JSON twin by
    Polars' JSON parser; define.xml must describe the files as they are. A dataset without records
    must have no file; one of more than ``limit`` bytes must have its parts. Nothing found means:
    the files are the data.
    """
    tree = PackageTree.found(package)
    prepared, found = prepare(datasets, data, limit)
    findings = list(found)
    definitions = described(tree.sdtm / "define.xml")
    for one in prepared:
        definition = definitions.pop(one.dataset.name, None)
        findings += _files(tree, one, definition)
        findings += _xpt(one, tree.xpt(one.dataset), definition)
        findings += _json(one, tree.json(one.dataset))
        findings += compare_parts(tree, one)
    files = sorted([*tree.sdtm.glob("*.xpt"), *tree.split.glob("*.xpt")])
    return [*findings, *_strangers(files, definitions, prepared)]


def _files(tree: PackageTree, one: Prepared, definition: Described | None) -> Iterator[Finding]:
    """Files exist exactly where there are records, and define.xml says so."""
    name, rows = one.dataset.name, one.measured.rows
    for path in (tree.xpt(one.dataset), tree.json(one.dataset)):
        if path.is_file() != bool(rows):
            state = "is missing" if rows else "exists for a dataset without records"
            yield mismatch("READBACK_FILE", name, f"{path.name} {state}")
    if definition is None:
        yield mismatch("READBACK_DEFINE", name, "define.xml does not describe the dataset")
    elif definition.file != (tree.xpt(one.dataset).name if rows else None):
        yield mismatch("READBACK_DEFINE", name, "define.xml names another file, or none")


def _strangers(
    files: Sequence[Path], definitions: Iterable[str], prepared: Sequence[Prepared]
) -> Iterator[Finding]:
    """Files and descriptions of what is no dataset of the study."""
    known = {one.dataset.name for one in prepared}
    known |= {part.name for one in prepared for part in one.parts}
    for name in definitions:
        yield mismatch("READBACK_DEFINE", name, "define.xml describes a dataset that is none")
    for name in (file.stem.upper() for file in files):
        if name not in known:
            yield mismatch("READBACK_FILE", name, "a file of a dataset that is none")


def _xpt(one: Prepared, path: Path, definition: Described | None) -> Iterator[Finding]:
    """Names, order, labels and lengths; then the cells."""
    if not path.is_file():
        return
    try:
        yield from _xpt_content(one, path, definition)
    except (FormatError, pyreadstat.ReadstatError) as error:
        yield mismatch("READBACK_FILE", one.dataset.name, f"{path.name} cannot be read: {error}")


def _xpt_content(one: Prepared, path: Path, definition: Described | None) -> Iterator[Finding]:
    dataset, name = one.dataset, one.dataset.name
    _, meta = pyreadstat.read_xport(path, metadataonly=True)
    if (meta.table_name, meta.file_label or "") != (name, dataset.label):
        yield mismatch("READBACK_LABEL", name, "the name or label of the dataset differs")
    if meta.column_names != [variable.name for variable in dataset.variables]:
        yield mismatch("READBACK_VARIABLES", name, "the variables or their order differ")
        return
    for variable in dataset.variables:
        if (meta.column_names_to_labels[variable.name] or "") != variable.label:
            yield mismatch("READBACK_LABEL", name, "the label differs", variable.name)
        if meta.variable_storage_width[variable.name] != variable.length:
            yield mismatch("READBACK_LENGTH", name, "the length differs", variable.name)
    if definition:
        yield from _definition(dataset, definition)
    yield from _xpt_cells(one, open_xpt(path))


def _xpt_cells(one: Prepared, file: XptFile) -> list[Finding]:
    """Every cell by our own reader; where it finds nothing, the telling ones by pyreadstat."""
    second, read = SecondOpinion(file), 0

    def following(count: int) -> pl.DataFrame:
        nonlocal read
        records = file.records(read, count)
        read += records.height
        return records

    if found := _cells("READBACK_VALUE", one, following, second):
        return found
    comparison = Comparison("READBACK_VALUE", one.dataset, "pyreadstat")
    comparison.add(second.expected, second.read(), second.numbers)
    return comparison.findings()


def _definition(dataset: Dataset, definition: Described) -> Iterator[Finding]:
    """define.xml gives each variable the place, label, kind and (for text) length of the file."""
    name = dataset.name
    if [one.name for one in definition.variables] != [one.name for one in dataset.variables]:
        yield mismatch("READBACK_DEFINE", name, "define.xml orders the variables otherwise")
        return
    for said, variable in zip(definition.variables, dataset.variables, strict=True):
        is_text = said.type == "text"
        agrees = said.label == variable.label and not (is_text and variable.numeric)
        if not agrees or (is_text and said.length != variable.length):
            what = "define.xml gives another type, length or label"
            yield mismatch("READBACK_DEFINE", name, what, variable.name)


def _json(one: Prepared, path: Path) -> list[Finding]:
    if not path.is_file():
        return []
    try:
        with json_records(path) as records:
            return _cells("READBACK_JSON", one, records.following)
    except FormatError as error:
        return [mismatch("READBACK_JSON", one.dataset.name, str(error))]


def _cells(
    rule: str, one: Prepared, following: NextRecords, second: SecondOpinion | None = None
) -> list[Finding]:
    """The records that were read against those that were to be written."""
    comparison = Comparison(rule, one.dataset, "our reader")
    for expected in one.frames():
        comparison.add(expected, following(expected.height))
        if second:
            second.add(expected)
    while surplus := following(BLOCK_ROWS).height:
        comparison.surplus(surplus)
    return comparison.findings()
