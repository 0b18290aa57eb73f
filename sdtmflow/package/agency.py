"""What the agencies limit beyond the file format, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sdtmflow.finding import Finding, Severity, Stage

Agency = Literal["FDA", "PMDA", "NMPA"]

GIGABYTE = 10**9


@dataclass(frozen=True, slots=True)
class AgencyLimits:
    """Limits of one agency for a study data package."""

    name: str
    dataset_bytes: int
    """Above it a dataset must be split, or the agency be asked."""
    rule: str
    """Where the limit is written."""


AGENCIES: Mapping[Agency, AgencyLimits] = {
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


def too_large(files: Sequence[str], package: Path, agency: Agency) -> list[Finding]:
    """A finding for every file (relative to ``package``) that the agency takes only split."""
    limits = AGENCIES[agency]
    sizes = {file: (package / file).stat().st_size for file in files}
    return [
        Finding(
            rule="DATASET_TOO_LARGE",
            severity=Severity.MAJOR,
            stage=Stage.PACKAGE,
            message=f"{file} has {size} bytes; {limits.name} takes at most "
            f"{limits.dataset_bytes} ({limits.rule})",
            dataset=Path(file).stem.upper(),
        )
        for file, size in sizes.items()
        if size > limits.dataset_bytes
    ]
