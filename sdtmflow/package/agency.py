"""What the agencies limit beyond the file format, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

GIGABYTE = 10**9


@dataclass(frozen=True, slots=True)
class AgencyLimits:
    """Limits of one agency for a study data package."""

    name: str
    dataset_bytes: int
    """Above it a dataset must be split, or the agency be asked."""
    rule: str
    """Where the limit is written."""


AGENCIES: Mapping[Literal["FDA", "PMDA", "NMPA"], AgencyLimits] = {
    "FDA": AgencyLimits(
        "FDA", 5 * GIGABYTE, "Study Data Technical Conformance Guide, Dataset Size"
    ),
    "PMDA": AgencyLimits(
        "PMDA", 10 * GIGABYTE, "Technical Conformance Guide on Electronic Study Data Submissions"
    ),
    "NMPA": AgencyLimits(
        "NMPA", 4 * GIGABYTE, "Guideline for the Submission of Clinical Trial Data"
    ),
}
