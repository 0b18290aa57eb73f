"""The datasets that a domain's records are split into (SDTMIG 4.1.7)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sdtmflow.finding import Severity, Stage
from sdtmflow.mapping.planning.plan import PlannedDomain
from sdtmflow.mapping.records.problems import problem
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values.conditions import Column, expression, names, parse


def split(world: World, domain: PlannedDomain, order: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """Each dataset of the domain that has records, with their positions in the ``order`` given."""
    if not domain.parts:
        yield domain.name, order
        return
    ordered = _belongs(world, domain).gather(order)
    for at, name in enumerate(domain.datasets):
        positions = order.filter(ordered == at)
        if len(positions):
            yield name, positions


def tell_the_rest(world: World, domain: PlannedDomain) -> None:
    """Records that none of the datasets takes stay in one with the domain's name: a finding."""
    if not (domain.parts and world.records[domain.name].height):
        return
    rest = _belongs(world, domain) == len(domain.parts)
    for told in problem(
        "SPLIT_REST",
        Severity.MINOR,
        f"The record is in none of {', '.join(part.name for part in domain.parts)}; it stays in "
        f"{domain.name}",
        at=rest,
        values=pl.repeat(None, len(rest), dtype=pl.String, eager=True),
        variable="DOMAIN",
        stage=Stage.SDTM,
    ):
        world.problems.append((domain.name, told))


def _belongs(world: World, domain: PlannedDomain) -> pl.Series:
    """The position in ``domain.datasets`` of each record's dataset."""
    records = world.records[domain.name]
    conditions = [parse(each.part.where) for each in domain.parts]
    read = [name for condition in conditions for name in names(condition)]
    frame = records.frame(["STUDYID", *read])
    number = pl.lit(len(conditions))
    for at, condition in reversed([*enumerate(conditions)]):
        holds = expression(
            condition, lambda name: Column(pl.col(name), numeric=frame.schema[name].is_numeric())
        )
        number = pl.when(holds).then(pl.lit(at)).otherwise(number)
    return frame.select(number.alias("dataset").cast(pl.Int32)).to_series()
