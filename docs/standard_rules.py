"""The page of the standard rules of SDTM datasets, from `expectations/suites/`."""

from __future__ import annotations

import datetime as dt
import html
import tempfile
from pathlib import Path

from expectations.standard import StandardRule, dataset_target, standard_suites
from sdtmflow.standards.sdtmig import VERSIONS, sdtmig
from sdtmflow.study import StudyFolder

_FEW = 6
"""So many datasets are named; of more, the number is told."""
_INTRODUCTION = """Every dataset of SDTMIG 3.3 and 3.4 has a suite that is made of the guide's
metadata and of controlled terminology, and of what the guide, CDISC's conformance rules and the
FDA's business rules ask of records and between datasets. `sdtmflow suite show AE` prints the suite
of a dataset as YAML ([how to write a suite](../how-to/write-a-suite.md)). A rule is applied to a
dataset that has the columns it reads; where the dataset that it looks into is missing, the report
says *not checked*.

`--` stands for the domain's code. Partial dates are compared as far as both are known.
"""
_COVERED = """## CDISC CORE

The ids in the column *source* that begin with `CG` are CDISC's conformance rules, those with `FB`
the FDA's business rules, both as CDISC CORE names them. What the rules of this page cover, and
where other parts of sdtmflow answer instead:

| family of CORE | answered by |
|---|---|
| variables there, filled, typed | `SDTM001` to `SDTM005`, `SDTM015`, `SDTM016` |
| order of variables | `SDTM018` |
| keys, --SEQ | `SDTM008`, `SDTM009`, `SDTM020` |
| subjects in DM, one record each | `SDTM006`, `SDTM007` |
| dates, durations, study days, start and end | `SDTM010` to `SDTM012`, `SDTM017` |
| controlled terminology | `SDTM013`, `SDTM019`, `TERM_UNMAPPED`, `TERM_EXTENSION` |
| one name for a code, a visit, a parameter | `SDTM030` to `SDTM033` |
| results, units, ranges, baseline and last observation | `SDTM034` to `SDTM040` |
| seriousness and outcome of adverse events | `SDTM041` to `SDTM044` |
| death in AE, DS, DD, SS and DM | `SDTM060` to `SDTM069` |
| participation, consent, exposure | `SDTM047`, `SDTM048`, `SDTM070` to `SDTM079` |
| planned visits, epochs, elements, arms | `SDTM049`, `SDTM050`, `SDTM080` to `SDTM097` |
| SUPP--, RELREC, CO | `SDTM051`, `SDTM052`, `SDTM098` to `SDTM100` |
| trial summary parameters (TS) | the mapping of TS and the [gate](package-criteria.md) |
| define.xml against its data | [`sdtmflow define lint`](define-rules.md) |
| labels, lengths in bytes, names, sizes | the package: `XPT_…`, `TEXT_TOO_LONG`, `READBACK_…` |

Not checked by a standard rule: variables that the model does not allow (the mapping refuses them),
time points (--TPT, --TPTNUM, --ELTM), one baseline a test and subject (FB2603, FB2604), EPOCH
missing though a date is there (FB2201), reasons not done (FB4202), leading blanks (FB1501), gaps
between elements (CG0207), devices, tobacco products and animals.
"""


def rules_page() -> str:
    """Every standard rule by file: id, severity, what must hold, datasets, source."""
    with tempfile.TemporaryDirectory() as scratch:
        applied = _applied(Path(scratch))
    sections = [
        f"## {suite.title}\n\n{_HEAD}\n"
        + "\n".join(_row(rules, applied) for rules in _by_id(suite.rules))
        + "\n"
        for suite in standard_suites()
    ]
    return f"# Standard rules of SDTM datasets\n\n{_INTRODUCTION}\n" + "\n".join(
        [*sections, _COVERED]
    )


_HEAD = "| rule | severity | what must hold | datasets | source |\n|---|---|---|---|---|"


def _by_id(rules: list[StandardRule]) -> list[list[StandardRule]]:
    """Rules with one id stand together: they ask the same of different datasets."""
    found: dict[str, list[StandardRule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.rule):
        found.setdefault(rule.rule, []).append(rule)
    return list(found.values())


def _row(rules: list[StandardRule], applied: dict[str, dict[str, None]]) -> str:
    first = rules[0]
    datasets = list(applied[first.rule])
    named = ", ".join(datasets) if len(datasets) <= _FEW else f"{len(datasets)} datasets"
    cells = (f"`{first.rule}`", first.severity.value, first.holds, named, first.source)
    return (
        "| " + " | ".join(html.escape(" ".join(cell.split()), quote=False) for cell in cells) + " |"
    )


def _applied(scratch: Path) -> dict[str, dict[str, None]]:
    """Rule → the datasets of any guide that have it."""
    found: dict[str, dict[str, None]] = {}
    for version in VERSIONS:
        folder = _study(scratch, version)
        for name in sdtmig(version).datasets:
            target = dataset_target(folder, "SUPPAE" if name == "SUPPQUAL" else name)
            for suite in standard_suites():
                for rule in suite.rules:
                    if any(rule.checks(target)):
                        found.setdefault(rule.rule, {})[_shown(name)] = None
    return found


def _shown(dataset: str) -> str:
    return "SUPP--" if dataset == "SUPPQUAL" else dataset


def _study(scratch: Path, version: str) -> StudyFolder:
    folder = scratch / version
    folder.mkdir()
    (folder / "study.yaml").write_text(
        f"version: 1\nstudy: S\ntitle: T\ncutoff: {dt.date(2025, 1, 1)}\n"
        f'standards: {{sdtmig: "{version}", ct: 2025-03-28}}\n'
        'sites: {"01": {name: One, country: DEU}}\n'
        'sources: {edc: {kind: delimited, path: a, site: "01"}}\n',
        encoding="utf-8",
    )
    return StudyFolder(folder)
