"""The records that findings speak of, found again in the tables of the run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from sdtmflow.finding import Stage
from sdtmflow.mapping.values.numbers import text_of
from sdtmflow.sources.raw import FILE, PLACE, ROW, SITE

_NAMED = re.compile(r"(?:^|\|)([A-Z][A-Z0-9_]*)=")
_TOLD_APART = r"\|#\d+$"
_AT = pl.Schema({"fingerprint": pl.String(), "table": pl.UInt32(), "place": pl.UInt32()})
RAW_TABLE = "_raw_table"
PRIVACY = "PRIVACY_"
"""Rules of this beginning report values that identify people."""
WITHHELD = "[withheld: identifies a person]"
"""Stands for such a value: the report of an identifier must not spread it."""
_TABLE_ROW = "_table_row"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that findings may speak of.

    ``rows`` has the columns of ``variables`` and what says where a row comes from: ``_file`` (the
    name as sent) and ``_row``; a raw table (stage raw) ``_site`` and ``_place`` too, an SDTM
    dataset ``RAW_TABLE``, the raw table whose row it was made from.
    """

    stage: Stage
    name: str
    title: str
    rows: pl.LazyFrame
    variables: tuple[tuple[str, str], ...]
    """Name and label, in the order to show."""


@dataclass(frozen=True, slots=True)
class RecordTable:
    """The records of a table that findings speak of."""

    title: str
    variables: tuple[tuple[str, str], ...]
    rows: pl.DataFrame
    """The variables as text, and ``_place``."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a run's findings.

    ``at`` says for ``fingerprint`` which of ``tables`` (``table``), and which row of it
    (``place``); a finding without a record is not in it.
    """

    tables: tuple[RecordTable, ...] = ()
    at: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_AT))


def find_records(findings: pl.DataFrame, tables: Sequence[Table]) -> Records:
    """The records of each finding: the one it speaks of, and of an SDTM record its raw source.

    A raw record is found by site, file and row, an SDTM record by the keys in ``record_key``.
    Raw values that a finding says to identify a person are withheld. ``findings`` has the columns
    of ``FINDINGS_SCHEMA``.
    """
    found = [
        _found(table, _sdtm_matches(table, findings))
        for table in tables
        if table.stage is Stage.SDTM
    ]
    raw = findings.filter(stage=Stage.RAW.value)
    speaks = raw.select("fingerprint", "site", "file", "row", table="dataset")
    made_from = [_sources(each, findings) for each in found]
    sought = pl.concat([speaks, *made_from]).filter(pl.col("row") > 0)
    found += [
        _found(table, _raw_matches(table, sought.filter(table=table.name)))
        for table in tables
        if table.stage is Stage.RAW
    ]
    found = [each for each in found if each.places.height]
    at = [
        each.places.select("fingerprint", table=pl.lit(number), place="place").cast(_AT)
        for number, each in enumerate(found)
    ]
    shown = tuple(
        RecordTable(each.table.title, each.table.variables, _shown(each, findings))
        for each in found
    )
    return Records(shown, pl.concat([pl.DataFrame(schema=_AT), *at]))


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of a table that are wanted; ``places``: ``fingerprint`` and ``place`` in them."""

    table: Table
    rows: pl.DataFrame
    places: pl.DataFrame


def _found(table: Table, matches: Iterable[pl.DataFrame]) -> _Found:
    """A finding whose keys are those of several rows gets the first of them."""
    places = pl.concat([_NONE, *matches]).sort(_TABLE_ROW, maintain_order=True)
    places = places.unique("fingerprint", keep="first", maintain_order=True)
    wanted = places.select(_TABLE_ROW).unique().sort(_TABLE_ROW)
    numbered = table.rows.with_row_index(_TABLE_ROW)
    rows = wanted.lazy().join(numbered, on=_TABLE_ROW, how="left", maintain_order="left").collect()
    placed = places.join(wanted.with_row_index("place"), on=_TABLE_ROW, maintain_order="left")
    return _Found(table, rows, placed)


def _sources(found: _Found, findings: pl.DataFrame) -> pl.DataFrame:
    """The raw rows of SDTM records: ``fingerprint``, ``site``, ``file``, ``row``, ``table``."""
    rows = found.rows.select(RAW_TABLE, FILE, ROW).with_row_index("place")
    return (
        found.places.join(rows, on="place", maintain_order="left")
        .join(findings.select("fingerprint", "site"), on="fingerprint", maintain_order="left")
        .select("fingerprint", "site", file=FILE, row=pl.col(ROW).cast(pl.Int64), table=RAW_TABLE)
    )


_NONE = pl.DataFrame(schema={"fingerprint": pl.String(), _TABLE_ROW: pl.UInt32()})


def _raw_matches(table: Table, sought: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """A finding of a whole file (row 0) speaks of no record."""
    keys = {"site": SITE, "file": FILE, "row": ROW}
    by_place = table.rows.with_row_index(_TABLE_ROW).select(*keys.values(), _TABLE_ROW)
    named = sought.lazy().rename(keys)
    yield named.join(by_place, on=list(keys.values())).select(_NONE.columns).collect()


def _sdtm_matches(table: Table, findings: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Findings whose keys name the same variables are sought together."""
    of_table = findings.filter(stage=table.stage.value, dataset=table.name)
    columns = table.rows.collect_schema()
    keys = of_table.select("fingerprint", key=pl.col("record_key").str.replace(_TOLD_APART, ""))
    named = keys.with_columns(names=pl.col("key").map_elements(_names, return_dtype=pl.String))
    for (names,), sought in sorted(named.partition_by("names", as_dict=True).items()):
        variables = str(names).split("|")
        if set(variables) <= set(columns):
            keyed = table.rows.with_row_index(_TABLE_ROW).select(
                _TABLE_ROW, key=_key(variables, columns)
            )
            yield sought.lazy().join(keyed, on="key").select(_NONE.columns).collect()


def _names(key: str) -> str:
    return "|".join(_NAMED.findall(key))


def _key(variables: Sequence[str], columns: pl.Schema) -> pl.Expr:
    parts = [
        pl.concat_str(pl.lit(f"{name}="), _text(name, columns[name]).fill_null(""))
        for name in variables
    ]
    return pl.concat_str(parts, separator="|")


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    return text_of(pl.col(name)) if kind.is_numeric() else pl.col(name).cast(pl.String)


def _shown(found: _Found, findings: pl.DataFrame) -> pl.DataFrame:
    """The variables as text, and ``_place``; an SDTM record has its place with its source."""
    rows, table = found.rows, found.table
    texts = {name: _text(name, rows.schema[name]) for name, _ in table.variables}
    if table.stage is not Stage.RAW:
        return rows.select(pl.lit("").alias(PLACE), **texts)
    hidden = _identifying(findings.filter(dataset=table.name))
    shown = {
        name: pl.when(hidden[name] & text.is_not_null()).then(pl.lit(WITHHELD)).otherwise(text)
        if name in hidden
        else text
        for name, text in texts.items()
    }
    return rows.select(pl.col(PLACE).fill_null(""), **shown)


def _identifying(findings: pl.DataFrame) -> dict[str, pl.Expr]:
    """Which values a finding says to identify a person: a site's column, or a single value of it.

    By column, a test of a raw row.
    """
    found = findings.filter(pl.col("rule").str.starts_with(PRIVACY), pl.col("variable") != "")
    row = pl.concat_str(SITE, FILE, ROW, separator="\x1f")
    tests = {}
    for (name,), of_column in found.partition_by("variable", as_dict=True).items():
        whole = of_column.filter(row=0)["site"].to_list()
        single = of_column.select(pl.concat_str("site", "file", "row", separator="\x1f"))
        tests[str(name)] = pl.col(SITE).is_in(whole) | row.is_in(single.to_series().to_list())
    return tests
