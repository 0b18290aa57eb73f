"""Write the package: XPT, define.xml with its page, and the Dataset-JSON twins."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sdtmflow.agency import AGENCIES
from sdtmflow.dataset import Dataset, Document
from sdtmflow.finding import Finding
from sdtmflow.formats.dataset_json import write_dataset_json
from sdtmflow.formats.define import STYLESHEET, write_define, write_page
from sdtmflow.formats.xpt import write_part, write_xpt
from sdtmflow.package.contents import member_of
from sdtmflow.package.prepare import Prepared, prepare
from sdtmflow.package.splitting import Part
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
    parts: tuple[Part, ...] = ()
    """Where the file is larger than the agency takes: what stands in ``split`` besides."""


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
    *,
    limit: int | None = None,
) -> PackageReport:
    """Write the submission tree of ``datasets`` (rows in ``data/<NAME>.parquet``) below ``out``.

    ``documents`` are what define.xml names beside the datasets; the caller has laid
    their files there already. A dataset of more than ``limit`` bytes (None: what the study's
    agency takes) is also written in parts.

    The only clock is the study's cut-off: the same inputs give the same bytes. ``read_back`` gives
    the findings of the report again, with its own.
    """
    tree = PackageTree.of(out, study)
    created = dt.datetime.combine(study.cutoff, dt.time(), dt.UTC)
    most = AGENCIES[study.agency].dataset_bytes if limit is None else limit
    prepared, found = prepare(datasets, data, most)
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
        findings=found,
    )


def _write_dataset(
    study: Study, one: Prepared, tree: PackageTree, created: dt.datetime
) -> PackagedDataset:
    dataset, member = one.dataset, member_of(one.dataset)
    path = tree.xpt(dataset)
    rows = write_xpt(path, member, one.blocks(), created=created)
    for part in one.parts:
        tree.split.mkdir(exist_ok=True)
        own = replace(member, name=part.name)
        write_part(tree.part(part.name), own, path, part.before, part.rows, created=created)
    write_dataset_json(tree.json(dataset), study, dataset, rows, one.blocks(), created=created)
    file = path.relative_to(tree.root).as_posix()
    size = path.stat().st_size
    return PackagedDataset(dataset.name, dataset.label, rows, file, size, one.parts)


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
    if "html" in AGENCIES[study.agency].file_types:
        write_page(define, tree.sdtm / "define.html")
