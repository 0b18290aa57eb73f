"""One partition of staged tables → its SDTM datasets, findings and counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from sdtmflow.finding import FINDINGS_SCHEMA, Stage
from sdtmflow.mapping.borrowing import ORDER_STEP
from sdtmflow.mapping.calendar import unscheduled_visits
from sdtmflow.mapping.design import design_datasets
from sdtmflow.mapping.identity import IDENTITY, SET
from sdtmflow.mapping.links import links_of, links_table
from sdtmflow.mapping.long_text import shortened
from sdtmflow.mapping.plan import CALENDAR, RECORDS, Plan, PlannedDomain, PlannedLine, Step
from sdtmflow.mapping.problems import Problem, findings
from sdtmflow.mapping.records import Counts, quarantine_problems, records_of
from sdtmflow.mapping.supplemental import qualifiers
from sdtmflow.mapping.verbs import VERB_FUNCTIONS, Outcome, Work
from sdtmflow.mapping.world import World
from sdtmflow.sources.raw import SUBJECT


@dataclass(frozen=True, slots=True)
class DomainReport:
    """What became of one domain's raw rows."""

    domain: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class MapReport:
    """What mapping one partition did."""

    site: str
    domains: tuple[DomainReport, ...]
    findings: int


def map_partition(
    plan: Plan, staged: Path, site: str, out: Path, files: Mapping[str, str] | None = None
) -> MapReport:
    """Map the staged tables of one site.

    ``files`` gives findings the names of the delivered files: SHA-256 → name as delivered.

    Writes ``<DATASET>.parquet`` (variables in SDTM order, then lineage) for every dataset with
    records, ``SUPP<DOMAIN>.parquet``, ``links/<DOMAIN>.parquet`` (``links.py``),
    ``findings.parquet`` and ``map.json`` into ``out``.
    """
    world = World(plan, staged, site, design=design_datasets(plan.study, plan.terminology))
    reports, found = [], []
    for step in plan.steps:
        if step == CALENDAR:
            world.unscheduled = unscheduled_visits(world)
        elif step.column == RECORDS:
            domain = plan.domains[step.domain]
            frame, counts, lost = records_of(world, domain)
            world.frames[domain.name] = frame
            reports.append(DomainReport(domain.name, counts))
            found += [
                _findings(domain, problem, lost) for problem in quarantine_problems(domain, lost)
            ]
        else:
            _add_column(world, plan.domains[step.domain], step)
    for domain in plan.domains.values():
        _write(world, domain, out)
    found += [
        _findings(plan.domains[name], problem, world.frames[name])
        for name, problem in world.problems
    ]
    table = _once(pl.concat([pl.DataFrame(schema=FINDINGS_SCHEMA), *found]))
    table = table.with_columns(pl.col("file").replace(files or {}))
    table.write_parquet(out / "findings.parquet")
    report = MapReport(site, tuple(sorted(reports, key=lambda r: r.domain)), table.height)
    (out / "map.json").write_text(json.dumps(asdict(report), indent=1) + "\n")
    return report


def _add_column(world: World, domain: PlannedDomain, step: Step) -> None:
    """Make one column; each record set by its own line, else by the common one."""
    lines = domain.lines_of(step.column)
    for line in lines:
        _attach(world, domain.name, line)
    frame = world.frames[domain.name]
    parts: list[pl.Series] = []
    for at, rows in _slices(frame, domain, lines):
        own = _line_for(lines, at)
        offset = sum(map(len, parts))
        parts.append(_made(world, own, rows, offset) if own else _nothing(lines[0], rows))
    world.frames[domain.name] = frame.with_columns(pl.concat(parts).alias(step.column))


def _slices(
    frame: pl.DataFrame, domain: PlannedDomain, lines: tuple[PlannedLine, ...]
) -> list[tuple[int | None, pl.DataFrame]]:
    """The whole frame for a common line; else the records of each set, which stand together."""
    if [line.record_set for line in lines] == [None]:
        return [(None, frame)]
    return [(at, frame.filter(pl.col(SET) == at)) for at in range(len(domain.record_sets))]


def _line_for(lines: tuple[PlannedLine, ...], at: int | None) -> PlannedLine | None:
    own = [line for line in lines if line.record_set == at]
    common = [line for line in lines if line.record_set is None]
    return (own or common or [None])[0]  # type: ignore[list-item]


def _nothing(line: PlannedLine, rows: pl.DataFrame) -> pl.Series:
    dtype = pl.Float64 if line.numeric else pl.String
    return pl.repeat(None, rows.height, dtype=dtype, eager=True)


def _attach(world: World, name: str, line: PlannedLine) -> None:
    """Bring in the other datasets' variables that the line reads, by subject."""
    for reference in line.references.values():
        frame = world.frames[name]
        if reference.kind == "other" and reference.column not in frame.columns:
            other = world.dataset(reference.dataset)
            first = other.unique(SUBJECT, keep="first", maintain_order=True)
            values = first.select(SUBJECT, pl.col(reference.name).alias(reference.column))
            joined = frame.join(values, on=SUBJECT, how="left", maintain_order="left")
            world.frames[name] = joined
            if first.height < other.height:  # else the subject alone tells the record
                links = links_of(reference.dataset, frame, first, [SUBJECT])
                world.links.append(links.of(name, reference.column))


def _made(world: World, line: PlannedLine, rows: pl.DataFrame, offset: int) -> pl.Series:
    """The column of one line on some records; its problems are kept with the world."""
    if _has_nothing_to_read(line, rows):
        return _nothing(line, rows).alias(line.column)
    work = Work(line, rows, world)
    outcome = VERB_FUNCTIONS[line.line.verb](work)
    if line.line.when:
        outcome = _restricted(outcome, work.select(work.condition(line.line.when)))
    for problem in outcome.problems:
        world.problems.append((line.domain, _moved(problem, offset)))
    world.links += [links.of(line.domain, line.column, offset) for links in outcome.links]
    dtype = pl.Float64 if line.numeric else pl.String
    return outcome.values.cast(dtype).alias(line.column)


_NOTHING_FROM_NOTHING = {
    "assign",
    "assign_ct",
    "number",
    "datetime",
    "convert",
    "study_day",
    "epoch",
}


def _has_nothing_to_read(line: PlannedLine, rows: pl.DataFrame) -> bool:
    """Whether the verb makes nothing of missing values, and there are no others.

    Mostly these are columns that no source of the partition delivers.
    """
    if line.line.verb not in _NOTHING_FROM_NOTHING:
        return False
    columns = [reference.column for reference in line.references.values()]
    return all(rows[column].null_count() == rows.height for column in columns)


def _restricted(outcome: Outcome, holds: pl.Series) -> Outcome:
    """Values and problems only where the line's condition holds."""
    values = outcome.values.set(~holds, None)
    rows = holds.arg_true()
    kept = []
    for problem in outcome.problems:
        inside = problem.rows.is_in(rows.implode())
        if inside.any():
            kept.append(_filtered(problem, inside))
    return Outcome(values, tuple(kept), tuple(links.where(holds) for links in outcome.links))


def _filtered(problem: Problem, inside: pl.Series) -> Problem:
    return replace(problem, rows=problem.rows.filter(inside), values=problem.values.filter(inside))


def _moved(problem: Problem, offset: int) -> Problem:
    return replace(problem, rows=problem.rows.cast(pl.Int64) + offset) if offset else problem


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


def _write(world: World, domain: PlannedDomain, out: Path) -> None:
    frame = world.frames[domain.name]
    if frame.is_empty():
        return
    keys = [key for key in domain.keys if key not in {"STUDYID", "USUBJID"}]
    made = frame.select(*domain.columns, *IDENTITY)
    ordered, continuations = shortened(made[world.order(domain.name, keys)], domain)
    _store(dataset_columns(ordered, domain), out / f"{domain.name}.parquet")
    links = [each for each in world.links if each.domain == domain.name]
    if links:
        (out / "links").mkdir(exist_ok=True)
        _store(links_table(links, frame), out / "links" / f"{domain.name}.parquet")
    supplemental = qualifiers(domain, ordered, continuations)
    if supplemental.height:
        _store(supplemental, out / f"SUPP{domain.name}.parquet")


def _store(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", compression_level=1)


def dataset_columns(frame: pl.DataFrame, domain: PlannedDomain) -> pl.DataFrame:
    """The domain's variables in the IG's order, expected ones without a line empty; lineage."""
    made = {column for column in domain.columns if not column.startswith("supp.")}
    expected = {v.name: v for v in domain.facts.variables if v.core == "Exp" and v.name not in made}
    empty = [
        pl.lit(None, pl.Float64 if v.type == "Num" else pl.String).alias(name)
        for name, v in expected.items()
    ]
    orders = {line.variable: line.facts.order for line in domain.lines} | {
        name: v.order * ORDER_STEP for name, v in expected.items()
    }
    names = sorted({*made, *expected}, key=lambda name: (orders[name], name))
    return frame.with_columns(empty).select(*names, *IDENTITY)
