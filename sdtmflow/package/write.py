"""Write the package: XPT, define.xml with its page, and the Dataset-JSON twins."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.dataset import Dataset, Document
from sdtmflow.finding import Finding
from sdtmflow.formats.dataset_json import write_dataset_json
from sdtmflow.formats.define import STYLESHEET, write_define, write_page
from sdtmflow.formats.xpt import write_xpt
from sdtmflow.package.agency import too_large
from sdtmflow.package.contents import member_of
from sdtmflow.package.prepare import Prepared, prepare
from sdtmflow.package.tree import PackageTree
from sdtmflow.study import Study


@dataclass(frozen=True, slots=True)
class PackagedDataset:
    """A dataset that was written; ``file`` is relative to the package, ``size`` in bytes."""

    name: str
    label: str
    rows: int
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class PackageReport:
    """What the package holds and what it does not.

    ``empty`` datasets have no records: define.xml says so and no file is submitted. ``refused``
    ones cannot be written, for the reasons in the critical findings, and are nowhere in it.
    """

    datasets: tuple[PackagedDataset, ...]
    empty: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def write_package(
    study: Study,
    datasets: Sequence[Dataset],
    data: Path,
    out: Path,
    documents: Sequence[Document] = (),
) -> PackageReport:
    """Write the submission tree of ``datasets`` (rows in ``data/<NAME>.parquet``) below ``out``.

    ``documents`` are what define.xml names beside the datasets; the caller has laid
    their files there already.

    The only clock is the study's cut-off: the same inputs give the same bytes. ``read_back`` gives
    the findings of the report again, with its own.
    """
    tree = PackageTree.of(out, study)
    created = dt.datetime.combine(study.cutoff, dt.time(), dt.UTC)
    prepared, found = prepare(datasets, data)
    tree.sdtm.mkdir(parents=True, exist_ok=True)
    tree.dataset_json.mkdir()
    written = tuple(
        _write_dataset(study, one, tree, created) for one in prepared if one.measured.rows
    )
    _write_definition(study, prepared, tree, created, documents)
    names = {one.dataset.name for one in prepared}
    return PackageReport(
        datasets=written,
        empty=tuple(one.dataset.name for one in prepared if not one.measured.rows),
        refused=tuple(dataset.name for dataset in datasets if dataset.name not in names),
        findings=(*found, *too_large([one.file for one in written], out, study.agency)),
    )


def _write_dataset(
    study: Study, one: Prepared, tree: PackageTree, created: dt.datetime
) -> PackagedDataset:
    dataset = one.dataset
    path = tree.xpt(dataset)
    rows = write_xpt(path, member_of(dataset), one.blocks(), created=created)
    write_dataset_json(tree.json(dataset), study, dataset, rows, one.blocks(), created=created)
    file = path.relative_to(tree.root).as_posix()
    return PackagedDataset(dataset.name, dataset.label, rows, file, path.stat().st_size)


def _write_definition(
    study: Study,
    prepared: Sequence[Prepared],
    tree: PackageTree,
    created: dt.datetime,
    documents: Sequence[Document],
) -> None:
    define = tree.sdtm / "define.xml"
    datasets = [one.dataset for one in prepared]
    measured = {one.dataset.name: one.measured for one in prepared}
    write_define(define, study, datasets, measured, created=created, documents=documents)
    shutil.copyfile(STYLESHEET, tree.sdtm / "define.xsl")
    write_page(define, tree.sdtm / "define.html")
