"""At which planned visits each form was filled in, as the staged rows show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from sdtmflow.mapping.design.calendar import planned_visits
from sdtmflow.mapping.planning.plan import Plan
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.sources.stage import staged_tables

UNSCHEDULED = "UNSCHEDULED"
_EVENTS = ("STUDYEVENTOID", "REDCAP_EVENT_NAME")
"""Where systems tell the visit of a form that has no field for it."""


def visits_seen(plan: Plan, staged: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """Raw table → its planned visits in order, ``UNSCHEDULED`` last; no row's other value is read.

    ``staged`` are the folders of the staged sites.
    """
    found: dict[str, set[str]] = {}
    for folder in staged:
        for table, path in staged_tables(folder):
            found.setdefault(table, set()).update(_visits(plan, table, path))
    order = [*(visit.visit for visit in plan.study.visits), UNSCHEDULED]
    return {table: tuple(name for name in order if name in seen) for table, seen in found.items()}


def _visits(plan: Plan, table: str, path: Path) -> Iterator[str]:
    rows = pl.scan_parquet(path)
    there = rows.collect_schema().names()
    for column in dict.fromkeys((*_visit_columns(plan).get(table, ()), *_EVENTS)):
        if column in there:
            texts = rows.select(pl.col(column).unique()).collect().to_series()
            visits = planned_visits(plan.study, texts)
            yield from visits["VISIT"].drop_nulls()
            yield from (UNSCHEDULED for unscheduled in visits["unscheduled"] if unscheduled)


def _visit_columns(plan: Plan) -> Mapping[str, set[str]]:
    """Raw table → the columns that say the visit."""
    found: dict[str, set[str]] = {}
    for domain in plan.domains.values():
        for line in domain.lines:
            spec = line.line.visit
            reference = line.references.get(spec.collected or "") if spec else None
            if reference is None or reference.kind != RAW:
                continue
            for at, records in enumerate(domain.record_sets):
                if line.record_set in {None, at}:
                    found.setdefault(records.from_, set()).add(reference.name)
    return found
