"""What lies in a store and belongs to no bundle: found, explained, swept when it is old enough."""

from sdtmflow.orphans.found import Kind, Orphan, find_orphans
from sdtmflow.orphans.record import in_the_log
from sdtmflow.orphans.sweep import ALL, ALWAYS, LEAST_AGE, Left, Sweep, sweep

__all__ = [
    "ALL",
    "ALWAYS",
    "LEAST_AGE",
    "Kind",
    "Left",
    "Orphan",
    "Sweep",
    "find_orphans",
    "in_the_log",
    "sweep",
]
