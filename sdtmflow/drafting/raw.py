"""What a source's raw tables show of themselves: names, labels, codes, aliases, distinct texts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from sdtmflow.drafting.shapes import date_formats, numbers, times
from sdtmflow.errors import DeliveryError, StudyError
from sdtmflow.sources.collect import collect
from sdtmflow.sources.conform import Conformed, Delivered, conformed, study_name
from sdtmflow.sources.delivery import delivered_paths, opened
from sdtmflow.sources.odm_metadata import KEYS, read_metadata
from sdtmflow.sources.raw import RawColumn
from sdtmflow.sources.report import ColumnReport, TableReport
from sdtmflow.store import Snapshots, open_store
from sdtmflow.study import Source, StudyFolder

_OWN = ("_source", "_site", "_subject", "_file", "_row", "_place", "_missing")
_IDENTITY = {"STUDYID", "SITEID", "SUBJID", "USUBJID", "STUDYSUBJECTID", "SUBJECTNAME", "STUDY"}


@dataclass(frozen=True, eq=False)
class Column:
    """A raw column by its study name; what its texts look like is found out once."""

    name: str
    sent: str
    label: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    aliases: tuple[tuple[str, str], ...] = ()
    values: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    """The distinct texts, sorted; they decide, and are never written anywhere."""

    @cached_property
    def dates(self) -> float:
        """The share of texts that are dates."""
        return date_formats(self.values, ()).share

    @cached_property
    def times(self) -> float:
        """The share of texts that are times of day."""
        return times(self.values)

    @cached_property
    def numbers(self) -> float:
        """The share of texts that are numbers."""
        return numbers(self.values)

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The texts as people read them: the labels of codes, where the delivery has them."""
        return tuple(self.codes.values()) or tuple(self.values)

    @property
    def is_box(self) -> bool:
        """One box of a question that takes several answers (REDCap's ``race___1``)."""
        return "___" in self.name


@dataclass(frozen=True, slots=True)
class RawTable:
    """A raw table by its study name; ``columns`` without those that only identify."""

    name: str
    sent: str
    label: str
    rows: int
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


def _source(folder: StudyFolder, name: str) -> Source:
    sources = folder.study.sources
    if name not in sources:
        raise StudyError(
            f"study.yaml has no source '{name}'",
            place="--source",
            remedy=f"name one of {', '.join(sources)}",
        )
    return sources[name]


def raw_tables(folder: StudyFolder, source_name: str) -> list[RawTable]:
    """The tables of the source's delivery; of an ODM file without data, its item groups.

    Raises StudyError where study.yaml has no such source, DeliveryError where the delivery cannot
    be read.
    """
    source = _source(folder, source_name)
    try:
        with delivery_of(folder, source_name) as delivered:
            reports = {table.name.casefold(): table for table in delivered.report.tables}
            return [_table(each, reports, source) for each in conformed(delivered)]
    except DeliveryError:
        if source.kind != "odm":
            raise
        described = list(_described(folder, source_name, source))
        if not described:
            raise
        return described


@contextmanager
def delivery_of(folder: StudyFolder, source_name: str) -> Iterator[Delivered]:
    """The source's delivery, collected for as long as the context lasts, kept nowhere.

    Raises as ``raw_tables`` does.
    """
    source = _source(folder, source_name)
    with _kept_nowhere() as (root, snapshots):
        out = root / "collected"
        out.mkdir()
        report = collect(folder, source_name, snapshots, out)
        yield Delivered(source_name, source, out, report, folder.study.privacy)


@contextmanager
def _kept_nowhere() -> Iterator[tuple[Path, Snapshots]]:
    with tempfile.TemporaryDirectory(prefix="sdtmflow-") as temporary:
        root = Path(temporary)
        yield root, Snapshots(open_store(str(root / "store"), root), root / "cache")


def _table(table: Conformed, reports: dict[str, TableReport], source: Source) -> RawTable:
    report = reports.get(table.sent.casefold())
    columns = reported(table, reports.values())
    found = [
        _column(name, table.rows[name], columns, source.tables.get(table.table))
        for name in table.rows.columns
        if name not in _OWN and not identifies(name, source)
    ]
    label = " ".join((report.label, *report.forms.values())) if report else ""
    return RawTable(table.table, table.sent, label, table.rows.height, tuple(found))


def reported(table: Conformed, reports: Iterable[TableReport]) -> dict[str, ColumnReport]:
    """Every column of the tables that the conformed one is made of, by case-folded name and OID."""
    by_name = {report.name.casefold(): report for report in reports}
    one = by_name.get(table.sent.casefold())
    matches = [one] if one else [each for each in by_name.values() if each.forms_called(table.sent)]
    columns = [column for match in matches for column in match.columns]
    by_oid = {column.oid.casefold(): column for column in columns if column.oid}
    return by_oid | {column.name.strip().casefold(): column for column in columns}


def _column(name: str, texts: pl.Series, columns: dict[str, ColumnReport], spec: object) -> Column:
    renamed = getattr(spec, "columns", {}).get(name, name)
    said = columns.get(renamed.strip().casefold(), ColumnReport(name=renamed))
    return Column(
        name=name,
        sent=said.name,
        label=said.label if said.label.casefold() != said.name.casefold() else "",
        codes=said.codes,
        aliases=tuple((context, alias) for context, alias in said.aliases),
        values=texts.drop_nulls().str.strip_chars().unique().sort(),
    )


def identifies(name: str, source: Source) -> bool:
    """Whether the column says of whom or where a row is, not what."""
    own = {source.subject_column, source.site_column, source.study_column}
    keys = {key.upper() for key in KEYS} | _IDENTITY
    return name.upper() in keys | {each.upper() for each in own} or name.startswith("_")


def _described(folder: StudyFolder, source_name: str, source: Source) -> Iterator[RawTable]:
    """The item groups that an ODM file defines, without any row."""
    paths = delivered_paths(folder, source_name)
    with _kept_nowhere() as (root, snapshots):
        delivery = opened(paths, source, snapshots, root / "unpacked")
        metadata, _ = read_metadata(delivery.files)
    for oid, group in metadata.groups.items():
        columns = [
            _described_column(item)
            for item in metadata.columns(oid).values()
            if not identifies(item.name, source)
        ]
        if columns:
            yield RawTable(study_name(oid), oid, group.name, 0, tuple(columns))


def _described_column(item: RawColumn) -> Column:
    label = item.label if item.label != item.name else ""
    return Column(item.name.upper(), item.name, label, item.codes, item.aliases)
