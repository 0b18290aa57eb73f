"""The list of planted defects: ``defects.yaml`` for the test, ``DEFECTS.md`` for people."""

from __future__ import annotations

from generator.defects import Defect, Expected
from generator.design import STUDY

_HEAD = """\
# Planted defects

Written by `generate.py`; do not edit. Everything else in `raw/` is consistent: `sdtmflow run`
finds exactly the findings of the last column, and `tests/e2e/test_demo_defects.py` proves it.
`defects.yaml` says the same to programs.

| id | site | subject | form | what is wrong | file, record | found as |
|---|---|---|---|---|---|---|
"""


def as_markdown(defects: list[Defect]) -> str:
    """A table, one line a defect."""
    return _HEAD + "".join(_line(defect) for defect in defects)


def _line(defect: Defect) -> str:
    file, row = _place(defect)
    rules = ", ".join(f"`{finding.rule}`" for finding in defect.findings) or "site isolated"
    form = f"{defect.table}.{defect.column}" if defect.column else defect.table
    cells = (
        defect.id, defect.site, defect.subject, form, defect.what,
        f"{file}, {row}" if row else file, rules,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |\n"


def as_yaml(defects: list[Defect]) -> str:
    """The defects with the findings that each must lead to."""
    lines = ["# Written by generate.py; do not edit. DEFECTS.md is the same for people."]
    lines.append("defects:")
    for defect in defects:
        file, row = _place(defect)
        lines += [
            f"  - id: {defect.id}",
            f'    what: "{defect.what}"',
            f'    site: "{defect.site}"',
            f'    subject: "{defect.subject}"',
            f'    table: "{defect.table}"',
            f'    column: "{defect.column}"',
            f'    file: "{file}"',
            f"    row: {row}",
            "    findings:" if defect.findings else "    findings: []",
        ]
        lines += [f"      - {_finding(defect, finding)}" for finding in defect.findings]
    return "\n".join(lines) + "\n"


def _finding(defect: Defect, finding: Expected) -> str:
    """The finding's identity as a flow mapping."""
    site, subject = ("", "") if finding.placeless else (defect.site, defect.subject)
    if subject:
        subject = f"{STUDY}-{site}-{subject}"
    return (
        f'{{rule: {finding.rule}, site: "{site}", subject: "{subject}", '
        f'dataset: {finding.dataset}, variable: "{finding.variable}"}}'
    )


def _place(defect: Defect) -> tuple[str, int]:
    if defect.records:
        return defect.records[0].file, defect.records[0].row
    return defect.file, 0
