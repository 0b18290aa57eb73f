"""Mapping specs → plan → SDTM datasets, partition by partition."""

from sdtmflow.mapping.assembling import assemble
from sdtmflow.mapping.engine import map_partition
from sdtmflow.mapping.map_report import Counts, MapReport, read_counts
from sdtmflow.mapping.metadata import read_datasets
from sdtmflow.mapping.plan import Plan
from sdtmflow.mapping.planning import load_plan

__all__ = [
    "Counts",
    "MapReport",
    "Plan",
    "assemble",
    "load_plan",
    "map_partition",
    "read_counts",
    "read_datasets",
]
