"""The finished datasets of a partition, and what goes with them, as files."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sdtmflow.mapping.borrowing import ORDER_STEP
from sdtmflow.mapping.identity import IDENTITY
from sdtmflow.mapping.links import links_table
from sdtmflow.mapping.long_text import shortened
from sdtmflow.mapping.plan import PlannedDomain, PlannedLine
from sdtmflow.mapping.supplemental import qualifiers
from sdtmflow.mapping.world import World


def write_dataset(world: World, domain: PlannedDomain, out: Path) -> None:
    """The domain's records in key order, their links and their supplemental qualifiers."""
    records = world.records[domain.name]
    if not records.height:
        return
    keys = [key for key in domain.keys if key not in {"STUDYID", "USUBJID"}]
    made = records.frame([*domain.columns, *IDENTITY], world.order(domain.name, keys))
    ordered, continuations = shortened(made, domain)
    _store(dataset_columns(ordered, domain, continuations), out / f"{domain.name}.parquet")
    links = [each for each in world.links if each.domain == domain.name]
    if links:
        (out / "links").mkdir(exist_ok=True)
        _store(links_table(links, records), out / "links" / f"{domain.name}.parquet")
    supplemental = qualifiers(domain, ordered, continuations)
    if supplemental.height:
        _store(supplemental, out / f"SUPP{domain.name}.parquet")


def _store(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", compression_level=1)


def dataset_columns(
    frame: pl.DataFrame, domain: PlannedDomain, continuations: tuple[PlannedLine, ...] = ()
) -> pl.DataFrame:
    """The domain's variables in the IG's order, expected ones without a line empty; lineage."""
    lines = [line for line in (*domain.lines, *continuations) if not line.supplemental]
    made = {line.column for line in lines}
    expected = {v.name: v for v in domain.facts.variables if v.core == "Exp" and v.name not in made}
    empty = [
        pl.lit(None, pl.Float64 if v.type == "Num" else pl.String).alias(name)
        for name, v in expected.items()
    ]
    orders = {line.variable: line.facts.order for line in lines} | {
        name: v.order * ORDER_STEP for name, v in expected.items()
    }
    names = sorted({*made, *expected}, key=lambda name: (orders[name], name))
    return frame.with_columns(empty).select(*names, *IDENTITY)
