"""What only all sites together show: rows that none takes, subjects and files that two have."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sdtmflow.finding import Finding
from sdtmflow.sources.conform import conformed
from sdtmflow.sources.delivery_findings import delivery_findings
from sdtmflow.sources.raw import FILE, ROW, SITE, SUBJECT
from sdtmflow.sources.reconcile import shared_files, shared_subjects, sites_unknown
from sdtmflow.sources.report import read_stage_report
from sdtmflow.sources.stage import opened_delivery, site_named, staged_tables
from sdtmflow.study import Study


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Rows of study-wide deliveries that are in no partition."""

    findings: tuple[Finding, ...]
    gaps: dict[str, int]
    """Isolated site → rows that wait for it."""


def unclaimed(
    study: Study, deliveries: Mapping[str, Path], isolated_sites: Collection[str]
) -> Unclaimed:
    """Rows of study-wide deliveries whose site the study does not have, or has isolated."""
    findings: list[Finding] = []
    gaps = dict.fromkeys(sorted(isolated_sites), 0)
    for name, source in study.sources.items():
        if source.site or name not in deliveries:
            continue
        delivered = opened_delivery(study, name, deliveries[name])
        findings += delivery_findings(delivered)
        for table in conformed(delivered):
            rows = table.rows.with_columns(site_named(table, source.site_column).alias(SITE))
            rows = rows.select(SITE, FILE, ROW)
            findings += sites_unknown(
                rows, list(study.sites), table.table, name, delivered.file_names
            )
            for site in gaps:
                gaps[site] += rows.filter(pl.col(SITE) == site).height
    return Unclaimed(tuple(findings), {site: rows for site, rows in gaps.items() if rows})


def subjects_in_two_sites(study: Study, staged: Mapping[str, Path]) -> list[Finding]:
    """The same USUBJID or the same file in two sites; ``staged`` is site → staged partition.

    A record that names another site of the study (SITEID) counts as that site's subject.
    """
    files = {site: read_stage_report(folder).files for site, folder in sorted(staged.items())}
    frames = [
        _subjects(study, site, path)
        for site, folder in sorted(staged.items())
        for _, path in staged_tables(folder)
    ]
    empty = pl.DataFrame(schema=dict.fromkeys(("USUBJID", SUBJECT, SITE), pl.String()))
    return [*shared_subjects(pl.concat([empty, *frames])), *shared_files(files)]


def _subjects(study: Study, site: str, path: Path) -> pl.DataFrame:
    rows = pl.scan_parquet(path)
    columns = rows.collect_schema().names()
    sent = pl.col("SITEID").str.strip_chars() if "SITEID" in columns else pl.lit(None, pl.String)
    own = pl.when(sent.is_in(list(study.sites))).then(sent).otherwise(pl.lit(site))
    return (
        rows.filter(pl.col(SUBJECT).is_not_null())
        .select(
            usubjid_of(study, own, pl.col(SUBJECT)).alias("USUBJID"),
            SUBJECT,
            pl.lit(site).alias(SITE),
        )
        .unique()
        .collect()
    )


def usubjid_of(study: Study, site: pl.Expr, subject: pl.Expr) -> pl.Expr:
    """The study's template, filled for every row."""
    parts = {"{study}": pl.lit(study.study), "{site}": site, "{subject}": subject}
    pieces = re.split(r"(\{study\}|\{site\}|\{subject\})", study.usubjid)
    return pl.concat_str([parts.get(piece, pl.lit(piece)) for piece in pieces])
