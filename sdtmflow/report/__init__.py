"""A run's report for people: one HTML page that works offline, and a workbook."""

from sdtmflow.report.facts import (
    ChangeFacts,
    DatasetFacts,
    Link,
    MappedFacts,
    NotChecked,
    RunFacts,
    SiteFacts,
)
from sdtmflow.report.records import Records, Table, find_records
from sdtmflow.report.write import write_report

__all__ = [
    "ChangeFacts",
    "DatasetFacts",
    "Link",
    "MappedFacts",
    "NotChecked",
    "Records",
    "RunFacts",
    "SiteFacts",
    "Table",
    "find_records",
    "write_report",
]
