"""Lineage: any cell back to the raw cells that it was made from, in a run or a bundle."""

from sdtmflow.lineage.cells import Cell, Given, RawCell, RawRow, Source, raw_cells
from sdtmflow.lineage.data import as_data
from sdtmflow.lineage.opening import LastRun, Opened, PublishedBundle, Received
from sdtmflow.lineage.raw import RawValue
from sdtmflow.lineage.reading import Read, Reader, Readers
from sdtmflow.lineage.subject import Records
from sdtmflow.lineage.trace import Asked, Trace, trace
from sdtmflow.lineage.tracing import Tracer, shown

__all__ = [
    "Asked",
    "Cell",
    "Given",
    "LastRun",
    "Opened",
    "PublishedBundle",
    "RawCell",
    "RawRow",
    "RawValue",
    "Read",
    "Reader",
    "Readers",
    "Received",
    "Records",
    "Source",
    "Trace",
    "Tracer",
    "as_data",
    "raw_cells",
    "shown",
    "trace",
]
