"""What collecting and staging report: counts, layouts and warnings, as JSON beside the tables."""

from __future__ import annotations

from pathlib import Path

from sdtmflow.study import Source
from sdtmflow.typed_yaml import Strict

REPORT = "collect.json"
"""The report on a delivery, beside its raw tables."""


class FileReport(Strict):
    """One file of a delivery."""

    name: str
    sha256: str
    size: int
    nature: str = ""
    records: int = 0
    placed: int = 0
    quarantined: int = 0
    left_out: dict[str, int] = {}
    """Why → records that hold nothing to place."""
    encoding: str = ""
    separator: str = ""
    utf8_lines: int = 0
    """Lines that the declared encoding garbles: they are UTF-8."""
    made: str = ""
    """When the export was made, as far as it says so itself (ISO 8601, UTC)."""


class ColumnReport(Strict):
    """One column as sent."""

    name: str
    label: str = ""
    type: str = ""
    codes: dict[str, str] = {}
    identifier: bool = False
    oid: str = ""
    aliases: list[tuple[str, str]] = []


class TableReport(Strict):
    """One raw table as sent."""

    name: str
    path: str
    """Relative to the collected artifact."""
    rows: int
    columns: list[ColumnReport]
    label: str = ""
    forms: dict[str, str] = {}
    """ODM: OID → name of the forms that hold it."""
    repeating: bool | None = None
    auxiliary: bool = False
    files: list[str] = []
    """SHA-256 of the files that its rows come from."""

    def forms_called(self, name: str) -> list[str]:
        """OIDs of the forms that are called ``name`` (OID or name, in any case)."""
        wanted = name.strip().casefold()
        return [
            oid
            for oid, known in self.forms.items()
            if wanted in {oid.strip().casefold(), known.strip().casefold()}
        ]


class CollectReport(Strict):
    """A delivery, collected. For each file: records = placed + quarantined + left out."""

    source: str
    kind: str
    key: str
    """``delivery_key``."""
    files: list[FileReport]
    tables: list[TableReport]
    warnings: list[str] = []
    files_left_out: dict[str, str] = {}
    """Name of a file that was not read → what it is."""
    sent: dict[str, str] = {}
    """Name → SHA-256 of every file as it was sent; each is a snapshot. Empty where that is not
    known any more: the delivery was collected by an earlier version."""
    passed_over: list[str] = []
    """Names of files that may be data and were not even looked at."""
    settings: Source | None = None
    """What study.yaml said of the source then."""

    @property
    def records(self) -> int:
        """Records that the files hold."""
        return sum(file.records for file in self.files)

    @property
    def made(self) -> str:
        """When the newest of its files was made; "" where none says."""
        return max((file.made for file in self.files), default="")

    @property
    def quarantined(self) -> int:
        """Records in ``quarantine.parquet``."""
        return sum(file.quarantined for file in self.files)


class StagedTable(Strict):
    """Rows of one study table in one partition: rows in = staged + quarantined."""

    table: str
    source: str
    sent: str
    rows: int
    staged: int
    quarantined: int = 0
    not_delivered: list[str] = []
    """Study columns that ``study.yaml`` names and the delivery lacks; they are null."""
    no_subject_column: bool = False


class StageReport(Strict):
    """A partition, staged."""

    site: str
    tables: list[StagedTable]
    other_sites: int = 0
    """Rows of study-wide deliveries that belong to other sites' partitions or to none."""
    findings: int = 0
    files: dict[str, str] = {}
    """SHA-256 → name of the site's own files that hold records."""


def read_collect_report(collected: Path) -> CollectReport:
    """The report of a collected artifact (its folder)."""
    return CollectReport.model_validate_json((collected / REPORT).read_bytes())


def read_stage_report(staged: Path) -> StageReport:
    """The report of a staged partition (its folder)."""
    return StageReport.model_validate_json((staged / "stage.json").read_bytes())
