"""What one delivery lacks, holds too much, or could not place, as findings."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterator

import polars as pl

from sdtmflow.finding import Finding, Severity, Stage
from sdtmflow.sources.conform import Delivered, lacking_tables, study_name, unnamed_tables
from sdtmflow.sources.report import FileReport, TableReport
from sdtmflow.wording import counted


def delivery_findings(delivered: Delivered, site: str = "") -> Iterator[Finding]:
    """All of them but ``unknown_tables``; ``site`` is empty for a study-wide source."""
    for table, sent in lacking_tables(delivered):
        yield _table_missing(table, sent, delivered.name, site)
    for file, words in delivered.report.files_left_out.items():
        yield _file_left_out(file, words, delivered.name, site)
    for read in delivered.report.files:
        if read.utf8_lines:
            yield _encoding_doubtful(read, delivered, site)
    yield from _records_quarantined(delivered, site)


def unknown_tables(delivered: Delivered, read: Container[str]) -> Iterator[Finding]:
    """Tables that study.yaml does not name and no spec reads; ``read`` are the study's names."""
    for report in unnamed_tables(delivered) if delivered.source.tables else ():
        if not report.auxiliary and study_name(report.name) not in read:
            yield _table_unknown(report, delivered.name, delivered.source.site)


def _table_unknown(report: TableReport, source: str, site: str) -> Finding:
    records = counted(report.rows, "record")
    return Finding(
        rule="TABLE_UNKNOWN",
        severity=Severity.MINOR,
        stage=Stage.RAW,
        message=f"table {report.name} ({records}) is not named in source {source}, and no mapping "
        "reads it",
        site=site,
        dataset=report.name,
        record_key=f"SOURCE={source}",
    )


def _table_missing(table: str, sent: str, source: str, site: str) -> Finding:
    return Finding(
        rule="TABLE_MISSING_IN_DELIVERY",
        severity=Severity.MAJOR,
        stage=Stage.RAW,
        message=f"the delivery of source {source} has no table {sent}, which study.yaml names",
        site=site,
        dataset=table,
        record_key=f"SOURCE={source}|TABLE={sent}",
        query="Please confirm that this was left out on purpose, or send it.",
    )


def _file_left_out(file: str, words: str, source: str, site: str) -> Finding:
    return Finding(
        rule="FILE_LEFT_OUT",
        severity=Severity.MINOR,
        stage=Stage.RAW,
        message=f"the file is {words} and was not read",
        site=site,
        record_key=f"SOURCE={source}|FILE={file}",
        file=file,
    )


def _encoding_doubtful(read: FileReport, delivered: Delivered, site: str) -> Finding:
    lines = counted(read.utf8_lines, "line")
    return Finding(
        rule="ENCODING_DOUBTFUL",
        severity=Severity.MAJOR,
        stage=Stage.RAW,
        message=f"the file was read as {delivered.source.encoding}, as study.yaml says, but "
        f"{lines} with letters beyond ASCII can only be UTF-8; write 'encoding: utf-8' for source "
        f"{delivered.name}, or leave 'encoding' out",
        site=site,
        record_key=f"SOURCE={delivered.name}|FILE={read.name}",
        file=read.name,
    )


def _records_quarantined(delivered: Delivered, site: str) -> Iterator[Finding]:
    """Records that no table could take; the reason never quotes them."""
    copies: Counter[str] = Counter()
    for row in pl.read_parquet(delivered.folder / "quarantine.parquet").iter_rows(named=True):
        digest = hashlib.sha256(row["record"].encode()).hexdigest()[:8]
        copies[digest] += 1
        yield Finding(
            rule="RECORD_QUARANTINED",
            severity=Severity.MAJOR,
            stage=Stage.RAW,
            message=f"the record was left out ({row['place']}): {row['reason']}",
            site=site,
            record_key=f"SOURCE={delivered.name}|RECORD={digest}|COPY={copies[digest]}",
            query="Please correct this record and send it again.",
            file=delivered.file_name(row["file"]),
            row=row["row"],
        )
