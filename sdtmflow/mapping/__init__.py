"""Mapping specs → plan → SDTM datasets, partition by partition."""

from sdtmflow.mapping.assembling import assemble
from sdtmflow.mapping.engine import MapReport, map_partition
from sdtmflow.mapping.metadata import read_datasets
from sdtmflow.mapping.plan import Plan
from sdtmflow.mapping.planning import load_plan

__all__ = ["MapReport", "Plan", "assemble", "load_plan", "map_partition", "read_datasets"]
