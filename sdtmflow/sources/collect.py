"""Collect: a source's delivery becomes raw tables, or is refused as a whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.ages import made_at
from sdtmflow.sources.delivery import (
    Opened,
    Sent,
    Snapshots,
    opened,
    sent_by,
    wrong_study,
)
from sdtmflow.sources.raw import (
    DeliveredFile,
    FileRead,
    Item,
    Noted,
    Quarantined,
    RawBatch,
    Reader,
)
from sdtmflow.sources.report import REPORT, CollectReport, FileReport
from sdtmflow.sources.tables import TableWriter
from sdtmflow.sources.text import utf8_lines
from sdtmflow.study import Source, StudyFolder

QUARANTINE_SCHEMA = {
    "file": pl.String(),
    "row": pl.Int64(),
    "place": pl.String(),
    "reason": pl.String(),
    "record": pl.String(),
}
"""Columns of ``quarantine.parquet``."""


def reader_of(kind: str) -> Reader:
    """The reader of a source kind; each is imported only when it is needed."""
    if kind == "odm":
        from sdtmflow.sources.odm import read_odm

        return read_odm
    if kind == "redcap":
        from sdtmflow.sources.redcap import read_redcap

        return read_redcap
    if kind in {"xpt", "sas7bdat"}:
        from sdtmflow.sources.sas import read_sas

        return read_sas
    if kind == "excel":
        from sdtmflow.sources.excel import read_excel

        return read_excel
    from sdtmflow.sources.delimited import read_delimited

    return read_delimited


def collect(
    folder: StudyFolder, source_name: str, snapshots: Snapshots, out: Path
) -> CollectReport:
    """Collect what the source has delivered into the empty folder ``out``.

    Writes ``tables/<table as sent>.parquet``, ``quarantine.parquet`` and ``collect.json``. Raises
    DeliveryError for a delivery that cannot be read as a whole, and leaves nothing behind.
    """
    source = folder.study.sources[source_name]
    return collect_sent(source_name, source, sent_by(folder, source_name), snapshots, out)


def collect_sent(
    name: str, source: Source, sent: Sent, snapshots: Snapshots, out: Path
) -> CollectReport:
    """Collect a delivery as ``collect`` does, wherever its files lie."""
    try:
        with tempfile.TemporaryDirectory(prefix="sdtmflow-") as unpacked:
            delivery = opened(sent.files, source, snapshots, Path(unpacked)).beside(
                sent.passed_over
            )
            read = _read(delivery.files, source, out)
            report = read.report(name, source, sent.key(source), delivery)
        for left_out in sent.files.keys() & report.files_left_out.keys():
            snapshots.keep(sent.files[left_out])
        report = report.model_copy(
            update={
                "sent": sent.hashes,
                "passed_over": list(sent.passed_over),
                "settings": source,
            }
        )
        _write_report(report, out)
    except BaseException:
        _empty(out)
        raise
    return report


def collect_again(
    name: str, source: Source, files: Mapping[str, str], snapshots: Snapshots, out: Path
) -> CollectReport:
    """Collect into ``out`` what was collected before, from the snapshots alone.

    ``files`` is the delivered name → SHA-256 of every file that was read. Raises StoreError where a
    snapshot is missing or damaged.
    """
    kept = tuple(
        DeliveredFile(file, path, sha256, path.stat().st_size)
        for file, sha256 in files.items()
        if (path := snapshots.path_of(sha256))
    )
    report = _read(kept, source, out).report(name, source, "", Opened(kept))
    _write_report(report, out)
    return report


def _write_report(report: CollectReport, out: Path) -> None:
    (out / REPORT).write_text(report.model_dump_json(indent=2, by_alias=True), encoding="utf-8")


def _read(files: tuple[DeliveredFile, ...], source: Source, out: Path) -> _Tally:
    tables = TableWriter(out / "tables")
    tally = _Tally(files, tables)
    try:
        for item in reader_of(source.kind)(files, source):
            tally.add(item, source)
    except BaseException:
        tables.abandon()
        raise
    tally.close(source)
    pl.DataFrame(
        [_row(record) for record in tally.quarantine], schema=QUARANTINE_SCHEMA
    ).write_parquet(out / "quarantine.parquet")
    return tally


def _row(record: Quarantined) -> dict[str, str | int]:
    return {
        "file": record.file.sha256,
        "row": record.row,
        "place": record.place,
        "reason": record.reason,
        "record": record.record,
    }


def _empty(out: Path) -> None:
    for path in out.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@dataclass
class _Tally:
    """Everything that a reader gave, counted."""

    files: tuple[DeliveredFile, ...]
    tables: TableWriter
    quarantine: list[Quarantined] = field(default_factory=list)
    notes: list[Noted] = field(default_factory=list)
    read: dict[str, FileRead] = field(default_factory=dict)
    study_seen: bool = False

    def add(self, item: Item, source: Source) -> None:
        if isinstance(item, RawBatch):
            self._require_study(item, source)
            self.tables.write(item)
        elif isinstance(item, Quarantined):
            self.quarantine.append(item)
        elif isinstance(item, Noted):
            self.notes.append(item)
        else:
            self.read[item.file.name] = item

    def _require_study(self, batch: RawBatch, source: Source) -> None:
        """Refuse a delivery whose ``study_column`` names another study."""
        wanted = source.study_column.casefold()
        column = next((name for name in batch.rows.columns if name.casefold() == wanted), "")
        if not source.study_id or not column:
            return
        self.study_seen = True
        sent = batch.rows[column].drop_nulls().str.strip_chars().unique().sort().to_list()
        others = [study for study in sent if study != source.study_id]
        if others:
            # Several are no study's names: the setting names a column of something else.
            named = others[0] if len(others) == 1 else "several others"
            raise wrong_study(named, source, f"table {batch.table}, column {column}")

    def close(self, source: Source) -> None:
        """Raises DeliveryError for a delivery without a record or without its study column."""
        if not any(read.records for read in self.read.values()):
            names = ", ".join(file.name for file in self.files[:3])
            raise DeliveryError(
                "the delivery holds no records", place=names, remedy="ask for a new export"
            )
        if source.study_column and source.study_id and not self.study_seen:
            raise DeliveryError(
                f"no table has the column '{source.study_column}' that should name the study",
                place=self.files[0].name,
                remedy="correct the source's 'study_column'",
            )

    def report(self, name: str, source: Source, key: str, delivery: Opened) -> CollectReport:
        noted = (
            ": ".join(filter(None, (note.file.name, note.place, note.message)))
            for note in self.notes
        )
        return CollectReport(
            source=name,
            kind=source.kind,
            key=key,
            files=[self._file(file, source) for file in self.files],
            tables=self.tables.close(),
            warnings=[*delivery.warnings, *dict.fromkeys(noted)],
            files_left_out=delivery.left_out,
        )

    def _file(self, file: DeliveredFile, source: Source) -> FileReport:
        read = self.read[file.name]
        quarantined = sum(1 for record in self.quarantine if record.file.name == file.name)
        if read.records != read.placed + quarantined + sum(read.left_out.values()):
            raise DeliveryError(
                f"{read.records} records went in, {read.placed} came out, {quarantined} were "
                "quarantined: the reader lost some",
                place=file.name,
                remedy="report this as a fault of sdtmflow",
            )
        text = source.encoding if read.encoding else ""
        return FileReport(
            name=file.name,
            sha256=file.sha256,
            size=file.size,
            nature=read.nature,
            records=read.records,
            placed=read.placed,
            quarantined=quarantined,
            left_out=read.left_out,
            encoding=read.encoding,
            separator=read.separator,
            utf8_lines=utf8_lines(file.path, text),
            made=made_at(file.name, file.path, source.kind),
        )
