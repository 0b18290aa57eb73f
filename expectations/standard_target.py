"""A dataset that standard rules are written for: its metadata, its columns, its study."""

from __future__ import annotations

from dataclasses import dataclass

from sdtmflow.standards.model import GENERAL_CLASSES
from sdtmflow.standards.sdtmig import DatasetFacts, VariableFacts
from sdtmflow.standards.terminology import Terminology

SUPP_KEY = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM")
"""What tells qualifiers apart (SDTMIG 8.4.1; CDISC CG0411)."""


@dataclass(frozen=True, slots=True)
class Target:
    """A dataset that is there, or that could be: then it has every variable of its metadata."""

    facts: DatasetFacts
    columns: tuple[str, ...]
    study: str
    """The STUDYID."""
    terminology: Terminology
    domain: str
    """``AE`` for AE and SUPPAE, ``QS`` for a part of it."""
    key: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``AE``, ``SUPPAE``, ``QSPH``."""
        return self.facts.name

    @property
    def variables(self) -> tuple[VariableFacts, ...]:
        """The IG's variables that the dataset has."""
        return tuple(facts for facts in self.facts.variables if facts.name in self.columns)

    @property
    def is_supplemental(self) -> bool:
        """Whether it holds qualifiers of another dataset."""
        return self.name.startswith("SUPP")

    @property
    def groups(self) -> frozenset[str]:
        """What rules may call it: its name, domain and class, SUPP--, GENERAL."""
        general = {"GENERAL"} if self.facts.cls in GENERAL_CLASSES else set()
        own = {"SUPP--"} if self.is_supplemental else {self.domain}
        return frozenset({self.name, self.facts.cls, *own, *general})

    @property
    def is_subject_data(self) -> bool:
        """Whether its records are of subjects, and it is not DM itself."""
        return "USUBJID" in self.columns and self.name != "DM"

    @property
    def sequence(self) -> str:
        """Its --SEQ, where it numbers records of subjects; else empty."""
        name = f"{self.domain}SEQ"
        return name if {name, "USUBJID"} <= set(self.columns) else ""

    @property
    def record_key(self) -> tuple[str, ...]:
        """What names a record within its subject: --SEQ, else the natural key.

        Of DM, which has one record a subject, the subject itself.
        """
        if self.sequence:
            return (self.sequence,)
        within = tuple(name for name in self.key if name not in _SUBJECT)
        return within or tuple(name for name in self.key if name == "USUBJID")

    @property
    def natural_key(self) -> tuple[str, ...]:
        """The key without the --SEQ that only tells records apart which share it."""
        if self.is_supplemental and not self.key:
            return SUPP_KEY
        added = self.key[-1:] == (f"{self.domain}SEQ",) and "USUBJID" in self.key  # TSSEQ is a key
        return self.key[:-1] if added and set(self.key[:-1]) - _SUBJECT else self.key


_SUBJECT = {"STUDYID", "USUBJID"}
