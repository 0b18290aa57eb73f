"""Every rule of the document: a clean define.xml keeps it, one change breaks it and it alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lxml import etree

from sdtmflow.define_lint import RULES, lint
from tests.unit.define_lint.cases import CASES, Case


def test_the_clean_file_breaks_no_rule(clean: Path) -> None:
    report = lint(clean / "define.xml", clean)
    assert [(found.rule.id, found.line, found.what) for found in report.findings] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_one_change_breaks_its_rule_and_no_other(clean: Path, tmp_path: Path, case: Case) -> None:
    folder = shutil.copytree(clean, tmp_path / "changed")
    define = folder / "define.xml"
    tree = etree.parse(define)
    case.change(tree)
    tree.write(define, encoding=case.encoding, xml_declaration=True)
    report = lint(define)
    assert {found.rule.id for found in report.findings} == {case.rule, *case.also}
    lines = len(define.read_bytes().splitlines())
    assert all(1 <= found.line <= lines and found.what for found in report.findings)


def test_every_rule_has_its_case_and_every_case_its_rule() -> None:
    assert [case.rule for case in CASES] == [rule.id for rule in RULES]


def test_rules_say_what_holds_where_it_comes_from_and_what_to_do() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.id.startswith("DD1")
        assert rule.words
        assert rule.source
        assert rule.remedy
