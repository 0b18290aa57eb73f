"""The form on which a site says which visits took place: the raw table ``sv`` on CDASH names.

It adds to SV what the dates of other datasets cannot tell: a planned visit that was missed
(SVOCCUR N) and why (SVREASOC), what an unscheduled visit was for (SVUPDES), how contact was made
(SVCNTMOD), and dates of its own (SVSTDAT, SVENDAT, or VISDAT for a visit of one day).
"""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.planning.plan import VISIT_FORM, VISIT_FORM_COLUMNS
from sdtmflow.mapping.provenance.identity import LINEAGE
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values import dates
from sdtmflow.mapping.values.date_formats import dates_of, times_of
from sdtmflow.mapping.values.days import days
from sdtmflow.sources.raw import SOURCE, SUBJECT

COLLECTED = ("SVOCCUR", "SVREASOC", "SVCNTMOD", "SVEPCHGI", "SVUPDES")
"""What goes into SV as it was collected."""


def visit_form(world: World) -> pl.DataFrame:
    """``_subject``, lineage, ``text`` (the visit), ``day``, SVSTDTC, SVENDTC, COLLECTED.

    ``unreadable`` holds the first date text of the row that is no date. No rows where the plan
    makes no SV from visits.
    """
    sent = world.staged.table(VISIT_FORM, VISIT_FORM_COLUMNS)
    if VISIT_FORM not in world.plan.raw_columns():
        sent = sent.clear()
    whole = sent.with_columns(
        pl.col(SUBJECT).cast(world.subject_type, strict=False),
        start=pl.coalesce("SVSTDAT", "VISDAT"),
        end=pl.coalesce("SVENDAT", "SVSTDAT", "VISDAT"),
    ).filter(pl.col(SUBJECT).is_not_null() & pl.col("VISIT").is_not_null())
    start = _read(world, whole, "start", "SVSTTIM")
    end = _read(world, whole, "end", "SVENTIM")
    return whole.select(
        SUBJECT, *LINEAGE, *COLLECTED, text="VISIT", SVSTDTC=start["iso"], SVENDTC=end["iso"]
    ).with_columns(
        day=days(start["iso"]),
        unreadable=start["unreadable"].zip_with(
            start["unreadable"].is_not_null(), end["unreadable"]
        ),
    )


def _read(world: World, sent: pl.DataFrame, date: str, time: str) -> pl.DataFrame:
    """Row for row ``iso`` and ``unreadable``, each source's dates in its own formats."""
    parts = [
        _read_source(world, str(source), group, date, time)
        for (source,), group in sent.with_row_index("at").group_by([SOURCE], maintain_order=True)
    ]
    empty = pl.DataFrame(schema={"at": pl.UInt32, "iso": pl.String, "unreadable": pl.String})
    return pl.concat([empty, *parts]).sort("at")


def _read_source(
    world: World, source: str, group: pl.DataFrame, date: str, time: str
) -> pl.DataFrame:
    declared = world.plan.study.sources.get(source)
    formats = declared.dates if declared else []
    cutoff = declared.year_cutoff if declared else None
    day = dates.read(group[date], dates_of(formats), (), cutoff)
    clock = dates.read(group[time], times_of(formats))
    wrong = pl.when(day["problem"].is_not_null()).then(group[date])
    wrong_time = pl.when(clock["problem"].is_not_null()).then(group[time])
    iso = dates.joined(day, clock).alias("iso")
    return group.select("at", iso, unreadable=pl.coalesce(wrong, wrong_time))
