"""What the agencies ask of a package beyond the file formats: one row an agency.

Facts that were not read in the agency's own text are marked *unconfirmed* in
docs/reference/package-criteria.md; the limits they give are the strictest known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

Agency = Literal["FDA", "PMDA", "NMPA"]

GIGABYTE = 10**9


class Tag(NamedTuple):
    """A file-tag of study tagging files; ``realm`` is its info-type."""

    name: str
    realm: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What one agency takes; file types are extensions without their dot."""

    agency: Agency
    body: str
    """The agency in full."""
    guide: str
    """Where its limits are written."""
    dataset_bytes: int
    """Above it a dataset must be split, or the agency be asked."""
    tagged: bool
    """Whether a study tagging file is asked for; Japan does not allow one."""
    study_start: bool
    """Whether ts.xpt with the study's start date decides on the reception (criterion 1734)."""
    datasets: tuple[str, ...]
    """Without these a study's tabulations are not taken (1736; TS at the FDA 1734)."""
    ascii_text: bool
    """Whether names, labels and values are printable ASCII; otherwise the agency's language may
    stand in labels and values."""
    language: str
    """ISO 639 code of the package's titles."""
    file_types: frozenset[str]
    """What may lie beside the datasets."""
    guide_tag: Tag
    """How a study tagging file calls the reviewer's guide."""
    define: tuple[str, ...] = ("2.0", "2.1")
    """Editions of Define-XML."""
    name_length: int = 64
    """Characters of a file's or folder's name, with its extension (ICH eCTD 3.2.2)."""
    path_length: int = 180
    """Characters of a file's path from the sequence's folder; ICH itself allows 230."""


_COMMON = frozenset({"xpt", "xml", "xsl", "pdf", "txt"})

AGENCIES: Mapping[Agency, Profile] = {
    "FDA": Profile(
        agency="FDA",
        body="Food and Drug Administration (United States)",
        guide="Study Data Technical Conformance Guide",
        dataset_bytes=5 * GIGABYTE,
        tagged=True,
        study_start=True,
        datasets=("DM", "TS"),
        ascii_text=True,
        language="en",
        file_types=_COMMON | {"html", "css", "sas"},
        guide_tag=Tag("study-data-reviewers-guide", "ich"),
    ),
    "PMDA": Profile(
        agency="PMDA",
        body="Pharmaceuticals and Medical Devices Agency (Japan)",
        guide="Technical Conformance Guide on Electronic Study Data Submissions",
        dataset_bytes=10 * GIGABYTE,
        tagged=False,
        study_start=False,
        datasets=("DM", "TS"),
        ascii_text=False,
        language="ja",
        file_types=_COMMON | {"sas"},
        guide_tag=Tag("study-data-reviewers-guide", "ich"),
    ),
    "NMPA": Profile(
        agency="NMPA",
        body="National Medical Products Administration (China)",
        guide="Guideline for the Submission of Clinical Trial Data; eCTD Validation Standard 2.2",
        dataset_bytes=4 * GIGABYTE,
        tagged=True,
        study_start=False,
        datasets=("DM",),
        ascii_text=False,
        language="zh",
        file_types=_COMMON,
        guide_tag=Tag("data-tabulation-data-definition", "us"),
    ),
}
"""Every agency; ``agency`` in study.yaml names one."""
