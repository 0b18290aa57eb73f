"""A delivery against the one before it: what came, went, was changed, and moved."""

from sdtmflow.drift.site import compare_site
from sdtmflow.drift.structure import compare_structure
from sdtmflow.drift.tally import SiteDrift, TableDrift, read_site_drift

__all__ = [
    "SiteDrift",
    "TableDrift",
    "compare_site",
    "compare_structure",
    "read_site_drift",
]
