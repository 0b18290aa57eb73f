"""Drafts: the raw tables of a study's deliveries → proposed suite files, which `check` accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from expectations.drafting.keys import key_of
from expectations.drafting.profile import ColumnProfile, profile
from expectations.drafting.proposals import of_column, of_dates, of_key, of_subjects
from expectations.drafting.writing import Sheet, text_of
from expectations.suite import Join
from sdtmflow.drafting.raw import delivery_of, identifies, reported
from sdtmflow.errors import DeliveryError, StudyError
from sdtmflow.identifiers import Described, recognise
from sdtmflow.sources.conform import Conformed, Delivered, conformed
from sdtmflow.sources.raw import SOURCE, SUBJECT
from sdtmflow.sources.report import ColumnReport
from sdtmflow.study import Source, StudyFolder

_DEMOGRAPHICS = "dm"
_SUBJECT = "SUBJID"


@dataclass(frozen=True, slots=True)
class DraftedSuite:
    """A proposed suite file."""

    file: str
    text: str
    proposed: int
    open: int
    """Columns of which nothing is proposed."""


@dataclass(frozen=True, slots=True)
class SuiteDraft:
    """What was proposed, and the deliveries that could not be read: of those nothing is known."""

    suites: tuple[DraftedSuite, ...]
    unread: tuple[DeliveryError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Table:
    """A raw table of all deliveries: text columns, and the source and subject of each row."""

    name: str
    rows: pl.DataFrame
    said: Mapping[str, ColumnReport]
    """Study column → what its delivery says of it."""
    having: Mapping[str, tuple[str, ...]]
    """Column → the sources that deliver it."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Those that deliver the table."""
        return self.having[SOURCE]


def draft_suites(
    folder: StudyFolder,
    sources: Sequence[str] = (),
    tables: Sequence[str] = (),
    *,
    min_subjects: int = 3,
) -> SuiteDraft:
    """A suite for each raw table (of those named) that the sources (or those named) deliver.

    Of all sources, one that cannot be read does not stop the others.

    A value stands in a value set only where ``min_subjects`` subjects have it. Raises StudyError
    for a source that the study has not or a table that nobody delivers, DeliveryError where a
    named source's delivery cannot be read, or none can.
    """
    delivered, unread = _delivered(folder, sources or tuple(folder.study.sources))
    if unread and (sources or not delivered):
        raise unread[0]
    for name in tables:
        if name not in delivered:
            raise StudyError(
                f"no source delivers a table '{name}'",
                place="--table",
                remedy=f"delivered are {', '.join(sorted(delivered))}",
            )
    subjects = delivered.get(_DEMOGRAPHICS)
    suites = (
        _drafted(folder, table, subjects, min_subjects)
        for name, table in sorted(delivered.items())
        if not tables or name in tables
    )
    return SuiteDraft(tuple(suites), tuple(unread))


def _delivered(
    folder: StudyFolder, sources: Sequence[str]
) -> tuple[dict[str, _Table], list[DeliveryError]]:
    """The raw tables of the sources by name, and what kept a source from being read."""
    parts: dict[str, list[_Table]] = {}
    unread = []
    for source in sources:
        try:
            for table in _tables(folder, source):
                parts.setdefault(table.name, []).append(table)
        except DeliveryError as error:
            unread.append(error)
    return {name: _united(tables) for name, tables in parts.items()}, unread


def _tables(folder: StudyFolder, source: str) -> list[_Table]:
    with delivery_of(folder, source) as delivery:
        return [_table(each, delivery) for each in conformed(delivery)]


def _table(each: Conformed, delivery: Delivered) -> _Table:
    known = reported(each, delivery.report.tables)
    said = {
        name: known[sent.strip().casefold()]
        for name, sent in each.names.items()
        if sent.strip().casefold() in known
    }
    rows = each.rows.with_columns(pl.lit(delivery.name).alias(SOURCE))
    return _Table(each.table, rows, said, dict.fromkeys(rows.columns, (delivery.name,)))


def _united(tables: Sequence[_Table]) -> _Table:
    rows = pl.concat([table.rows for table in tables], how="diagonal_relaxed")
    said = {name: column for table in reversed(tables) for name, column in table.said.items()}
    having = {
        name: tuple(source for table in tables for source in table.having.get(name, ()))
        for name in rows.columns
    }
    return _Table(tables[0].name, rows, said, having)


def _drafted(
    folder: StudyFolder, table: _Table, subjects: _Table | None, min_subjects: int
) -> DraftedSuite:
    sources, rows = dict(folder.study.sources), table.rows
    columns = [_profile(table, name, sources, min_subjects) for name in _columns(table, sources)]
    subject = _SUBJECT if _SUBJECT in rows.columns else SUBJECT
    key = key_of(rows, columns)
    join = Join(to=_DEMOGRAPHICS) if subjects and table.name != _DEMOGRAPHICS else None
    proposals = [*of_key(key, subject, rows.height)]
    if subjects and join:
        proposals += of_subjects(join, _known(rows, subjects), rows.height, subject)
    counted = set(key.columns if key else ())
    for column in columns:
        proposals += of_column(column, counts=column.name in counted)
    proposals += of_dates(rows, columns, sources, folder.study.cutoff.isoformat())
    partial = {column.name for column in columns if not column.everywhere}
    proposals = [replace(each, optional=bool(partial & set(each.columns))) for each in proposals]
    sheet = Sheet(table.name, table.sources, rows.height, key, join, columns, proposals)
    return DraftedSuite(f"{table.name}.yaml", text_of(sheet), len(proposals), len(sheet.silent))


def _columns(table: _Table, sources: Mapping[str, Source]) -> list[str]:
    """What the table says of its subjects; not how the source calls study, site and form.

    A column that identifies people is left alone.
    """
    delivering = [sources[name] for name in table.sources]
    names = [
        name
        for name in table.rows.columns
        if not any(identifies(name, source) for source in delivering)
    ]
    described = {name: _described(table, name) for name in names}
    people = recognise(table.rows, described, subjects=table.rows[SUBJECT])
    left_alone = {each.column for each in people if each.whole}
    return [name for name in names if name not in left_alone]


def _described(table: _Table, name: str) -> Described:
    said = table.said.get(name)
    if said is None:
        return Described(name)
    return Described(said.name, said.label, marked=said.identifier, coded=bool(said.codes))


def _profile(
    table: _Table, name: str, sources: dict[str, Source], min_subjects: int
) -> ColumnProfile:
    own = table.rows.filter(pl.col(SOURCE).is_in(table.having[name]))
    label = table.said[name].label if name in table.said else ""
    found = profile(
        own, name, label if label.casefold() != name.casefold() else "", sources, min_subjects
    )
    return replace(found, everywhere=len(table.having[name]) == len(table.sources))


def _known(rows: pl.DataFrame, subjects: _Table) -> int:
    return int(rows[SUBJECT].is_in(subjects.rows[SUBJECT].drop_nulls().unique().implode()).sum())
