"""Partitions → the study's datasets, sorted, with their metadata."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from sdtmflow.dataset import CLASSES, Dataset
from sdtmflow.mapping.datasets.codelists import Codelists
from sdtmflow.mapping.datasets.long_text import in_place
from sdtmflow.mapping.datasets.metadata import Describer, write_datasets
from sdtmflow.mapping.datasets.own_names import own_names
from sdtmflow.mapping.datasets.supplemental import KEYS as SUPPLEMENTAL_KEYS
from sdtmflow.mapping.design.datasets import design_datasets
from sdtmflow.mapping.design.places import design_places
from sdtmflow.mapping.planning.plan import DESIGN_DATASETS, Plan
from sdtmflow.mapping.provenance.identity import IDENTITY, identified, numbered
from sdtmflow.mapping.provenance.rules import RULES, rules_of, write_rules
from sdtmflow.mapping.records.sorting import order
from sdtmflow.sources.raw import PLACE


def assemble(plan: Plan, partitions: Sequence[Path], out: Path) -> tuple[Dataset, ...]:
    """Put the partitions together in the order of the natural keys.

    Writes ``<DATASET>.parquet`` for every dataset that has records, its lineage row for row in
    ``lineage/<DATASET>.parquet`` with ``lineage/links/<DATASET>.parquet`` and
    ``lineage/rules.json`` beside it, and ``datasets.json``. Permissible variables that hold nothing
    in the whole study are left out, but for study days whose dates stay. Datasets stand in the
    order of their classes.
    """
    links = out / "lineage" / "links"
    links.mkdir(parents=True)
    write_rules(rules_of(plan), out / "lineage" / RULES)
    for name in plan.domains:
        parts = [pl.scan_parquet(path) for path in _parts(f"links/{name}", partitions)]
        if parts:
            pl.concat(parts).sink_parquet(links / f"{name}.parquet", mkdir=False)
    names = _names(plan, partitions)
    for name in names:
        data = _gathered(plan, name, partitions)
        data = data.select(*_kept(plan, name, data), *IDENTITY)
        data.drop(IDENTITY).sink_parquet(out / f"{name}.parquet", mkdir=False)
        data.select(IDENTITY).sink_parquet(out / "lineage" / f"{name}.parquet", mkdir=False)
    made = (out, out / "lineage")
    describer = Describer(
        plan, Codelists(plan.terminology, own_names(out, names), plan.study.standards)
    )
    assembled = tuple(
        describer.described(name, *(pl.scan_parquet(place / f"{name}.parquet") for place in made))
        for name in names
    )
    write_datasets(assembled, out / "datasets.json")
    return assembled


def _names(plan: Plan, partitions: Sequence[Path]) -> list[str]:
    """The datasets that have records, by class and name."""
    design = design_datasets(plan.study, plan.terminology)
    found = {name for name, frame in design.items() if frame.height}
    own = [name for domain in plan.domains.values() for name in domain.datasets]
    possible = (*own, *(f"SUPP{name}" for name in own))
    found |= {name for name in possible if any(_parts(name, partitions))}
    return sorted(found, key=lambda name: (CLASSES.index(plan.facts_of(name).cls), name))


def _parts(name: str, partitions: Sequence[Path]) -> Iterator[Path]:
    return (path for part in partitions if (path := part / f"{name}.parquet").is_file())


def _gathered(plan: Plan, name: str, partitions: Sequence[Path]) -> pl.LazyFrame:
    """All records in key order.

    Partitions hold whole subjects, so mostly it is enough to put them one behind the other; only
    where their subjects interleave are the records sorted again.
    """
    if name in DESIGN_DATASETS:
        return _made_by_design(plan, name)
    scans = [pl.scan_parquet(path) for path in _parts(name, partitions)]
    spans = sorted((*_span(scan), position) for position, scan in enumerate(scans))
    parts = [scans[position] for *_, position in spans]
    ordered: pl.LazyFrame = pl.concat(parts, how="diagonal")  # COVAL1 may be in some only
    if all(before[1] < after[0] for before, after in itertools.pairwise(spans)):
        return ordered
    frame = ordered.collect()
    return frame[order(frame, _keys(plan, name))].lazy()


def _made_by_design(plan: Plan, name: str) -> pl.LazyFrame:
    """A trial design dataset: its records are numbered, and say where they are written."""
    frame = design_datasets(plan.study, plan.terminology)[name]
    places = design_places(plan.study, plan.place, name, frame).alias(PLACE)
    return identified(numbered(frame.with_columns(places))).lazy()


def _span(scan: pl.LazyFrame) -> tuple[str, str]:
    """First and last subject of a partition."""
    subject = pl.col("USUBJID")
    ends = scan.select(first=subject.min(), last=subject.max()).collect()
    return ends["first"].item(), ends["last"].item()


def _keys(plan: Plan, name: str) -> tuple[str, ...]:
    domain = plan.domain_of(name)
    return SUPPLEMENTAL_KEYS if name.startswith("SUPP") or not domain else domain.keys


def _kept(plan: Plan, name: str, data: pl.LazyFrame) -> list[str]:
    """The dataset's variables without the permissible ones that nowhere hold a value."""
    names = [column for column in data.collect_schema().names() if column not in IDENTITY]
    counts = data.select(pl.col(names).count()).collect().row(0, named=True)
    facts = plan.facts_of(name)
    wanted = {variable.name for variable in facts.variables if variable.core != "Perm"}
    stays = {name for name in names if counts[name] or name in wanted}
    return in_place([name for name in names if name in stays or _dated(name) in stays])


def _dated(name: str) -> str:
    """The date that a study day counts: where it is submitted, so is the day (FDA FB3203)."""
    return f"{name.removesuffix('DY')}DTC" if name.endswith("DY") else ""
