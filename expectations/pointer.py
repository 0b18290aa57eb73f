"""Whether the records are there that rows of SUPP--, RELREC and CO point to (SDTMIG 8).

RDOMAIN names the dataset, IDVAR its variable, IDVARVAL the value; within a subject where USUBJID
stands. Without IDVAR all records of the subject are meant (SDTMIG 8.4.1).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sdtmflow.mapping.values.numbers import text_of

POINTS_TO = "POINTS_TO"
RECORD = "record"
_NUMBER, _VALUE = "row number", "IDVARVAL"
_SPLIT_NAME = 4
"""A part of a split domain has a name of three or four letters that begins with the domain."""


def with_pointer(rows: pl.DataFrame, tables: Path) -> pl.DataFrame:
    """The rows with ``POINTS_TO``: ``record``, or what is missing; null without RDOMAIN."""
    relation = pl.col("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL").cast(pl.String)
    numbered = rows.select(relation).with_row_index(_NUMBER)
    groups = numbered.group_by("RDOMAIN", "IDVAR", maintain_order=True)
    answers = [_answers(group, tables, domain, variable) for (domain, variable), group in groups]
    empty = pl.DataFrame(schema={_NUMBER: pl.UInt32, POINTS_TO: pl.String})
    answer = pl.concat([empty, *answers]).sort(_NUMBER)
    return rows.with_columns(answer[POINTS_TO])


def _answers(group: pl.DataFrame, tables: Path, domain: object, variable: object) -> pl.DataFrame:
    """Row number → POINTS_TO, for rows that name the same variable of the same domain."""
    if domain is None:
        return _all(group, None)
    parts = _parts(tables, str(domain))
    if not parts:
        return _all(group, "no dataset")
    having = [part for part in parts if variable is None or variable in _names(part)]
    if not having:
        return _all(group, "no variable")
    value = pl.lit(None, pl.String) if variable is None else _text(having[0], str(variable))
    columns = [name for name in ("USUBJID",) if name in _names(having[0])]
    there = pl.concat(
        [pl.read_parquet(part).select(*columns, value.alias(_VALUE)) for part in having]
    ).unique()
    on = [*(["USUBJID"] if columns else []), _VALUE]
    found = group.join(there, on=on, how="semi", nulls_equal=True)[_NUMBER]
    whole = pl.col("USUBJID").is_null() & pl.col(_VALUE).is_null()  # RELREC of whole datasets
    said = pl.when(pl.col(_NUMBER).is_in(found.implode()) | whole).then(pl.lit(RECORD))
    return group.select(_NUMBER, said.otherwise(pl.lit("no record")).alias(POINTS_TO))


def _all(group: pl.DataFrame, answer: str | None) -> pl.DataFrame:
    return group.select(_NUMBER, pl.lit(answer, pl.String).alias(POINTS_TO))


def _parts(tables: Path, domain: str) -> list[Path]:
    """The dataset of a domain, or the datasets that it is split into."""
    found = sorted(tables.glob(f"{domain}*.parquet"))
    return [path for path in found if path.stem == domain or len(path.stem) <= _SPLIT_NAME]


def _names(path: Path) -> list[str]:
    return list(pl.read_parquet_schema(path))


def _text(path: Path, variable: str) -> pl.Expr:
    kind = pl.read_parquet_schema(path)[variable]
    return text_of(pl.col(variable)) if kind.is_numeric() else pl.col(variable).cast(pl.String)
