"""CDISC facts: SDTMIG 3.3 and 3.4 metadata and a dated CT subset, and a study's own CT packages.

Tables of facts (names, labels, types, roles, codes) as CSV files under ``data/``; no text of the
standards. Loaded at first use and kept. A study's packages are imported by its user.
"""

from sdtmflow.standards.sdtmig import DatasetFacts, SdtmIg, VariableFacts, sdtmig
from sdtmflow.standards.terminology import CodelistFacts, TermFacts, Terminology, terminology

__all__ = [
    "CodelistFacts",
    "DatasetFacts",
    "SdtmIg",
    "TermFacts",
    "Terminology",
    "VariableFacts",
    "sdtmig",
    "terminology",
]
