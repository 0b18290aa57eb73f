"""SV: the visits that each subject made, from every dataset that has visits and the visit form."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.design.calendar import (
    numbers_in_text,
    planned_visits,
    visit_lines,
    visit_name,
)
from sdtmflow.mapping.design.subject_problems import SubjectRule, tell_subjects
from sdtmflow.mapping.design.visit_form import COLLECTED, visit_form
from sdtmflow.mapping.provenance.identity import LINEAGE, numbered
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values.days import extremes
from sdtmflow.sources.raw import ROW, SITE, SOURCE, SUBJECT

_KEY = [SUBJECT, "VISITNUM"]


def subject_visits(world: World) -> pl.DataFrame:
    """One record a visit: VISITNUM, VISIT, VISITDY, SVPRESP, COLLECTED, SVSTDTC, SVENDTC.

    A visit starts with its earliest and ends with its latest date in any dataset or on the visit
    form. SVPRESP is Y for planned visits. SVOCCUR of a planned visit is what the form says, else Y
    where there is a date; a missed visit that no form names has no record. VISITNUM is unique
    within the subject: VISIT is the planned name, else the first name that the number has.
    """
    form = _on_form(world)
    seen = pl.concat([_seen(world), *(form.select(*_KEY, "VISIT", date=d) for d in _DATES)])
    dated = extremes(seen, _KEY, "date").rename({"first": "SVSTDTC", "last": "SVENDTC"})
    names = seen.group_by(_KEY).agg(pl.col("VISIT").min())
    told = form.group_by(_KEY, maintain_order=True).agg(
        pl.col(*COLLECTED).drop_nulls().first(), pl.col(*LINEAGE).first()
    )
    visits = (
        told.select(_KEY)
        .vstack(dated.select(_KEY))
        .unique()
        .join(dated, on=_KEY, how="left")
        .join(names, on=_KEY, how="left")
        .join(told, on=_KEY, how="left")
        .join(_planned(world), on="VISITNUM", how="left")
        .with_columns(VISIT=pl.coalesce("planned", "VISIT"), SVOCCUR=_occurred())
        .sort(*_KEY)
    )
    _tell_contradictions(world, visits)
    return _as_records(visits)


_DATES = ("SVSTDTC", "SVENDTC")


def _planned(world: World) -> pl.DataFrame:
    """``VISITNUM``, ``planned`` (VISIT), ``VISITDY``, ``SVPRESP`` of the planned visits."""
    rows = [(visit.visitnum, visit.visit, visit.day, "Y") for visit in world.plan.study.visits]
    schema = {
        "VISITNUM": pl.Float64,
        "planned": pl.String,
        "VISITDY": pl.Float64,
        "SVPRESP": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row", strict=False)


def _occurred() -> pl.Expr:
    dated = pl.col("SVPRESP").is_not_null() & pl.col("SVSTDTC").is_not_null()
    return pl.coalesce("SVOCCUR", pl.when(dated).then(pl.lit("Y")))


def _as_records(visits: pl.DataFrame) -> pl.DataFrame:
    """The columns of a record set; a visit that the form names has the form's row."""
    return numbered(visits, SUBJECT).with_columns(
        pl.col(SUBJECT).cast(pl.String),
        pl.col(SOURCE).fill_null("builtin"),
        pl.lit(None, pl.String).alias(SITE),
        pl.col(ROW).cast(pl.Int64),
    )


def _seen(world: World) -> pl.DataFrame:
    schema = {
        SUBJECT: world.subject_type,
        "VISITNUM": pl.Float64(),
        "VISIT": pl.String(),
        "date": pl.String(),
    }
    parts = [pl.DataFrame(schema=pl.Schema(schema))]
    for line in visit_lines(world):
        spec = line.line.visit
        records = world.records[line.domain]
        if spec and spec.date and "VISIT" in records.columns:
            date = line.references[spec.date].column
            names = (SUBJECT, "VISITNUM", "VISIT", date)
            seen = [block.inputs(names, distinct=False)[0] for block in records.blocks]
            parts += [frame.select(SUBJECT, "VISITNUM", "VISIT", date=date) for frame in seen]
    return pl.concat(parts).filter(pl.col("VISITNUM").is_not_null())


def _on_form(world: World) -> pl.DataFrame:
    """The rows of the visit form with ``VISITNUM`` and ``VISIT``; unknown visits are told."""
    form = visit_form(world)
    planned = planned_visits(world.plan.study, form["text"])
    stated = numbers_in_text(pl.col("text"))
    number = pl.when("unscheduled").then(pl.coalesce(stated, "number"))
    named = (
        form.join(planned, on="text", how="left", maintain_order="left")
        .join(world.unscheduled, on=[SUBJECT, "day"], how="left", maintain_order="left")
        .with_columns(VISIT=pl.coalesce("VISIT", visit_name(number)))
        .with_columns(VISITNUM=pl.coalesce("VISITNUM", number))
    )
    tell_subjects(world, named.filter(pl.col("VISITNUM").is_null()), "text", _UNKNOWN)
    unreadable = named.filter(pl.col("unreadable").is_not_null())
    tell_subjects(world, unreadable, "unreadable", _UNREADABLE)
    return named.filter(pl.col("VISITNUM").is_not_null())


def _tell_contradictions(world: World, visits: pl.DataFrame) -> None:
    """Visits that the form says were missed, and that have dates."""
    missed = pl.col("SVOCCUR").str.to_uppercase().is_in(["N", "NO"])
    held = visits.filter(missed & pl.col("SVSTDTC").is_not_null())
    tell_subjects(world, held, "VISIT", _HELD)


_UNKNOWN = SubjectRule(
    rule="VISIT_UNKNOWN",
    severity=Severity.MAJOR,
    message="the visit form says '{value}', which is no planned visit and no unscheduled visit "
    "with a complete date; SV goes without it",
    query="Please check the visit '{value}' and its date on the visit form.",
    variable="VISIT",
)
_UNREADABLE = SubjectRule(
    rule="DATE_UNREADABLE",
    severity=Severity.MAJOR,
    message="the visit form says '{value}', which is no date; the visit stays without it",
    query="Please correct the date '{value}' on the visit form.",
    variable="SVSTDTC",
)
_HELD = SubjectRule(
    rule="VISIT_CONTRADICTED",
    severity=Severity.MAJOR,
    message="the visit form says that {value} did not take place, and there are dates of it",
    query="Please check whether {value} took place.",
    variable="SVOCCUR",
)
