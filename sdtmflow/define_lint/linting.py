"""Apply the rules to a define.xml, and to the data that it describes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.parsing import parse
from sdtmflow.define_lint.rule import Rule, Severity
from sdtmflow.define_lint.rules import RULES
from sdtmflow.define_lint.rules.documents import BESIDE


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One place that breaks a rule: ``line`` of define.xml, and what is wrong there.

    ``dataset`` is whose data were looked at; empty for what define.xml alone shows.
    """

    rule: Rule[Any]
    line: int
    what: str
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class LintReport:
    """What the linter found, ordered by rule and line; ``applied`` is how many rules it asked."""

    define: Define
    findings: tuple[LintFinding, ...]
    applied: int

    def count(self, severity: Severity) -> int:
        """How many findings have that severity."""
        return sum(finding.rule.severity is severity for finding in self.findings)


def lint(path: Path, data: Path | None = None) -> LintReport:
    """Read define.xml and apply every rule of its edition; with ``data`` those of the data too.

    ``data`` is a folder of XPT files. Raises FormatError where the file is not well-formed, no
    define.xml, or of another edition, and where ``data`` is no folder.
    """
    define = parse(path)
    rules = [
        rule
        for rule in RULES
        if define.edition in rule.editions and (data is None or rule.id != BESIDE)
    ]
    found = [LintFinding(rule, *hit) for rule in rules for hit in rule.check(define)]
    applied = len(rules)
    if data is not None:
        of_data, asked = _of_data(define, data)
        found += of_data
        applied += asked
    return LintReport(define, tuple(_sorted(found)), applied)


def _of_data(define: Define, data: Path) -> tuple[list[LintFinding], int]:
    # Polars is heavy, and only data need it.
    from sdtmflow.define_lint.contents import contents, folder_of
    from sdtmflow.define_lint.rules.data import DATA_RULES, content_hits, folder_hits

    folder = folder_of(define, data)
    hits: Iterator[tuple[Rule[Any], Any]] = folder_hits(folder)
    found = [LintFinding(rule, *hit) for rule, hit in hits]
    for one in contents(folder):
        name = one.dataset.name
        found += [LintFinding(rule, *hit, dataset=name) for rule, hit in content_hits(one)]
    return found, sum(define.edition in rule.editions for rule in DATA_RULES)


def _sorted(findings: Iterable[LintFinding]) -> list[LintFinding]:
    """By rule, then by place."""
    return sorted(findings, key=lambda one: (one.rule.id, one.line, one.what))
