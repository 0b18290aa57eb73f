"""What the last collected deliveries hold and no mapping reads, from their headers alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sdtmflow.pipeline.deliveries import DeliveryMemory
from sdtmflow.pipeline.workspace import Workspace
from sdtmflow.sources import odm_metadata, redcap
from sdtmflow.sources.conform import study_name
from sdtmflow.sources.report import CollectReport, TableReport, read_collect_report
from sdtmflow.study import Source, Study


def unmapped(
    study: Study, workspace: Workspace, reads: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """One line a table with columns that no mapping reads; ``reads`` is table → columns read.

    Sources that were never collected here are passed over.
    """
    memory = DeliveryMemory(workspace)
    for name, source in study.sources.items():
        known = memory.recall(name)
        if known:
            report = read_collect_report(workspace.path(known))
            yield from _of_source(name, source, report, reads)


def _of_source(
    name: str, source: Source, report: CollectReport, reads: Mapping[str, Collection[str]]
) -> Iterator[str]:
    keys = {source.subject_column, source.site_column, source.study_column}
    for table in report.tables:
        if table.auxiliary:
            continue
        found = [(columns, reads.get(own)) for own, columns in _conformed(source, table)]
        unread = [
            {column for column, own in enumerate(columns) if own not in {*(read or ()), *keys}}
            for columns, read in found
        ]
        left = [
            found[0][0][column]
            for column in sorted(set.intersection(*unread))
            if not _is_of_the_system(found[0][0][column], source)
        ]
        if all(read is None for _, read in found):
            yield f"source {name}, table {table.name}: no mapping reads it"
        elif left:
            yield f"source {name}, table {table.name}: no mapping reads {', '.join(left)}"


def _is_of_the_system(column: str, source: Source) -> bool:
    """Whether the exporting system adds the column of itself: nobody maps a form's own number."""
    if source.kind == "redcap":
        return column.lower() in redcap.KEYS or column.endswith("_COMPLETE")
    return source.kind == "odm" and column in _ODM


_ODM = {key.upper() for key in odm_metadata.KEYS}


def conformed_columns(source: Source, table: TableReport) -> tuple[str, list[str]]:
    """The study's names of a sent table and its columns; of several tables from it the first's."""
    return _conformed(source, table)[0]


def _conformed(source: Source, table: TableReport) -> list[tuple[str, list[str]]]:
    """Every table of the study that is made from the sent one, with its names of the columns."""
    columns = [column.name for column in table.columns]
    found = []
    for own_name, spec in source.tables.items():
        if any(_is_called(table, sent) for sent in spec.sent_names or (own_name,)):
            names = {sent.casefold(): own for own, sent in spec.columns.items()}
            found.append((own_name, [names.get(each.casefold(), each.upper()) for each in columns]))
    return found or [(study_name(table.name), [each.upper() for each in columns])]


def _is_called(table: TableReport, sent: str) -> bool:
    return table.name.strip().casefold() == sent.strip().casefold() or bool(
        table.forms_called(sent)
    )
