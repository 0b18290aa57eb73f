"""What the standards say by themselves: a spec only says what differs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from sdtmflow.dataset import DataType
from sdtmflow.errors import StudyError
from sdtmflow.standards.nci_rows import Package
from sdtmflow.standards.sdtmig import DatasetFacts, SdtmIg, sdtmig
from sdtmflow.standards.terminology import CodelistFacts, Terminology, terminology

_CODELISTS = ("code", "submission_value", "name", "extensible")
_TERMS = ("codelist", "code", "submission_value", "synonyms", "preferred_term")


@dataclass(frozen=True, slots=True)
class Usual:
    """A variable as the implementation guide has it, without data."""

    label: str
    type: DataType
    role: str
    mandatory: bool
    numeric: bool


@dataclass(frozen=True, slots=True)
class Standard:
    """A guide and a terminology; ``terms`` is empty where its version is not carried."""

    guide: SdtmIg
    terms: Terminology

    @classmethod
    def of(cls, guide: str, terms: dt.date) -> Standard:
        """The standards of a version each; StudyError where the guide is not carried."""
        try:
            return cls(sdtmig(guide), terminology(terms))
        except StudyError:
            heads = pl.DataFrame(schema=dict.fromkeys(_CODELISTS, pl.String))
            rows = pl.DataFrame(schema=dict.fromkeys(_TERMS, pl.String))
            return cls(sdtmig(guide), Terminology(terms, Package(heads, rows, terms)))

    def dataset(self, name: str) -> DatasetFacts | None:
        """A dataset of the guide; None for one that it does not have."""
        return self.guide.datasets.get(name)

    def variable(self, dataset: str, name: str) -> Usual | None:
        """A variable of the guide; None for one that it does not have."""
        facts = self.dataset(dataset)
        found = next((v for v in facts.variables if v.name == name), None) if facts else None
        if found is None:
            return None
        numeric = found.type == "Num"
        kind: DataType = "integer" if numeric else "text"
        return Usual(found.label, kind, found.role, found.core == "Req", numeric)

    def codes(self, dataset: str, name: str) -> tuple[str, ...]:
        """NCI codes of a variable's codelists that this terminology has."""
        facts = self.dataset(dataset)
        found = next((v for v in facts.variables if v.name == name), None) if facts else None
        return tuple(code for code in found.codelists if code in self.terms) if found else ()

    def codelist(self, code: str) -> CodelistFacts | None:
        """A codelist by its NCI code; None for one that this terminology does not have."""
        return self.terms.codelist(code) if code in self.terms else None
