"""Mapping specs → plan → SDTM datasets, partition by partition.

``spec`` is the grammar; ``planning`` reads and checks the specs; ``values`` says what texts mean;
``records``, ``makers`` and ``design`` make the records, ``verbs`` their columns (``making.py``);
``engine.py`` maps one partition; ``datasets`` puts partitions together and describes them;
``provenance`` keeps what everything was made from.
"""

from sdtmflow.mapping.datasets.assembling import assemble
from sdtmflow.mapping.datasets.map_report import Counts, MapReport, read_counts
from sdtmflow.mapping.datasets.metadata import read_datasets
from sdtmflow.mapping.engine import map_partition
from sdtmflow.mapping.planning.from_specs import load_plan
from sdtmflow.mapping.planning.plan import Plan

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
