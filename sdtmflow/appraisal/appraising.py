"""Appraise a package: the gate's breaches and the linter's findings as one sorted list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from sdtmflow.agency import AGENCIES, Agency
from sdtmflow.appraisal.model import Appraisal, Issue, Place
from sdtmflow.appraisal.shelves import shelves_of
from sdtmflow.define_lint import LintFinding, LintReport, Severity, lint
from sdtmflow.errors import FormatError
from sdtmflow.gate import Breach, Weight
from sdtmflow.gate.definition import DEFINE
from sdtmflow.gate.judging import judge_package
from sdtmflow.gate.tree import Folder, Package, read_package

_WEIGHTS = {
    Severity.ERROR: Weight.ASKED,
    Severity.WARNING: Weight.ASKED,
    Severity.NOTICE: Weight.NOTED,
}
_TOLD_BY_THE_GATE = frozenset(
    {"DD1008", "DD1802", "DD1804", "DD1901", "DD1902", "DD1903", "DD1906", "DD1907", "DD1908"}
)
"""Rules of the linter about files and variables that are not there."""
_WITH_VALUES = frozenset({"DD1916", "DD1919"})
"""Rules whose findings quote values of the data."""
_QUOTED = re.compile(r"'[^']*'(?:, '[^']*')*(?: and [\d,]+ more)?")


def appraise(path: Path, agency: Agency = "FDA") -> Appraisal:
    """Judge the package at ``path``, lint each define.xml in it, and compare it with its data.

    Raises FormatError where there is nothing to judge.
    """
    package = read_package(path, AGENCIES[agency])
    verdict = judge_package(package)
    linted = {folder.path: _linted(folder) for folder in package.standardized}
    reports = [report for report in linted.values() if report]
    issues = [*issues_of(verdict.breaches), *_of_lint(package, linted)]
    order = list(Weight)
    return Appraisal(
        verdict=verdict,
        edition=reports[0].define.edition if reports else "",
        rules=verdict.applied + max((report.applied for report in reports), default=0),
        shelves=tuple(shelves_of(package, linted)),
        issues=tuple(sorted(issues, key=lambda issue: order.index(issue.weight))),
    )


def _linted(folder: Folder) -> LintReport | None:
    """The linter's report; None where there is no define.xml that it can read."""
    if folder.definition is None or folder.definition.broken:
        return None
    home = folder.root / folder.path
    try:
        return lint(home / DEFINE, home)
    except FormatError:
        return None


def issues_of(breaches: Iterable[Breach]) -> Iterator[Issue]:
    """A gate's breaches, each criterion once with its places."""
    for _, group in groupby(breaches, lambda breach: breach.criterion.id):
        found = list(group)
        criterion = found[0].criterion
        places = tuple(Place(breach.place, breach.what) for breach in found)
        yield Issue(
            criterion.id,
            criterion.weight,
            criterion.words,
            criterion.source,
            criterion.remedy,
            places,
        )


def _of_lint(package: Package, linted: dict[str, LintReport | None]) -> Iterator[Issue]:
    alone = len(package.standardized) == 1
    found = [
        (finding, DEFINE if alone else folder.place(DEFINE))
        for folder in package.standardized
        for finding in _findings(linted[folder.path])
    ]
    found.sort(key=lambda one: one[0].rule.id)
    for _, group in groupby(found, lambda one: one[0].rule.id):
        places = list(group)
        rule = places[0][0].rule
        yield Issue(
            rule.id,
            _WEIGHTS[rule.severity],
            rule.words,
            rule.source,
            rule.remedy,
            tuple(Place(f"{where} line {one.line}", _discreet(one)) for one, where in places),
        )


def _findings(report: LintReport | None) -> tuple[LintFinding, ...]:
    findings = report.findings if report else ()
    return tuple(one for one in findings if one.rule.id not in _TOLD_BY_THE_GATE)


def _discreet(finding: LintFinding) -> str:
    """What is wrong, without the values of the data."""
    if finding.rule.id not in _WITH_VALUES:
        return finding.what
    return _QUOTED.sub("some values", finding.what)
