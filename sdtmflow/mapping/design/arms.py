"""Whether a study says anything of arms at all (DM: ARM, ACTARM and why they are missing)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sdtmflow.finding import Severity, Stage
from sdtmflow.mapping.planning.plan import PlannedDomain, PlannedLine
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.records.problems import problem
from sdtmflow.mapping.records.world import World

_ARMS = ("ARMCD", "ARM")


def has_arms(world: World, domain: PlannedDomain) -> bool:
    """Whether the design has arms, or what DM's planned arm is read from was delivered."""
    design = world.plan.study.design
    if design and design.arms:
        return True
    lines = [line for name in _ARMS for line in domain.lines_of(name)]
    if any(_says_itself(line) for line in lines):
        return True
    return any(world.staged.delivered(*each) for line in lines for each in _sources(domain, line))


def tell_no_arms(world: World) -> None:
    """A finding, once, where subjects have no arm because the study does not speak of any."""
    domain = world.plan.domains.get("DM")
    height = world.records["DM"].height if domain else 0
    if domain is None or not (height and domain.lines_of("ARMNRS")) or has_arms(world, domain):
        return
    for told in problem(
        "ARM_NO_SOURCE",
        Severity.MINOR,
        "Nothing says what arms the study has: no 'design' in study.yaml, and no column that DM "
        "reads ARMCD or ARM from; the variables of arms stay empty, of all subjects",
        at=pl.int_range(height, eager=True) == 0,
        values=pl.repeat(None, height, dtype=pl.String, eager=True),
        variable="ARMCD",
        stage=Stage.SDTM,
    ):
        world.problems.append(("DM", told))


def _says_itself(line: PlannedLine) -> bool:
    """Whether the line names the arm, or takes it from another dataset than the design's."""
    lookup = line.line.lookup
    return line.line.verb in {"constant", "derive"} or bool(
        lookup and lookup.dataset not in {"", "TA"}
    )


def _sources(domain: PlannedDomain, line: PlannedLine) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Raw tables with the columns that the planned arm is read from."""
    lookup = line.line.lookup
    if lookup and lookup.table:
        yield lookup.table, lookup.values()
    read = [each.name for each in line.references.values() if each.kind == RAW]
    for records in domain.record_sets:
        yield records.from_, tuple(name for name in read if not name.startswith("_"))
