"""Stage: one site's partition, in the study's table and column names, all text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from sdtmflow.finding import Finding, findings_frame
from sdtmflow.sources.collect import QUARANTINE_SCHEMA
from sdtmflow.sources.conform import Conformed, Delivered, conformed
from sdtmflow.sources.delivery_findings import delivery_findings
from sdtmflow.sources.privacy_findings import identifiers_found
from sdtmflow.sources.raw import FILE, PLACE, PROVENANCE, ROW, SITE, SOURCE, SUBJECT
from sdtmflow.sources.reconcile import (
    duplicate_records,
    rows_without_subject,
    unknown_subjects,
)
from sdtmflow.sources.report import StagedTable, StageReport, read_collect_report
from sdtmflow.study import Study

DEMOGRAPHICS = "dm"
"""The study table that knows every subject of a site."""
STAGE_COLUMNS = (SOURCE, SITE, SUBJECT, *PROVENANCE)


def opened_delivery(study: Study, name: str, collected: Path) -> Delivered:
    """The source's delivery in the collected artifact at ``collected``."""
    report = read_collect_report(collected)
    return Delivered(name, study.sources[name], collected, report, study.privacy)


def stage(study: Study, site: str, deliveries: Mapping[str, Path], out: Path) -> StageReport:
    """Stage the partition of ``site`` into the empty folder ``out``.

    ``deliveries`` is source name → collected artifact; sources of other sites are passed over.
    Writes ``<table>.parquet`` (study columns and ``STAGE_COLUMNS``), ``quarantine.parquet``,
    ``findings.parquet`` and ``stage.json``.
    """
    partition = _Partition(study, site)
    own, shared = _of_site(study, site, deliveries)
    for delivered in own:
        partition.add_own(delivered)
    for delivered in shared:
        partition.add_shared(delivered)
    return partition.write(out)


def _of_site(
    study: Study, site: str, deliveries: Mapping[str, Path]
) -> tuple[list[Delivered], list[Delivered]]:
    """The site's own deliveries and the study-wide ones, in the order of study.yaml."""
    opened = [
        opened_delivery(study, name, deliveries[name])
        for name, source in study.sources.items()
        if name in deliveries and source.site in {"", site}
    ]
    own = [delivered for delivered in opened if delivered.source.site]
    return own, [delivered for delivered in opened if not delivered.source.site]


@dataclass
class _Partition:
    """One site's tables while they are gathered."""

    study: Study
    site: str
    parts: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    staged: list[StagedTable] = field(default_factory=list)
    quarantine: list[pl.DataFrame] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    file_names: dict[str, str] = field(default_factory=dict)
    own_files: dict[str, str] = field(default_factory=dict)
    other_sites: int = 0

    def add_own(self, delivered: Delivered) -> None:
        """Add a delivery of the site itself."""
        files = delivered.report.files
        self.own_files |= {file.sha256: file.name for file in files if file.records}
        self.file_names |= delivered.file_names
        self.findings += delivery_findings(delivered, self.site)
        for table in conformed(delivered):
            self._add(delivered, table, self._with_subject(table))

    def add_shared(self, delivered: Delivered) -> None:
        """Add the site's rows of a study-wide delivery; subjects must be the site's own."""
        self.file_names |= delivered.file_names
        for table in conformed(delivered):
            rows = of_site(table, delivered.source.site_column, self.site)
            self.other_sites += table.rows.height - rows.height
            here = replace(table, rows=rows)
            self._add(delivered, here, self._with_known_subject(here))

    def _add(self, delivered: Delivered, sent: Conformed, kept: pl.DataFrame) -> None:
        country = self.study.sites[self.site].country
        self.findings += identifiers_found(delivered, sent, self.site, country)
        self.parts.setdefault(sent.table, []).append(
            kept.with_columns(pl.lit(self.site).alias(SITE))
        )
        self.staged.append(
            StagedTable(
                table=sent.table,
                source=delivered.name,
                sent=sent.sent,
                rows=sent.rows.height,
                staged=kept.height,
                quarantined=sent.rows.height - kept.height,
                not_delivered=list(sent.not_delivered),
                no_subject_column=not sent.has_subject,
            )
        )

    def _with_subject(self, table: Conformed) -> pl.DataFrame:
        """Rows that name their subject; a table without a subject column has none to name."""
        if not table.has_subject:
            return table.rows
        nameless = pl.col(SUBJECT).fill_null("") == ""
        lost = table.rows.filter(nameless)
        self.findings += rows_without_subject(lost, table.table, self.site, self.file_names)
        self._quarantine(lost, "no subject")
        return table.rows.filter(~nameless)

    def _with_known_subject(self, table: Conformed) -> pl.DataFrame:
        rows = self._with_subject(table)
        known = self._known_subjects()
        if known is None or not table.has_subject:
            return rows
        # A study-wide system may send the subject's study-wide id; it is the same subject.
        wide = {subject_id(self.study, self.site, subject): subject for subject in known}
        rows = rows.with_columns(pl.col(SUBJECT).replace(wide))
        is_known = pl.col(SUBJECT).is_in(sorted(known))
        strangers = rows.filter(~is_known)
        self.findings += unknown_subjects(strangers, table.table, self.site, self.file_names)
        self._quarantine(strangers, "the site does not know the subject")
        return rows.filter(is_known)

    def _known_subjects(self) -> set[str] | None:
        """The subjects of the site's own dm; None where the site has sent none."""
        parts = self.parts.get(DEMOGRAPHICS)
        if not parts:
            return None
        return set(pl.concat([part[SUBJECT] for part in parts]).drop_nulls().to_list())

    def _quarantine(self, rows: pl.DataFrame, reason: str) -> None:
        data = [name for name in rows.columns if not name.startswith("_")]
        self.quarantine.append(
            rows.select(
                pl.col(FILE).alias("file"),
                pl.col(ROW).alias("row"),
                pl.col(PLACE).alias("place"),
                pl.lit(reason).alias("reason"),
                pl.struct(data).struct.json_encode().alias("record"),
            )
        )

    def write(self, out: Path) -> StageReport:
        """Write the tables; duplicates are looked for in the union of all sources."""
        for table, rows in self._tables():
            self.findings += duplicate_records(rows, table, self.site, self.file_names)
            rows.write_parquet(out / f"{table}.parquet", compression="zstd")
        empty = pl.DataFrame(schema=QUARANTINE_SCHEMA)
        pl.concat([empty, *self.quarantine]).write_parquet(out / "quarantine.parquet")
        findings_frame(self.findings).write_parquet(out / "findings.parquet")
        report = StageReport(
            site=self.site,
            tables=self.staged,
            other_sites=self.other_sites,
            findings=len(self.findings),
            files=self.own_files,
        )
        (out / "stage.json").write_text(report.model_dump_json(indent=2), encoding="utf-8")
        return report

    def _tables(self) -> Iterator[tuple[str, pl.DataFrame]]:
        for table in sorted(self.parts):
            rows = pl.concat(self.parts[table], how="diagonal")
            data = [name for name in rows.columns if name not in STAGE_COLUMNS]
            yield table, rows.select(*data, *STAGE_COLUMNS)


def of_site(table: Conformed, site_column: str, site: str) -> pl.DataFrame:
    """The rows of a study-wide table that name ``site``."""
    return table.rows.filter(site_named(table, site_column) == site)


def site_named(table: Conformed, site_column: str) -> pl.Expr:
    """The site that a row names, as text; null where it names none."""
    wanted = site_column.casefold()
    column = next((name for name in table.rows.columns if name.casefold() == wanted), "")
    return pl.col(column).str.strip_chars() if column else pl.lit(None, pl.String)


def subject_id(study: Study, site: str, subject: str) -> str:
    """USUBJID, by the study's template."""
    return study.usubjid.format(study=study.study, site=site, subject=subject)


def staged_tables(staged: Path) -> Iterable[tuple[str, Path]]:
    """(study table, file) of a staged partition."""
    other = {"quarantine", "findings"}
    return [
        (path.stem, path) for path in sorted(staged.glob("*.parquet")) if path.stem not in other
    ]
