"""The workbook's sheets: their columns, which of them name a row, and which may be edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: column → width; ``keys`` name a row, ``edited`` is taken in by an import."""

    name: str
    columns: Mapping[str, int]
    keys: tuple[str, ...]
    edited: tuple[str, ...] = ()
    reviewed: bool = False
    """Has the reviewers' own columns, and rows that may be added and deleted."""


STATUS, NOTE = "Review status", "Review note"
STATUSES = ("open", "approved", "rejected")
_LINE = {
    "Label": 34,
    "Type": 7,
    "Core": 6,
    "Codelist": 16,
    "Origin": 12,
    "Rule in words": 46,
    "Line": 60,
    "Comment": 30,
    "Records": 9,
    "From": 10,
    "Place": 24,
    STATUS: 14,
    NOTE: 40,
}

OVERVIEW = Sheet("Overview", {"Item": 24, "Value": 96}, ("Item",))
DATASETS = Sheet(
    "Datasets",
    {"Dataset": 9, "Class": 18, "Label": 34, "Structure": 60, "Keys": 60, "Comment": 30,
     "Lines": 8, "From": 10, "Place": 24},
    ("Dataset",),
    ("Label", "Structure", "Keys", "Comment"),
)  # fmt: skip
VARIABLES = Sheet(
    "Variables",
    {"Dataset": 9, "Order": 7, "Variable": 11, **_LINE},
    ("Dataset", "Variable", "Records"),
    ("Label", "Line", "Comment"),
    reviewed=True,
)
SUPPLEMENTAL = Sheet(
    "Supplemental",
    {"Dataset": 9, "Order": 7, "Variable": 11, **_LINE},
    ("Dataset", "Variable", "Records"),
    ("Label", "Line", "Comment"),
    reviewed=True,
)
CODELISTS = Sheet(
    "Codelists",
    {"Codelist": 16, "Code": 12, "Name": 44, "Extensible": 11, "Terms": 8, "Variables": 60},
    ("Codelist",),
)
TERMS = Sheet(
    "Terms",
    {"File": 16, "Collected": 40, "Submission": 40, "Source": 16, "Place": 26},
    ("Place",),
)
RECORDS = Sheet(
    "Record sets",
    {"Dataset": 9, "Number": 8, "Raw table": 26, "Where": 60, "Unpivot": 60, "Place": 24},
    ("Dataset", "Number"),
)
CONDITIONS = Sheet(
    "Conditions",
    {"Dataset": 9, "Variable": 11, "Part": 8, "Condition": 70, "Reads": 40, "Place": 24},
    ("Dataset", "Variable", "Part", "Place", "Condition"),
)
SHEETS = (
    OVERVIEW, DATASETS, VARIABLES, SUPPLEMENTAL, CODELISTS, TERMS, RECORDS, CONDITIONS,
)  # fmt: skip
BY_NAME = {sheet.name: sheet for sheet in SHEETS}

Row = dict[str, str]
"""Column → text."""


def key_of(sheet: Sheet, row: Mapping[str, str]) -> tuple[str, ...]:
    """What names the row."""
    return tuple(row.get(name, "") for name in sheet.keys)
