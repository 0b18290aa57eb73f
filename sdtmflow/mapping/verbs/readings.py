"""Values of other records, read where they stand, as the variable here wants them."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.records.manners import by_source, manner_of, read_dates, read_numbers
from sdtmflow.mapping.spec import Constant, Lookup
from sdtmflow.mapping.values.dates import IMPOSSIBLE, UNREADABLE
from sdtmflow.mapping.values.days import may_be_extreme
from sdtmflow.mapping.verbs.work import Work
from sdtmflow.sources.raw import SOURCE, SUBJECT

_EXTREMES = {"min", "max", "earliest", "latest"}
WORDS = {
    "NUMBER_UNREADABLE": "which is no number",
    IMPOSSIBLE: "a date or time that does not exist",
    UNREADABLE: "a text that fits no date format of its source",
}


def read_there(work: Work, spec: Lookup, there: pl.DataFrame) -> pl.DataFrame:
    """The records there that have a value, with ``value``, ``rule``, ``said`` and ``rank``.

    ``rule`` is the finding of a value that cannot be read and ``said`` its text; ``rank`` sorts by
    the value as ``take`` wants it (min or max first), unreadable ones last.
    """
    if isinstance(spec.value, Constant):
        nothing = pl.lit(None, pl.String)
        value = pl.lit(str(spec.value.constant))
        return there.with_columns(value=value, rule=nothing, said=nothing, rank=pl.lit(0))
    there = there.drop_nulls(spec.values()[0])
    read = _read(work, spec, there)
    dated = spec.values()[0].endswith("DTC") or _is_dated(work, spec)
    said = pl.when(read["rule"].is_not_null()).then(pl.concat_str(spec.values(), separator=" "))
    known = there.with_columns(read["value"], read["rule"], said.alias("said"))
    return known.with_columns(_rank(known, spec, dated=dated))


def _read(work: Work, spec: Lookup, there: pl.DataFrame) -> pl.DataFrame:
    """A date where the line says so, or where raw text goes into a --DTC variable."""
    names, line, dated = spec.values(), work.line, _is_dated(work, spec)
    raw = not there.schema[names[0]].is_numeric()
    if not dated and not (line.numeric and raw and not line.matcher):
        return there.select(value=names[0], rule=pl.lit(None, pl.String))
    parts = ("date", "time")[: len(names)]
    texts = there.select(pl.col(name).alias(part) for name, part in zip(names, parts, strict=True))
    study = work.world.plan.study
    return by_source(
        texts,
        there[SOURCE],
        lambda source: manner_of(study, source, line.line),
        read_dates if dated else read_numbers,
    )


def _is_dated(work: Work, spec: Lookup) -> bool:
    line = work.line
    if spec.take in {"earliest", "latest"}:
        return bool(spec.table)
    return bool(line.line.formats) or (bool(spec.table) and line.variable.endswith("DTC"))


def _rank(there: pl.DataFrame, spec: Lookup, *, dated: bool) -> pl.Series:
    """What is wanted first has the lowest rank; partial dates last that may not be it."""
    late = spec.take in {"max", "latest"}
    key = pl.col("value").rank("dense", descending=late).cast(pl.Int64)
    if dated and spec.take in _EXTREMES:
        own = [SUBJECT] if SUBJECT in there.columns else []
        may_be = may_be_extreme(["_all", *own, *spec.match], "value")[late]
        key += (~may_be).cast(pl.Int64) * there.height
    return (
        there.with_columns(_all=0)
        .select(key.fill_null(2 * there.height + 1).alias("rank"))
        .to_series()
    )
