"""Finding: one failed check on one record, with an identity that survives reruns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

import polars as pl


class Severity(StrEnum):
    """How much a finding matters; ``gates`` in study.yaml says which stop a publication."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Stage(StrEnum):
    """The stage of the pipeline that a finding speaks of."""

    RAW = "raw"
    SDTM = "sdtm"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed check on one record.

    ``record_key`` names the record by its key, not by its position (``SUBJID=003|AESPID=2``), so
    that ``fingerprint`` is the same in the next run. ``row`` is the 1-based record of ``file``
    (its name as delivered); 0 where the finding speaks of a whole file, table or study.
    ``value`` may hold a subject's data: findings are stored with the data, never logged.
    """

    rule: str
    severity: Severity
    stage: Stage
    message: str
    site: str = ""
    subject: str = ""
    visit: str = ""
    dataset: str = ""
    record_key: str = ""
    variable: str = ""
    value: str = ""
    query: str = ""
    file: str = ""
    row: int = 0

    @property
    def fingerprint(self) -> str:
        """The identity: rule, dataset, record key and variable (16 hex digits of SHA-256)."""
        identity = _SEPARATOR.join(
            (self.rule, self.dataset, self.site, self.subject, self.record_key, self.variable)
        )
        return hashlib.sha256(identity.encode()).hexdigest()[:16]


_SEPARATOR = "\x1f"
"""Between the parts of an identity; no export sends it."""

_IDENTITY = ("rule", "dataset", "site", "subject", "record_key", "variable")
"""What makes a finding the same in the next run."""

_COLUMNS = [field.name for field in fields(Finding)]

FINDINGS_SCHEMA: dict[str, pl.DataType] = {
    "fingerprint": pl.String(),
    **{name: pl.Int64() if name == "row" else pl.String() for name in _COLUMNS},
}
"""Columns of the findings table (Parquet in the store)."""


def findings_frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """The findings as a table with the columns of ``FINDINGS_SCHEMA``, in the order given."""
    rows = [asdict(finding) for finding in findings]
    schema = {name: kind for name, kind in FINDINGS_SCHEMA.items() if name != "fingerprint"}
    return fingerprinted(pl.DataFrame(rows, schema=schema))


def fingerprinted(frame: pl.DataFrame) -> pl.DataFrame:
    """A table with the columns of ``FINDINGS_SCHEMA``, its fingerprints computed by column.

    Findings of one identity are told apart by their order, as ``…|#2`` in the record key: none is
    taken for another.
    """
    nth = pl.int_range(1, pl.len() + 1).over(_IDENTITY)
    told_apart = pl.when(nth > 1).then(pl.format("{}|#{}", "record_key", nth))
    frame = frame.with_columns(record_key=told_apart.otherwise("record_key"))
    identities = frame.select(pl.concat_str(_IDENTITY, separator=_SEPARATOR)).to_series()
    texts = identities.cast(pl.Binary).to_list()
    digests = [hashlib.sha256(text).hexdigest()[:16] for text in texts]
    fingerprint = pl.Series("fingerprint", digests, dtype=pl.String)
    return frame.with_columns(fingerprint).select(list(FINDINGS_SCHEMA))


def findings_of(frame: pl.DataFrame) -> list[Finding]:
    """The inverse of ``findings_frame``."""
    return [
        Finding(
            **row | {"severity": Severity(row["severity"]), "stage": Stage(row["stage"])},
        )
        for row in frame.select(_COLUMNS).iter_rows(named=True)
    ]


def findings_text(findings: Mapping[Severity, int] | Mapping[str, int]) -> str:
    """Severity → count as people say it: ``0 critical, 2 major``."""
    return ", ".join(f"{count:,} {severity}" for severity, count in findings.items()) or "none"
