"""SV: the visits that each subject made, from every dataset that has visits."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.calendar import visit_lines
from sdtmflow.mapping.days import extremes
from sdtmflow.mapping.identity import LINEAGE, numbered
from sdtmflow.mapping.world import World
from sdtmflow.sources.raw import ROW, SITE, SOURCE, SUBJECT


def subject_visits(world: World) -> pl.DataFrame:
    """One record a visit: VISITNUM, VISIT, VISITDY, SVPRESP, SVOCCUR, SVSTDTC, SVENDTC.

    A visit starts with its earliest and ends with its latest date in any dataset. SVPRESP and
    SVOCCUR are Y for planned visits and missing for unscheduled ones.
    """
    by = [SUBJECT, "VISITNUM", "VISIT"]
    seen = _seen(world)
    dated = extremes(seen, by, "date").rename({"first": "SVSTDTC", "last": "SVENDTC"})
    planned = {visit.visitnum: visit.day for visit in world.plan.study.visits}
    known = pl.DataFrame(
        {"VISITNUM": list(planned), "VISITDY": list(planned.values())},
        schema={"VISITNUM": pl.Float64, "VISITDY": pl.Float64},
        strict=False,
    ).with_columns(SVPRESP=pl.lit("Y"), SVOCCUR=pl.lit("Y"))
    visits = dated.join(known, on="VISITNUM", how="left").sort(SUBJECT, "VISITNUM", "VISIT")
    return numbered(visits, SUBJECT).with_columns(
        pl.col(SUBJECT).cast(pl.String),
        pl.lit(None, pl.Int64).alias(ROW),
        pl.lit("builtin").alias(SOURCE),
        *(
            pl.lit(None, pl.String).alias(name)
            for name in (SITE, *LINEAGE)
            if name not in {ROW, SOURCE}
        ),
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
    return pl.concat(parts).filter(pl.col("VISITNUM").is_not_null()).unique()
