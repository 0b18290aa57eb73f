"""Failing row positions → findings, a whole expectation at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from expectations.batch import Positions
from expectations.suite import Check, placeholders
from sdtmflow.finding import FINDINGS_SCHEMA, Stage, fingerprinted
from sdtmflow.mapping.values.numbers import text_of
from sdtmflow.sources.raw import FILE, ROW, SITE, SUBJECT

_SCHEMA = pl.Schema({name: kind for name, kind in FINDINGS_SCHEMA.items() if name != "fingerprint"})
_VISIT = "VISIT"
_NOTHING = "(missing)"
"""What a message says where the record has no value."""


@dataclass(frozen=True, slots=True)
class Records:
    """A table's rows with what names a record.

    ``rows`` has ``SITE`` and ``SUBJECT`` where the table has them; ``subject_name`` is what the
    record key calls the subject.
    """

    rows: pl.DataFrame
    stage: Stage
    table: str
    site: str
    key: Sequence[str]
    subject_name: str = "SUBJID"


def row_findings(records: Records, check: Check, positions: Positions) -> pl.DataFrame:
    """One finding for each failing row (columns of ``FINDINGS_SCHEMA`` without fingerprint)."""
    rows = records.rows[positions]
    found = rows.with_columns(
        rule=pl.lit(check.rule),
        severity=pl.lit(check.severity.value),
        stage=pl.lit(records.stage.value),
        message=_filled(rows, check.message),
        site=_own_or(rows, SITE, records.site),
        subject=_own_or(rows, SUBJECT, ""),
        visit=_own_or(rows, _VISIT, ""),
        dataset=pl.lit(records.table),
        record_key=_record_key(rows, records),
        variable=pl.lit(check.subject_of_finding),
        value=_value(rows, check),
        query=_filled(rows, check.query),
        file=_own_or(rows, FILE, ""),
        row=pl.col(ROW).cast(pl.Int64) if ROW in rows.columns else pl.lit(0, pl.Int64),
    )
    return found.select(_SCHEMA.names())


def table_finding(records: Records, check: Check, observed: str) -> pl.DataFrame:
    """The finding of an expectation about the table as a whole; ``observed`` is what GX saw."""
    return one_finding(
        records,
        rule=check.rule,
        severity=check.severity.value,
        message=check.message,
        variable=check.subject_of_finding,
        value=observed,
        query=check.query,
    )


def one_finding(records: Records, **parts: str) -> pl.DataFrame:
    """A finding about a table, with the given parts; the others are empty."""
    known = {"stage": records.stage.value, "site": records.site, "dataset": records.table} | parts
    values = {
        name: [known.get(name, "" if kind == pl.String else 0)] for name, kind in _SCHEMA.items()
    }
    return pl.DataFrame(values, schema=_SCHEMA)


def united(findings: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All of them as a findings table; records that share a key are told apart as ``…|#2``."""
    return fingerprinted(pl.concat([pl.DataFrame(schema=_SCHEMA), *findings]))


def _own_or(rows: pl.DataFrame, column: str, default: str) -> pl.Expr:
    """The column's text, the default where the table lacks it or the row has none."""
    return _text(rows, column).fill_null(default) if column in rows.columns else pl.lit(default)


def _text(rows: pl.DataFrame, column: str) -> pl.Expr:
    value = pl.col(column)
    return text_of(value) if rows.schema[column].is_numeric() else value.cast(pl.String)


def _record_key(rows: pl.DataFrame, records: Records) -> pl.Expr:
    """``SUBJID=003|AESPID=2``; the row in its file where the table has no key."""
    parts = [pl.lit(f"{records.subject_name}="), _own_or(rows, SUBJECT, "")]
    if SUBJECT not in rows.columns:
        parts = [pl.lit(records.table)]
    own = {records.subject_name}  # dm has SUBJID as its key: named already
    named = [column for column in records.key if column in rows.columns and column not in own]
    for column in named:
        parts += [pl.lit(f"|{column}="), _text(rows, column).fill_null("")]
    if not records.key and ROW in rows.columns:
        parts += [pl.lit("|row="), _text(rows, ROW).fill_null("")]
    return pl.concat_str(parts)


def _value(rows: pl.DataFrame, check: Check) -> pl.Expr:
    """The value of the expectation's column; of several, ``AESTDAT=…; AEENDAT=…``.

    An expectation of one column that speaks of another (``IN_DM`` of ``USUBJID``) shows that one.
    """
    columns = [column for column in check.columns if column in rows.columns]
    if len(columns) == 1 and check.variable in rows.columns:
        columns = [check.variable]
    if not columns:
        return pl.lit("")
    if len(columns) == 1:
        return _text(rows, columns[0]).fill_null("")
    parts = [
        part
        for column in columns
        for part in (pl.lit(f"; {column}="), _text(rows, column).fill_null(""))
    ]
    return pl.concat_str(parts).str.strip_prefix("; ")


def _filled(rows: pl.DataFrame, template: str) -> pl.Expr:
    """The text with each ``{COLUMN}`` replaced by the record's value."""
    parts = []
    for literal, column in placeholders(template):
        parts.append(pl.lit(literal))
        if column:
            parts.append(_own_or(rows, column, _NOTHING))
    return pl.concat_str(parts) if parts else pl.lit("")
