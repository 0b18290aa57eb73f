"""Every criterion, by what it looks at."""

from __future__ import annotations

from typing import Any

from sdtmflow.gate.criterion import Criterion
from sdtmflow.gate.rules.contents import CONTENT_CRITERIA
from sdtmflow.gate.rules.datasets import DATASET_CRITERIA
from sdtmflow.gate.rules.definition import DEFINE_CRITERIA
from sdtmflow.gate.rules.files import FILE_CRITERIA
from sdtmflow.gate.rules.index import INDEX_CRITERIA
from sdtmflow.gate.rules.rejection import REJECTION_CRITERIA
from sdtmflow.gate.rules.tags import TAG_CRITERIA

PACKAGE_CRITERIA = (*FILE_CRITERIA, *INDEX_CRITERIA, *TAG_CRITERIA)
FOLDER_CRITERIA = (*CONTENT_CRITERIA, *DEFINE_CRITERIA)

CRITERIA: tuple[Criterion[Any], ...] = (
    *REJECTION_CRITERIA,
    *PACKAGE_CRITERIA,
    *DATASET_CRITERIA,
    *FOLDER_CRITERIA,
)
"""The four of the Technical Rejection Criteria first, in the order in which they are applied."""
