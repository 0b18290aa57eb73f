"""What a delivery says of its own forms, in the study's words, without reading a single row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sdtmflow.sources.conform import (
    Delivered,
    is_called,
    matching,
    naming_of,
    study_name,
    unnamed_tables,
)
from sdtmflow.sources.report import ColumnReport, TableReport
from sdtmflow.study import SourceTable

STATUS = "status"
"""The type of REDCap's own column on the state of an instrument."""


@dataclass(frozen=True, slots=True)
class SentTable:
    """One table of a delivery: a form, an instrument, a sheet, a file."""

    source: str
    kind: str
    table: str
    """The study's name of it."""
    sent: str
    """The source's own name: the form's OID, the sheet's title."""
    title: str
    """What the source calls it for people; empty where it says nothing."""
    columns: Mapping[str, ColumnReport] = field(default_factory=dict)
    """Study column → the column as sent, in the order sent."""
    constants: Mapping[str, str] = field(default_factory=dict)

    subject_column: str = ""

    @property
    def described(self) -> int:
        """How many questions the delivery itself explains, by a label or a code list."""
        return sum(
            bool(column.codes) or _labelled(column)
            for name, column in self.columns.items()
            if name != self.subject_column and column.type != STATUS
        )


def sent_tables(delivered: Delivered) -> Iterator[SentTable]:
    """Every table of the delivery, those that study.yaml names first."""
    for table, spec in delivered.source.tables.items():
        for sent in spec.sent_names or (table,):
            if matches := matching(delivered.report, sent):
                yield _sent(delivered, table, spec, sent, matches)
    for report in unnamed_tables(delivered):
        if not report.auxiliary:
            name = study_name(report.name)
            yield _sent(delivered, name, SourceTable(), report.name, [report])


def _sent(
    delivered: Delivered, table: str, spec: SourceTable, sent: str, matches: list[TableReport]
) -> SentTable:
    columns = {column.name: column for match in matches for column in match.columns}
    study = {sent_name: name for name, sent_name in naming_of(spec, list(columns), columns).pairs}
    return SentTable(
        source=delivered.name,
        kind=delivered.source.kind,
        table=table,
        sent=sent,
        title=_title(matches, sent),
        columns={study[name]: column for name, column in columns.items() if name in study},
        constants=spec.constants,
        subject_column=delivered.source.subject_column,
    )


def _title(matches: list[TableReport], sent: str) -> str:
    if is_called(matches[0], sent) or len(matches) == 1:
        return matches[0].label or next(iter(matches[0].forms.values()), "")
    forms = matches[0].forms
    return next((forms[oid] for oid in matches[0].forms_called(sent)), matches[0].label)


def _labelled(column: ColumnReport) -> bool:
    return bool(column.label) and column.label.casefold() != column.name.casefold()
