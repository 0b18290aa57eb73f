"""When an element began: its start rules read on the subjects' dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from sdtmflow.design import StartRule
from sdtmflow.mapping.design.element_rules import variables_of
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values.conditions import Column, expression, parse
from sdtmflow.mapping.values.days import days, extremes
from sdtmflow.sources.raw import SUBJECT


def before(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Whether one date or time is surely before the other, at the precision that both have."""
    length = pl.min_horizontal(one.str.len_bytes(), other.str.len_bytes())
    return one.str.slice(0, length) < other.str.slice(0, length)


def started(
    world: World,
    rules: Sequence[StartRule],
    subjects: pl.DataFrame,
    since: pl.DataFrame | None,
) -> pl.DataFrame:
    """``_subject``, ``start``: the first rule that gives a date."""
    found = subjects.select(SUBJECT, start=pl.lit(None, pl.String))
    for rule in rules:
        told = _told(world, rule, subjects, since).select(SUBJECT, told="start")
        found = found.join(told, on=SUBJECT, how="left", maintain_order="left").select(
            SUBJECT, start=pl.coalesce("start", "told")
        )
    return found


def _told(
    world: World, rule: StartRule, subjects: pl.DataFrame, since: pl.DataFrame | None
) -> pl.DataFrame:
    """``_subject``, ``start`` of the subjects whose dates the rule finds."""
    dates = pl.concat(_dates(world, rule))
    if since is not None:
        dates = dates.join(since, on=SUBJECT).filter(
            ~before(pl.col("date"), pl.col("since")).fill_null(value=False)
        )
    found = extremes(dates.select(SUBJECT, "date"), [SUBJECT], "date")
    extreme = found.select(SUBJECT, start="first" if rule.earliest else "last")
    return _counted(extreme, dates, subjects, rule.plus_days) if rule.plus_days else extreme


def _dates(world: World, rule: StartRule) -> Iterator[pl.DataFrame]:
    """``_subject``, ``date`` of the records that the rule looks at; empty where nothing is made."""
    yield pl.DataFrame(schema={SUBJECT: world.subject_type, "date": pl.String})
    for variable in rule.of:
        dataset, _, column = variable.partition(".")
        if dataset in world.records and column in world.records[dataset].columns:
            read = (name.partition(".") for name in variables_of(rule))
            frame = world.dataset(dataset, [name for place, _, name in read if place == dataset])
            kept = frame.filter(_condition(rule.where, frame)) if rule.where else frame
            yield kept.select(SUBJECT, date=pl.col(column).cast(pl.String)).drop_nulls()


def _condition(where: str, frame: pl.DataFrame) -> pl.Expr:
    def column(name: str) -> Column:
        plain = name.rpartition(".")[2]
        return Column(pl.col(plain), numeric=frame.schema[plain].is_numeric())

    return expression(parse(where), column)


def _counted(
    extreme: pl.DataFrame, dates: pl.DataFrame, subjects: pl.DataFrame, plus_days: int
) -> pl.DataFrame:
    """Whole days after the date, where no partial date may be the later one, and reached."""
    doubt = dates.join(extreme, on=SUBJECT).filter(
        (pl.col("date").str.len_bytes() < len("YYYY-MM-DD"))
        & ~before(pl.col("date"), pl.col("start")).fill_null(value=False)
    )
    sure = extreme.join(doubt.select(SUBJECT).unique(), on=SUBJECT, how="anti")
    day = pl.col("day").dt.offset_by(f"{plus_days}d").dt.strftime("%Y-%m-%d")
    counted = sure.with_columns(day=days(sure["start"])).select(SUBJECT, start=day)
    ends = subjects.select(SUBJECT, "RFPENDTC")
    return (
        counted.join(ends, on=SUBJECT)
        .filter(pl.col("RFPENDTC").str.slice(0, 10) >= pl.col("start"))
        .select(SUBJECT, "start")
    )
