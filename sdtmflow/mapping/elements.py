"""SE: the elements that each subject went through, from the planned arms and the dates given.

A subject's elements are those of the planned arm (before randomisation: the elements that come
before treatment in the first arm). The first element before treatment starts with informed consent
(DM.RFICDTC), the first treatment element with the first dose, the first element after treatment on
the day after the last dose. An element ends where the next one starts, the last with the end of
participation (DM.RFPENDTC). Elements whose start these dates do not give (a second treatment
period, a second element before treatment) are left out: their dates need a study's own se.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sdtmflow.mapping.days import days, extremes
from sdtmflow.mapping.identity import LINEAGE, PART, numbered
from sdtmflow.mapping.world import World
from sdtmflow.sources.raw import SITE, SOURCE, SUBJECT
from sdtmflow.study import Design

BEFORE, DURING, AFTER = "before", "during", "after"
_PLAN = {
    "ARMCD": pl.String,
    "phase": pl.String,
    "ETCD": pl.String,
    "ELEMENT": pl.String,
    "TAETORD": pl.Float64,
    "EPOCH": pl.String,
}


def subject_elements(world: World) -> pl.DataFrame:
    """One record an element begun: ETCD, ELEMENT, TAETORD, EPOCH, SESTDTC, SEENDTC."""
    design = world.plan.study.design
    plan = pl.DataFrame(list(_planned(design)) if design else [], schema=_PLAN, orient="row")
    subjects = _milestones(world)
    begun = (
        subjects.join(plan, on="ARMCD", how="inner")
        .with_columns(SESTDTC=_start())
        .filter(pl.col("SESTDTC").is_not_null())
        .sort(SUBJECT, "TAETORD")
    )
    ended = begun.with_columns(
        SEENDTC=pl.coalesce(pl.col("SESTDTC").shift(-1).over(SUBJECT), "RFPENDTC")
    )
    return numbered(ended, SUBJECT).select(
        pl.col(SUBJECT).cast(pl.String),
        *(
            pl.lit(None, pl.String).alias(name)
            for name in (SITE, *LINEAGE)
            if name not in {SOURCE, "_row"}
        ),
        pl.lit("builtin").alias(SOURCE),
        pl.lit(None, pl.Int64).alias("_row"),
        PART,
        "ETCD",
        "ELEMENT",
        "TAETORD",
        "EPOCH",
        "SESTDTC",
        "SEENDTC",
    )


def _planned(design: Design) -> Iterator[tuple[str, str, str, str, float, str]]:
    """Each arm's datable elements; arm "" holds what comes before treatment in the first arm."""
    for position, (code, arm) in enumerate(design.arms.items()):
        seen: set[str] = set()
        for order, step in enumerate(arm.elements, start=1):
            phase = _phase(step.epoch, seen)
            if phase in seen:
                continue
            seen.add(phase)
            row = (phase, step.etcd, design.elements[step.etcd].element, float(order), step.epoch)
            yield (code, *row)
            if position == 0 and phase == BEFORE:
                yield ("", *row)


def _phase(epoch: str, seen: set[str]) -> str:
    if "TREATMENT" in epoch.upper():
        return DURING
    return AFTER if DURING in seen else BEFORE


def _milestones(world: World) -> pl.DataFrame:
    """Per subject: planned arm, consent, first dose, day after the last dose, end."""
    demographics = (
        world.records["DM"]
        .frame([SUBJECT, "ARMCD", "RFICDTC", "RFPENDTC"])
        .with_columns(pl.col("ARMCD").fill_null(""))
    )
    exposure = world.records["EX"].frame([SUBJECT, "EXSTDTC", "EXENDTC"])
    doses = exposure.select(SUBJECT, "EXSTDTC", end=pl.coalesce("EXENDTC", "EXSTDTC"))
    first = extremes(doses, [SUBJECT], "EXSTDTC").select(SUBJECT, treated="first")
    last = extremes(doses, [SUBJECT], "end").select(SUBJECT, last_dose="last")
    joined = demographics.join(first, on=SUBJECT, how="left").join(last, on=SUBJECT, how="left")
    return joined.with_columns(_day_after(joined["last_dose"]).alias("after"))


def _day_after(dates: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"day": days(dates)})
    return frame.select(pl.col("day").dt.offset_by("1d").dt.strftime("%Y-%m-%d")).to_series()


def _start() -> pl.Expr:
    return (
        pl.when(pl.col("phase") == BEFORE)
        .then("RFICDTC")
        .when(pl.col("phase") == DURING)
        .then("treated")
        .when(pl.col("treated").is_not_null())
        .then(
            # Follow-up that never came is no element: participation must reach the day after.
            pl.when(pl.col("RFPENDTC").str.slice(0, 10) >= pl.col("after")).then("after")
        )
    )
