"""EX from EC: the doses that were collected as given (SDTMIG 3.4, 6.1.3)."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.planning.ordering import NOT_GIVEN
from sdtmflow.mapping.provenance.identity import LINEAGE, PART, identified
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values.numbers import text_of
from sdtmflow.sources.raw import SITE, SUBJECT


def collected_exposure(world: World) -> pl.DataFrame:
    """The records of EC but for doses not given or only scheduled; EC's variables as text."""
    if "EC" not in world.records:
        nothing = pl.DataFrame(schema=dict.fromkeys((SITE, SUBJECT), pl.String()))
        return identified(nothing).select(SITE, SUBJECT, *LINEAGE, PART)
    records = world.records["EC"]
    columns = [name for name in world.plan.domains["EC"].columns if name in records.columns]
    frame = records.frame([SUBJECT, *LINEAGE, PART, *columns])
    not_given = [pl.col(name) == NOT_GIVEN[name] for name in NOT_GIVEN if name in columns]
    given = ~pl.any_horizontal(pl.lit(value=False), *not_given).fill_null(value=False)
    return frame.filter(given).select(
        pl.lit(None, pl.String).alias(SITE),
        pl.col(SUBJECT).cast(pl.String),
        *LINEAGE,
        PART,
        *(_text(frame, name) for name in columns),
    )


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    return text_of(pl.col(name)).alias(name) if frame.schema[name].is_numeric() else pl.col(name)
