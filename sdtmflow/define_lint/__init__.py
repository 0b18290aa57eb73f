"""A linter for define.xml 2.0 and 2.1 of anyone: typed model, rules as data, findings by line."""

from sdtmflow.define_lint.linting import LintFinding, LintReport, lint
from sdtmflow.define_lint.rule import Rule, Severity
from sdtmflow.define_lint.rules import RULES

__all__ = ["RULES", "LintFinding", "LintReport", "Rule", "Severity", "lint"]
