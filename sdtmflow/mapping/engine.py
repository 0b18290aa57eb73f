"""One partition of staged tables → its SDTM datasets, findings and counts."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sdtmflow.finding import FINDINGS_SCHEMA, Stage
from sdtmflow.mapping.datasets.map_report import DomainReport, MapReport
from sdtmflow.mapping.datasets.splitting import tell_the_rest
from sdtmflow.mapping.datasets.writing import write_dataset, write_numbers
from sdtmflow.mapping.design.arms import tell_no_arms
from sdtmflow.mapping.design.calendar import unscheduled_visits
from sdtmflow.mapping.design.datasets import design_datasets
from sdtmflow.mapping.making import add_column
from sdtmflow.mapping.planning.plan import CALENDAR, RECORDS, Plan, PlannedDomain
from sdtmflow.mapping.provenance.identity import SET
from sdtmflow.mapping.records.columns import Records
from sdtmflow.mapping.records.numbering import SEQUENCE
from sdtmflow.mapping.records.problems import Problem, findings
from sdtmflow.mapping.records.records import records_of
from sdtmflow.mapping.records.staged import Staged
from sdtmflow.mapping.records.world import World


def map_partition(
    plan: Plan,
    staged: Path,
    site: str,
    out: Path,
    *,
    numbers: Path | None = None,
) -> MapReport:
    """Map the staged tables of one site.

    ``numbers`` is the folder of the --SEQ that earlier bundles gave (``numbering.py``); without it
    every subject's records are numbered from 1.

    Writes ``<DATASET>.parquet`` (variables in SDTM order, then lineage) for every dataset with
    records, ``SUPP<DOMAIN>.parquet``, ``links/<DOMAIN>.parquet`` (``links.py``),
    ``sequence/<DOMAIN>.parquet`` (the numbers given, for the next bundle), ``findings.parquet``
    and ``map.json`` into ``out``.
    """
    design = design_datasets(plan.study, plan.terminology)
    world = World(plan, Staged(staged), site, numbers=numbers, design=design)
    reports, found = [], []
    for step in plan.steps:
        if step == CALENDAR:
            world.unscheduled = unscheduled_visits(world)
        elif step.column == RECORDS:
            domain = plan.domains[step.domain]
            made = records_of(world, domain)
            world.records[domain.name] = made.records
            reports.append(DomainReport(domain.name, made.counts))
            found += [
                _findings(domain, problem, frame[problem.rows]) for problem, frame in made.told
            ]
        else:
            add_column(world, plan.domains[step.domain], step)
    for domain in plan.domains.values():
        tell_the_rest(world, domain)
    tell_no_arms(world)
    found += [
        _findings(plan.domains[name], problem, _at_fault(world.records[name], problem))
        for name, problem in world.problems
    ]
    world.staged.forget()
    write_numbers(world, out / SEQUENCE)
    world.given.clear()
    for domain in plan.domains.values():
        write_dataset(world, domain, out)
        del world.records[domain.name]
    table = _once(pl.concat([pl.DataFrame(schema=FINDINGS_SCHEMA), *found]))
    table.write_parquet(out / "findings.parquet")
    report = MapReport(site, tuple(sorted(reports, key=lambda r: r.domain)), table.height)
    report.write(out)
    return report


def _at_fault(records: Records, problem: Problem) -> pl.DataFrame:
    """The records that the problem speaks of, with all that a finding may say of them."""
    return records.frame(records.columns, problem.rows)


def _findings(domain: PlannedDomain, problem: Problem, frame: pl.DataFrame) -> pl.DataFrame:
    keys = [key for key in domain.keys if key != "STUDYID"] or ["USUBJID"]
    tables = {at: records.from_ for at, records in enumerate(domain.record_sets)}
    dataset = pl.lit(domain.name)
    if problem.stage == Stage.RAW:
        dataset = pl.col(SET).replace_strict(tables, return_dtype=pl.String)
    visit = next((name for name in ("VISIT", "raw.VISIT") if name in frame.columns), "")
    return findings(problem, frame, keys, dataset, visit)


_CELL = ("rule", "stage", "dataset", "site", "subject", "variable", "value", "file", "row")


def _once(table: pl.DataFrame) -> pl.DataFrame:
    """One finding a raw cell, however many records and domains are made from it."""
    return table.unique(_CELL, keep="first", maintain_order=True)
