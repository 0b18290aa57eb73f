"""What sources, sites and deliveries say of each other, as findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from sdtmflow.finding import Finding, Severity, Stage
from sdtmflow.sources.raw import FILE, ROW, SITE, SUBJECT
from sdtmflow.wording import counted

_LOG_LINE = {"ITEMGROUPREPEATKEY", "REDCAP_REPEAT_INSTANCE"}
"""The number of a line is no data: the same event on two lines is a duplicate."""


def rows_without_subject(
    rows: pl.DataFrame, table: str, site: str, files: Mapping[str, str]
) -> Iterator[Finding]:
    """Records that name no subject (major): they cannot be mapped."""
    for row in rows.iter_rows(named=True):
        yield Finding(
            rule="SUBJECT_MISSING",
            severity=Severity.MAJOR,
            stage=Stage.RAW,
            message="the record names no subject and was left out",
            site=site,
            dataset=table,
            record_key=f"RECORD={record_digest(row)}",
            query="Please complete the subject number of this record.",
            file=files.get(row[FILE], row[FILE]),
            row=row[ROW],
        )


def unknown_subjects(
    rows: pl.DataFrame, table: str, site: str, files: Mapping[str, str]
) -> Iterator[Finding]:
    """Subjects of a study-wide source that the site's own data do not know (major)."""
    subjects = rows.group_by(SUBJECT, maintain_order=True).agg(
        pl.len().alias("records"), pl.col(FILE).first(), pl.col(ROW).first()
    )
    for row in subjects.iter_rows(named=True):
        subject = row[SUBJECT] or ""
        yield Finding(
            rule="SUBJECT_UNKNOWN",
            severity=Severity.MAJOR,
            stage=Stage.RAW,
            message="the site's own data do not know this subject; "
            f"{counted(row['records'], 'record')} left out",
            site=site,
            subject=subject,
            dataset=table,
            record_key=f"SUBJID={subject}",
            value=subject,
            query="Please confirm the subject number of these records.",
            file=files.get(row[FILE], row[FILE]),
            row=row[ROW],
        )


def duplicate_records(
    rows: pl.DataFrame, table: str, site: str, files: Mapping[str, str]
) -> Iterator[Finding]:
    """Records that say exactly what an earlier record of the table says (minor)."""
    data = [
        name
        for name in rows.columns
        if (not name.startswith("_") and name not in _LOG_LINE) or name == SUBJECT
    ]
    again = rows.filter(~pl.struct(data).is_first_distinct())
    seen: dict[str, int] = {}
    for row in again.iter_rows(named=True):
        digest = record_digest({name: row[name] for name in data})
        seen[digest] = seen.get(digest, 1) + 1
        subject = row[SUBJECT] or ""
        yield Finding(
            rule="DUPLICATE_RECORD",
            severity=Severity.MINOR,
            stage=Stage.RAW,
            message="the record repeats an earlier one in every value",
            site=site,
            subject=subject,
            dataset=table,
            record_key=f"SUBJID={subject}|RECORD={digest}|COPY={seen[digest]}",
            query="Please delete the record if it was entered twice.",
            file=files.get(row[FILE], row[FILE]),
            row=row[ROW],
        )


def record_digest(row: Mapping[str, Any]) -> str:
    """Eight hex digits for what a record says, whatever its place."""
    text = "\x1f".join(f"{name}={row[name]}" for name in sorted(row) if name not in {FILE, ROW})
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def shared_subjects(subjects: pl.DataFrame) -> list[Finding]:
    """The same USUBJID delivered by the sources of two sites (critical).

    ``subjects`` has ``USUBJID``, ``_subject`` and ``_site`` (the partition), one row each.
    """
    shared = (
        subjects.unique()
        .group_by("USUBJID", SUBJECT)
        .agg(pl.col(SITE).unique().sort())
        .filter(pl.col(SITE).list.len() > 1)
        .sort("USUBJID")
    )
    return [
        Finding(
            rule="SUBJECT_IN_TWO_SITES",
            severity=Severity.CRITICAL,
            stage=Stage.RAW,
            message=f"sites {' and '.join(sites)} both deliver this subject",
            site=sites[0],
            subject=usubjid,
            dataset="dm",
            record_key=f"USUBJID={usubjid}",
            value=usubjid,
            query="Please confirm at which site the subject is enrolled.",
        )
        for usubjid, _, sites in shared.iter_rows()
    ]


def shared_files(files: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """The same bytes delivered as files of two sites (critical).

    ``files`` is site → SHA-256 → name as delivered, of files that hold records.
    """
    sites_of: dict[str, list[str]] = {}
    for site, names in files.items():
        for sha256 in names:
            sites_of.setdefault(sha256, []).append(site)
    for sha256, sites in sites_of.items():
        if len(sites) > 1:
            yield Finding(
                rule="FILE_IN_TWO_SITES",
                severity=Severity.CRITICAL,
                stage=Stage.RAW,
                message=f"sites {' and '.join(sites)} deliver the same bytes as "
                + " and ".join(dict.fromkeys(files[site][sha256] for site in sites)),
                site=sites[0],
                record_key=f"SHA256={sha256[:16]}",
                query="Please send this site's own export.",
                file=files[sites[0]][sha256],
            )


def sites_unknown(
    rows: pl.DataFrame, sites: Sequence[str], table: str, source: str, files: Mapping[str, str]
) -> Iterator[Finding]:
    """Sites that a study-wide source names and the study does not have (major).

    ``rows`` has ``_site`` as sent and provenance.
    """
    strangers = (
        rows.filter(pl.col(SITE).is_null() | ~pl.col(SITE).is_in(list(sites)))
        .group_by(SITE, maintain_order=True)
        .agg(pl.len().alias("records"), pl.col(FILE).first(), pl.col(ROW).first())
    )
    for row in strangers.iter_rows(named=True):
        sent = row[SITE] or ""
        yield Finding(
            rule="SITE_UNKNOWN",
            severity=Severity.MAJOR,
            stage=Stage.RAW,
            message=f"{counted(row['records'], 'record')} of source {source} with "
            + ("a site that the study does not have" if sent else "no site"),
            dataset=table,
            record_key=f"SOURCE={source}|SITE={sent}",
            value=sent,
            query="Please confirm the site of these records.",
            file=files.get(row[FILE], row[FILE]),
            row=row[ROW],
        )
