"""Findings of drift: each rule with the severity that the study gives it, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sdtmflow.drift_rules import Drift, DriftRule
from sdtmflow.finding import Finding, Stage


@dataclass
class Telling:
    """Collects the findings about one site (empty: about a study-wide source as a whole).

    No message holds a value of a subject; ``value`` may.
    """

    settings: Drift
    site: str
    found: list[Finding] = field(default_factory=list)

    def tells(self, rule: DriftRule) -> bool:
        """Whether the study wants to know."""
        return self.settings.severity(rule) is not None

    def tell(self, rule: DriftRule, message: str, **parts: str | int) -> None:
        """Note a finding, unless its rule is off; ``parts`` are the fields of ``Finding``."""
        severity = self.settings.severity(rule)
        if severity is None:
            return
        self.found.append(
            Finding(rule, severity, Stage.RAW, message, site=self.site, **parts)  # type: ignore[arg-type]
        )

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.found)
