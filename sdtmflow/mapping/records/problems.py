"""What goes wrong on single records while mapping, and how it becomes findings."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sdtmflow.finding import Severity, Stage, fingerprinted
from sdtmflow.mapping.values.numbers import text_of


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule broken on some rows of a domain's frame.

    ``rows`` are positions, ``values`` the texts at fault, row for row. ``message`` and ``query``
    may say ``{value}``. ``table`` is the raw table (stage raw) or the dataset (stage sdtm).
    """

    rule: str
    severity: Severity
    message: str
    rows: pl.Series
    values: pl.Series
    variable: str
    query: str = ""
    stage: Stage = Stage.RAW
    matters_with: str = ""
    """A column of the records: where it is missing, the problem is none."""


def problem(
    rule: str,
    severity: Severity,
    message: str,
    *,
    at: pl.Series,
    values: pl.Series,
    variable: str,
    query: str = "",
    stage: Stage = Stage.RAW,
    matters_with: str = "",
) -> tuple[Problem, ...]:
    """The problem of the rows where ``at`` is true; none where there is no such row."""
    if not at.any():
        return ()
    mask = at.fill_null(value=False)
    texts = values.cast(pl.String).filter(mask)
    rows = mask.arg_true()
    return (Problem(rule, severity, message, rows, texts, variable, query, stage, matters_with),)


def findings(
    found: Problem, frame: pl.DataFrame, keys: list[str], dataset: pl.Expr, visit: str
) -> pl.DataFrame:
    """The problem as rows of ``FINDINGS_SCHEMA``; ``frame`` has the records at fault.

    ``dataset`` says per record which raw table or dataset it is, ``keys`` are the columns that
    name the record, ``visit`` the column that holds the visit ("" for none).
    """
    rows = frame.with_columns(value=found.values, dataset=dataset)
    if found.matters_with in rows.columns:
        rows = rows.filter(pl.col(found.matters_with).is_not_null())
    text = pl.col("value").fill_null("")
    table = rows.select(
        rule=pl.lit(found.rule),
        severity=pl.lit(found.severity.value),
        stage=pl.lit(found.stage.value),
        message=_filled(found.message, text),
        site=pl.col("_site").fill_null(""),
        subject=pl.col("_subject").cast(pl.String).fill_null(""),
        visit=pl.col(visit).cast(pl.String).fill_null("") if visit else pl.lit(""),
        dataset="dataset",
        record_key=record_key(rows, keys),
        variable=pl.lit(found.variable),
        value=text,
        query=_filled(found.query, text),
        file=pl.col("_file").fill_null(""),
        row=pl.col("_row").fill_null(0),
    )
    return fingerprinted(table)


def _filled(template: str, value: pl.Expr) -> pl.Expr:
    pieces = template.split("{value}")
    parts = [pl.lit(pieces[0])]
    for piece in pieces[1:]:
        parts += [value, pl.lit(piece)]
    return pl.concat_str(parts)


def record_key(rows: pl.DataFrame, keys: list[str]) -> pl.Expr:
    """``AETERM=…|VISITNUM=2`` of the keys that have values."""
    parts = [
        pl.when(pl.col(key).is_not_null()).then(
            pl.concat_str(pl.lit(f"{key.rpartition('.')[2]}="), _text(rows, key))
        )
        for key in keys
        if key in rows.columns
    ]
    return pl.concat_str(parts, separator="|", ignore_nulls=True) if parts else pl.lit("")


def _text(rows: pl.DataFrame, column: str) -> pl.Expr:
    value = pl.col(column)
    return text_of(value) if rows.schema[column].is_numeric() else value.cast(pl.String)
