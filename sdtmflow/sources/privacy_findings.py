"""Identifiers of people in what a site has sent, as findings: which column, never a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from sdtmflow.finding import Finding, Severity, Stage
from sdtmflow.identifiers import Described, Recognised, recognise
from sdtmflow.identifiers.countries import alpha_2
from sdtmflow.privacy import Kind, Precision, Privacy
from sdtmflow.sources.conform import Conformed, Delivered
from sdtmflow.sources.described import sent_tables
from sdtmflow.sources.raw import FILE, ROW, SUBJECT
from sdtmflow.sources.reconcile import record_digest
from sdtmflow.wording import counted

_WHY = {
    "called": "as its name says",
    "marked": "as the source marks it",
    "values": "as its values show",
}
_TO_DATE: dict[Precision, str] = {
    "full": "",
    "year-month": " to the day, where the study allows the year and month",
    "year": " to the day or month, where the study allows the year",
}
_QUERY = "Please do not send this, and remove it at the source if it is not part of the protocol."
_QUERY_TEXT = "Please remove what identifies a person from this text."


def identifiers_found(
    delivered: Delivered, table: Conformed, site: str, country: str
) -> Iterator[Finding]:
    """One finding a column that holds identifiers as such, one a record of any other.

    ``country`` is the site's, ISO 3166-1 alpha-3. Columns that study.yaml speaks of are settled:
    they are told in the report.
    """
    columns = dict(_described(delivered, table))
    found = recognise(
        table.rows,
        columns,
        birth_date=delivered.privacy.birth_date,
        subjects=table.rows[SUBJECT],
        country=alpha_2(country),
    )
    for each in found:
        if each.whole:
            yield _of_column(each, columns[each.column], delivered, table, site)
        else:
            yield from _of_records(each, delivered, table, site)


def columns_not_found(privacy: Privacy, deliveries: Iterable[Delivered]) -> Iterator[Finding]:
    """Columns that study.yaml settles and no delivery has (major): a typo would drop nothing."""
    sent = {
        f"{table.table}.{column}".casefold()
        for delivered in deliveries
        for table in sent_tables(delivered)
        for column in table.columns
    }
    for name, rule in privacy.columns.items():
        if name.casefold() not in sent:
            table, _, column = name.partition(".")
            yield Finding(
                rule="PRIVACY_COLUMN_NOT_FOUND",
                severity=Severity.MAJOR,
                stage=Stage.RAW,
                message=f"study.yaml says under privacy.columns: {name}: {rule.do}; no delivery "
                "has that column",
                dataset=table,
                record_key=f"COLUMN={column}",
                variable=column,
            )


def _described(delivered: Delivered, table: Conformed) -> Iterator[tuple[str, Described]]:
    """The columns to look at: not the subject's number, which everything is found by."""
    keys = {delivered.source.subject_column.casefold(), delivered.source.site_column.casefold()}
    for study, sent in table.names.items():
        if study.casefold() in keys or delivered.privacy.rule_for(table.table, study):
            continue
        column = table.described.get(study)
        if column is None:
            yield study, Described(sent)
        else:
            yield study, Described(sent, column.label, column.identifier, bool(column.codes))


def _of_column(
    found: Recognised, column: Described, delivered: Delivered, table: Conformed, site: str
) -> Finding:
    sent = f" (sent as {column.name})" if column.name != found.column else ""
    to_date = _TO_DATE[delivered.privacy.birth_date] if found.kind is Kind.BIRTH_DATE else ""
    return Finding(
        rule=found.kind.rule,
        severity=delivered.privacy.severity(found.kind),
        stage=Stage.RAW,
        message=f"column {found.column}{sent} holds {found.kind.words}{to_date} in "
        f"{counted(len(found.rows), 'record')}, {_WHY[found.why]}",
        site=site,
        dataset=table.table,
        record_key=f"SOURCE={delivered.name}|TABLE={table.sent}|COLUMN={column.name}",
        variable=found.column,
        query=_QUERY,
        file=_file_of(delivered, table.rows[list(found.rows)][FILE]),
    )


def _of_records(
    found: Recognised, delivered: Delivered, table: Conformed, site: str
) -> Iterator[Finding]:
    names = delivered.file_names
    data = [name for name in table.rows.columns if not name.startswith("_") or name == SUBJECT]
    copies: dict[str, int] = {}
    for row in table.rows[list(found.rows)].iter_rows(named=True):
        digest = record_digest({name: row[name] for name in data})
        copies[digest] = copies.get(digest, 0) + 1
        subject = row[SUBJECT] or ""
        yield Finding(
            rule=found.kind.rule,
            severity=delivered.privacy.severity(found.kind),
            stage=Stage.RAW,
            message=f"the text holds what looks like one of {found.kind.words}",
            site=site,
            subject=subject,
            dataset=table.table,
            record_key=f"SUBJID={subject}|RECORD={digest}|COPY={copies[digest]}",
            variable=found.column,
            query=_QUERY_TEXT,
            file=names.get(row[FILE], row[FILE]),
            row=row[ROW],
        )


def _file_of(delivered: Delivered, files: pl.Series) -> str:
    """The one file that the records came from; empty for several."""
    distinct = files.unique(maintain_order=True).to_list()
    return delivered.file_name(distinct[0]) if len(distinct) == 1 else ""
