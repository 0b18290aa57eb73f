"""What a run has looked at, from what it was made of: findings elsewhere are not resolved."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sdtmflow.finding import Stage
from sdtmflow.mapping import Plan
from sdtmflow.mapping.planning.plan import BUILTIN
from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.sites import SitesMade
from sdtmflow.register import Looked, Unseen
from sdtmflow.report import NotChecked

_BESIDE = {"findings", "quarantine"}
"""Parquet files that lie beside staged tables and are none."""


def looked_at(
    run: Run,
    deliveries: Deliveries,
    sites: SitesMade,
    not_checked: Collection[NotChecked],
    rules: Collection[str],
) -> Looked:
    """What ``run`` has looked at; ``rules`` are those of the study's own suites."""
    lacking = {gap.site for gap in deliveries.gaps if gap.used == "nothing"}
    whole = set(sites.mapped) - lacking
    tables = {site: _tables(run, sites, site) for site in sorted(whole)}
    unseen = [
        *(Unseen(gap.stage, gap.site, gap.table, gap.rule) for gap in _skipped(not_checked)),
        *_unmapped(plan_of(run), tables),
    ]
    if "" in lacking:  # a study-wide source: datasets lack its records
        unseen.append(Unseen(stage=Stage.SDTM.value))
    return Looked(
        sites=frozenset(whole),
        study_wide=not run.limited and whole == set(run.study.sites) and "" not in lacking,
        package=not run.limited,
        unseen=tuple(unseen),
        delivered=frozenset((site, table) for site in tables for table in tables[site]),
        rules=frozenset(rules),
    )


def _skipped(not_checked: Collection[NotChecked]) -> Iterator[NotChecked]:
    """Without raw tables that no suite names: other steps look at them all the same."""
    for gap in not_checked:
        if gap.rule or gap.reason != NotChecked.UNNAMED:
            yield gap


def _unmapped(plan: Plan, tables: dict[str, set[str]]) -> Iterator[Unseen]:
    """The datasets of each site for which it has delivered none of the tables they come from."""
    for domain in plan.domains.values():
        read = {each.from_ for each in domain.record_sets if not each.from_.startswith(BUILTIN)}
        names = [name for each in domain.datasets for name in (each, f"SUPP{each}")]
        for site, delivered in tables.items():
            if read and not read & delivered:
                yield from (Unseen(Stage.SDTM.value, site, name) for name in names)


def _tables(run: Run, sites: SitesMade, site: str) -> set[str]:
    folder = run.workspace.path(sites.staged[site])
    return {path.stem for path in folder.glob("*.parquet")} - _BESIDE
