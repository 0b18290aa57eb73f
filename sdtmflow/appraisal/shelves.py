"""Dataset by dataset: what there is of it, and whether define.xml and the file agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sdtmflow.appraisal.model import AGREEMENTS, Shelf
from sdtmflow.define_lint import LintReport
from sdtmflow.define_lint.elements import Dataset as Described
from sdtmflow.define_lint.rule import whole
from sdtmflow.gate.dataset import Dataset
from sdtmflow.gate.tree import Folder, Package

_LAST = 1 << 30
"""The place of a key whose KeySequence is no number."""


def shelves_of(package: Package, linted: Mapping[str, LintReport | None]) -> Iterator[Shelf]:
    """The datasets of each folder by name, then those that are only described."""
    for folder in package.standardized:
        report = linted[folder.path]
        described = _described(report)
        for dataset in sorted(folder.datasets, key=lambda one: one.stem):
            yield _shelf(dataset, described.pop(dataset.file, None), report)
        yield from (_missing(one, folder) for one in described.values() if not one.no_data)


def _described(report: LintReport | None) -> dict[str, Described]:
    """The described datasets by the names of their files."""
    found = report.define.datasets if report else ()
    return {one.leaf.href.rpartition("/")[2]: one for one in found if one.leaf}


def _shelf(
    dataset: Dataset,
    described: Described | None,
    report: LintReport | None,
) -> Shelf:
    file = dataset.xport
    agreement: dict[str, int] = {}
    if file and described and report:
        agreement = dict(_agreement(described.name, report))
    return Shelf(
        name=file.name if file else dataset.stem.upper(),
        label=file.label.decode("latin-1") if file else "",
        file=dataset.path,
        records=file.records if file else 0,
        variables=len(file.columns) if file else 0,
        size=dataset.size,
        keys=_keys(described, report) if described and report else (),
        agreement=agreement,
        trouble=dataset.broken or ("" if described else "not described in define.xml"),
    )


def _agreement(name: str, report: LintReport) -> Iterator[tuple[str, int]]:
    found = Counter(one.rule.id for one in report.findings if one.dataset == name)
    for what, rules in AGREEMENTS.items():
        yield what, sum(found[rule] for rule in rules)


def _keys(described: Described, report: LintReport) -> tuple[str, ...]:
    keyed = [ref for ref in described.items if ref.key and ref.item in report.define.item]
    keyed.sort(key=lambda ref: whole(ref.key) or _LAST)
    return tuple(report.define.item[ref.item].name for ref in keyed)


def _missing(described: Described, folder: Folder) -> Shelf:
    file = folder.place(described.leaf.href) if described.leaf else ""
    return Shelf(described.name, described.label, file, 0, 0, 0, trouble="not in the package")
