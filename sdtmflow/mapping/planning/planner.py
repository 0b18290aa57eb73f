"""What planning gathers while it reads the specs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.derivations import BrokenModuleError, Function
from sdtmflow.mapping.planning.merged import MergedSpec
from sdtmflow.mapping.spec import Line
from sdtmflow.mapping.values.conversion import Conversions
from sdtmflow.mapping.values.terminology import TermRow
from sdtmflow.standards.sdtmig import SdtmIg
from sdtmflow.standards.terminology import Terminology
from sdtmflow.study import StudyFolder

AUTOMATIC = {
    "STUDYID": Line(assign="raw._study", origin="Protocol"),
    "DOMAIN": Line(assign="raw._domain", origin="Assigned"),
    "USUBJID": Line(assign="raw._usubjid", origin="Derived", method="Study, site and subject"),
}
"""Filled on every record; the raw columns are made with the records (``records.py``)."""
AUTOMATIC_DM = {
    "SUBJID": Line(assign="raw._subject", origin="Collected"),
    "SITEID": Line(assign="raw._site", origin="Assigned"),
}


@dataclass
class Planner:
    """Collects what the specs refer to, and what is wrong with them."""

    folder: StudyFolder
    standard: Path
    ig: SdtmIg
    ct: Terminology
    specs: Mapping[str, MergedSpec]
    functions: Mapping[str, Function]
    terms: dict[str, tuple[TermRow, ...]] = field(default_factory=dict)
    used_terms: set[str] = field(default_factory=set)
    conversions: dict[str, Conversions] = field(default_factory=dict)
    problems: list[StudyError] = field(default_factory=list)

    def wrong(self, message: str, place: str, remedy: str) -> None:
        """Keep a mistake; planning goes on to find the others."""
        self.problems.append(StudyError(message, place=place, remedy=remedy))

    @property
    def has_broken_module(self) -> bool:
        """Whether a file of functions did not import, so that not all functions are known."""
        return any(isinstance(problem, BrokenModuleError) for problem in self.problems)
