"""The visits of the partition's subjects: planned by name, unscheduled by date."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sdtmflow.mapping.design.visit_form import visit_form
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values.days import days
from sdtmflow.mapping.values.numbers import number_of, text_of
from sdtmflow.study import Study

VISIT_TYPES = {"VISIT": pl.String(), "VISITNUM": pl.Float64(), "VISITDY": pl.Float64()}
_UNSCHEDULED = r"(?i)^UN(SCHED|PLAN)"
_STEP = 100
"""The first unscheduled visit after visit 2 is 2.01."""


def planned_visits(study: Study, texts: pl.Series) -> pl.DataFrame:
    """Each distinct text: ``VISIT``, ``VISITNUM``, ``VISITDY``, and whether it is ``unscheduled``.

    A text names a planned visit by its name or one of its ``collected`` texts, in any letter case.
    """
    rows: dict[str, tuple[str | None, float | None, float | None]] = {}
    for visit in study.visits:
        day = None if visit.day is None else float(visit.day)
        for name in (visit.visit, *visit.collected):
            rows.setdefault(name.casefold(), (visit.visit, visit.visitnum, day))
    distinct = texts.drop_nulls().unique(maintain_order=True)
    found = [rows.get(text.casefold(), (None, None, None)) for text in distinct]
    frame = pl.DataFrame(found, schema=VISIT_TYPES, orient="row").insert_column(
        0, distinct.alias("text")
    )
    is_free = pl.col("VISITNUM").is_null() & pl.col("text").str.contains(_UNSCHEDULED)
    return frame.with_columns(unscheduled=is_free)


def visits_by_window(study: Study, study_days: pl.Series) -> pl.DataFrame:
    """Row for row ``VISIT``, ``VISITNUM``, ``VISITDY`` of the visit in whose window the day lies.

    Of several windows the one whose planned day is nearest, else the earlier visit.
    """
    day = pl.col("day")
    best: dict[str, pl.Expr] = {name: pl.lit(None, dtype) for name, dtype in VISIT_TYPES.items()}
    nearest = pl.lit(None, pl.Float64)
    for visit in sorted(study.visits, key=lambda visit: visit.visitnum or 0):
        if visit.window is None:
            continue
        planned = sum(visit.window) / 2 if visit.day is None else float(visit.day)
        apart = (day - planned).abs()
        better = day.is_between(*visit.window) & (nearest.is_null() | (apart < nearest))
        nearest = pl.when(better).then(apart).otherwise(nearest)
        values = {"VISIT": visit.visit, "VISITNUM": visit.visitnum, "VISITDY": visit.day}
        best = {
            name: pl.when(better).then(pl.lit(values[name], dtype)).otherwise(best[name])
            for name, dtype in VISIT_TYPES.items()
        }
    distinct = pl.DataFrame({"day": study_days.cast(pl.Float64)}).unique()
    found = distinct.with_columns(**best)
    days = pl.DataFrame({"day": study_days.cast(pl.Float64)})
    return days.join(found, on="day", how="left", nulls_equal=True, maintain_order="left").drop(
        "day"
    )


def numbers_in_text(text: pl.Expr) -> pl.Expr:
    """The number that ends the text of an unscheduled visit: ``Unscheduled 3.1`` → 3.1.

    It stands alone: REDCap's ``unscheduled_arm_1`` names an arm, not a visit.
    """
    return number_of(text.str.extract(r"\s(\d+(?:\.\d+)?)\s*$"))


def visit_name(number: pl.Expr) -> pl.Expr:
    """VISIT of an unscheduled visit by its VISITNUM."""
    return pl.concat_str(pl.lit("UNSCHEDULED "), text_of(number))


def unscheduled_visits(world: World) -> pl.DataFrame:
    """``_subject``, ``day`` → ``number`` of every unscheduled visit without a number of its own.

    The number is that of the subject's last planned visit begun on or before the day (over all
    domains) plus 0.01, 0.02, … for each unscheduled day since.
    """
    seen = _seen(world)
    planned = planned_visits(world.plan.study, seen["text"])
    visits = seen.join(planned, on="text", how="left").filter(pl.col("day").is_not_null())
    stated = numbers_in_text(pl.col("text"))
    free = (
        visits.filter(pl.col("unscheduled") & stated.is_null()).select("_subject", "day").unique()
    )
    starts = visits.filter(pl.col("VISITNUM").is_not_null()).group_by("_subject", "VISITNUM")
    begun = starts.agg(pl.col("day").min()).sort("day", "VISITNUM")
    placed = free.sort("day", "_subject").join_asof(
        begun, on="day", by="_subject", check_sortedness=False
    )
    base = pl.col("VISITNUM").fill_null(0.0)
    rank = pl.col("day").rank("dense").over("_subject", base)
    return placed.select("_subject", "day", number=((base * _STEP + rank) / _STEP).round(2))


def _seen(world: World) -> pl.DataFrame:
    """Visit texts with their days: ``_subject``, ``text``, ``day``.

    Only of subjects with an unscheduled visit; of the others nobody asks.
    """
    schema = {"_subject": world.subject_type, "text": pl.String(), "date": pl.String()}
    parts = [pl.DataFrame(schema=pl.Schema(schema))]
    for line in visit_lines(world):
        spec, records = line.line.visit, world.records[line.domain]
        if spec and spec.date and spec.collected:
            text, date = (line.references[name].column for name in (spec.collected, spec.date))
            parts += [
                block.inputs(("_subject", text, date), distinct=False)[0].select(
                    "_subject", text=text, date=date
                )
                for block in records.blocks
            ]
    form = visit_form(world)
    parts.append(form.select("_subject", "text", date="SVSTDTC"))
    free = [part.filter(pl.col("text").str.contains(_UNSCHEDULED))["_subject"] for part in parts]
    asked = pl.concat(free).unique().implode()
    seen = pl.concat(part.filter(pl.col("_subject").is_in(asked)).unique() for part in parts)
    return seen.select("_subject", "text", day=days(seen["date"])).unique()


def visit_lines(world: World) -> Iterator[PlannedLine]:
    """The VISITNUM lines of all domains."""
    for domain in world.plan.domains.values():
        for line in domain.lines:
            if line.line.visit and line.line.visit.give == "VISITNUM":
                yield line
