"""CDISC facts that the project carries: SDTMIG 3.3 and 3.4 metadata, and a dated CT subset.

Tables of facts (names, labels, types, roles, codes) as CSV files under ``data/``; no text of the
standards. Loaded at first use and kept.
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
