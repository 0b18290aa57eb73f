"""Many rows of a subject → one, column by column as the spec says."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.provenance.identity import LINEAGE, PART
from sdtmflow.mapping.records.manners import by_source, manner_of, read_dates, read_numbers
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.records.sorting import order
from sdtmflow.mapping.spec import Collapse, Joined
from sdtmflow.mapping.values.dates import IMPOSSIBLE, UNREADABLE
from sdtmflow.mapping.values.days import may_be_extreme
from sdtmflow.sources.raw import SITE, SOURCE, SUBJECT
from sdtmflow.study import Study

_WORDS = {
    "NUMBER_UNREADABLE": "no number",
    IMPOSSIBLE: "a date or time that does not exist",
    UNREADABLE: "a text that fits no date format of its source",
}
_DATED = {"earliest", "latest"}
_LEAST = {"min", "earliest"}


@dataclass(frozen=True, slots=True)
class Collapsed:
    """One row a group, in the order of their first rows, and what is wrong: with which rows."""

    rows: pl.DataFrame
    told: tuple[tuple[tuple[Problem, ...], pl.DataFrame], ...]


def collapsed(study: Study, frame: pl.DataFrame, spec: Collapse) -> Collapsed:
    """Rows with a subject → one row per subject and ``by``, with the lineage of its first row."""
    ordered = frame[order(frame, spec.order)] if spec.order else frame
    by = [SUBJECT, *spec.by]
    fixed = {*by, SITE, *LINEAGE, PART}
    others = [name for name in frame.columns if name not in fixed]
    compared = [name for name in others if spec.columns.get(name) in {"min", "max", *_DATED}]
    told = []
    for name in compared:
        dated = spec.columns[name] in _DATED
        read = _read(study, ordered, name, dated=dated)
        told.append((_unreadable(ordered[name], read["rule"], name), ordered))
        values = ordered.select(by).with_columns(read["value"])
        rank = _rank(values, by, str(spec.columns[name]))
        ordered = ordered.with_columns(rank.alias(f"{name}\x1f"))
    groups = ordered.group_by(by, maintain_order=True).agg(
        *(pl.col(name).first() for name in frame.columns if name in fixed - set(by)),
        *(_taken(name, spec).alias(name) for name in others),
        *(_different(name).alias(f"{name}\x1e") for name in others),
    )
    agreeing = [name for name in others if spec.columns.get(name, "only") == "only"]
    told += [(_differing(groups, name), groups) for name in agreeing]
    rows = groups.select(frame.columns)
    return Collapsed(rows, tuple((found, where) for found, where in told if found))


def _taken(name: str, spec: Collapse) -> pl.Expr:
    """What a group's rows have in a column, brought together."""
    how, there = spec.columns.get(name, "only"), pl.col(name).drop_nulls()
    if isinstance(how, Joined):
        joined = there.unique(maintain_order=True).str.join(how.join)
        return pl.when(there.len() > 0).then(joined)
    if how == "count":
        return there.len().cast(pl.String)
    if how == "only":
        return pl.when(there.n_unique() == 1).then(there.first())
    if how in {"first", "last"}:
        return there.first() if how == "first" else there.last()
    rank = pl.col(f"{name}\x1f")
    return pl.col(name).filter(rank == rank.min()).first()


def _different(name: str) -> pl.Expr:
    """The texts of a group that are not one, as a finding shows them."""
    different = pl.col(name).drop_nulls().unique(maintain_order=True)
    return pl.when(different.len() > 1).then(different.str.join(", "))


def _read(study: Study, frame: pl.DataFrame, name: str, *, dated: bool) -> pl.DataFrame:
    texts = frame.select(date=name)
    read = read_dates if dated else read_numbers
    return by_source(texts, frame[SOURCE], lambda source: manner_of(study, source), read)


def _rank(values: pl.DataFrame, by: list[str], how: str) -> pl.Series:
    """The lowest for what is asked for: the least (or greatest) ``value`` of a group.

    Null for what cannot be compared, and for partial dates that may not be it.
    """
    key = pl.col("value").rank("dense", descending=how not in _LEAST).cast(pl.Int64)
    if how in _DATED:
        key = pl.when(may_be_extreme(by, "value")[how not in _LEAST]).then(key)
    return values.select(key).to_series()


def _unreadable(texts: pl.Series, rules: pl.Series, name: str) -> tuple[Problem, ...]:
    found: tuple[Problem, ...] = ()
    for rule, words in _WORDS.items():
        found += problem(
            rule,
            Severity.MAJOR,
            f"{name} says '{{value}}', {words}; it is left out when rows are brought together",
            at=rules == rule,
            values=texts,
            variable=name,
            query=f"Please correct {name}: '{{value}}' is {words}.",
        )
    return found


def _differing(groups: pl.DataFrame, name: str) -> tuple[Problem, ...]:
    return problem(
        "ROWS_DIFFER",
        Severity.MAJOR,
        f"the rows that become one record differ in {name} ({{value}}); it stays missing",
        at=groups[f"{name}\x1e"].is_not_null(),
        values=groups[f"{name}\x1e"],
        variable=name,
        query=f"Please check {name}: these records should agree.",
    )
