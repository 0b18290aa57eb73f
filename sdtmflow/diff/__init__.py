"""What differs between two published bundles: making, metadata, records, values, and why."""

from sdtmflow.diff.compare import diff
from sdtmflow.diff.model import (
    BundleDiff,
    DatasetDiff,
    Depth,
    MetadataChange,
    Status,
    Step,
)

__all__ = [
    "BundleDiff",
    "DatasetDiff",
    "Depth",
    "MetadataChange",
    "Status",
    "Step",
    "diff",
]
