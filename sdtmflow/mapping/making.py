"""One column of a domain's records: each record set by its own line, else by the common one."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from sdtmflow.mapping.columns import Block, Held, Level, Records
from sdtmflow.mapping.links import AT, Links, links_of
from sdtmflow.mapping.plan import PlannedDomain, PlannedLine, Step
from sdtmflow.mapping.problems import Problem
from sdtmflow.mapping.verbs import VERB_FUNCTIONS, Outcome, Work
from sdtmflow.mapping.world import World
from sdtmflow.sources.raw import SOURCE, SUBJECT

_OF_ITS_INPUTS = {
    "assign",
    "assign_ct",
    "constant",
    "concat",
    "coalesce",
    "case",
    "datetime",
    "number",
    "multiple",
    "convert",
    "range_indicator",
    "duration",
    "study_day",
    "age",
}
"""Verbs that give the same values for the same inputs (from the same source)."""
_OF_ITS_SUBJECT = {"lookup", "earliest", "latest", "epoch", "visit"}
"""Verbs that give the same values for the same inputs of the same subject; others look at all
records of their set."""
_NOTHING_FROM_NOTHING = {
    "assign",
    "assign_ct",
    "number",
    "datetime",
    "multiple",
    "convert",
    "range_indicator",
    "duration",
    "study_day",
    "epoch",
}


def add_column(world: World, domain: PlannedDomain, step: Step) -> None:
    """Make one column; what goes wrong, and where its values come from, is kept with the world."""
    lines, records = domain.lines_of(step.column), world.records[domain.name]
    if not records.height:
        records.hold(step.column, pl.Series([], dtype=_type_of(lines[0])))
        return
    for line in lines:
        _attach(world, records, line)
    if [line.record_set for line in lines] == [None] and not _is_row_by_row(lines[0]):
        values, _ = _made_of_all(world, lines[0], records)
        records.hold(step.column, values)
        return
    for at, (offset, block) in enumerate(records.offsets()):
        own = _line_for(lines, at)
        if own is None or _has_nothing_to_read(own, block):
            held = _nothing(lines[0], block)
        elif _is_row_by_row(own):
            held = _made(world, own, block, offset)
        else:
            held = _made_of_all(world, own, Records([block]), offset)
        block.hold(step.column, *held)


def _line_for(lines: tuple[PlannedLine, ...], at: int) -> PlannedLine | None:
    own = [line for line in lines if line.record_set == at]
    common = [line for line in lines if line.record_set is None]
    return (own or common or [None])[0]  # type: ignore[list-item]


def _is_row_by_row(line: PlannedLine) -> bool:
    return line.line.verb in _OF_ITS_INPUTS | _OF_ITS_SUBJECT


def _nothing(line: PlannedLine, block: Block) -> Held:
    return pl.repeat(None, block.rows.size, dtype=_type_of(line), eager=True), block.rows


def _type_of(line: PlannedLine) -> pl.DataType:
    return pl.Float64() if line.numeric else pl.String()


def _has_nothing_to_read(line: PlannedLine, block: Block) -> bool:
    """Whether the verb makes nothing of missing values, and there are no others.

    Mostly these are columns that no source of the partition delivers.
    """
    if line.line.verb not in _NOTHING_FROM_NOTHING:
        return False
    inputs = (block.held(reference.column)[0] for reference in line.references.values())
    return all(values.null_count() == len(values) for values in inputs)


def _attach(world: World, records: Records, line: PlannedLine) -> None:
    """Bring in the other datasets' variables that the line reads, by subject."""
    for reference in line.references.values():
        if reference.kind == "other" and reference.column not in records.columns:
            other = world.dataset(reference.dataset, [reference.name])
            first = other.unique(SUBJECT, keep="first", maintain_order=True)
            for block in records.blocks:
                subjects, level = block.held(SUBJECT)
                here = pl.DataFrame({SUBJECT: subjects})
                found = here.join(first, on=SUBJECT, how="left", maintain_order="left")
                block.hold(reference.column, found[reference.name], level)
            if first.height < other.height:  # else the subject alone tells the record
                links = links_of(reference.dataset, records.frame([SUBJECT]), first, [SUBJECT])
                world.links.append(links.of(line.domain, reference.column))


def _made(world: World, line: PlannedLine, block: Block, offset: int) -> Held:
    """The column of a line on the records of one set, made once for equal inputs."""
    distinct = line.line.verb in _OF_ITS_INPUTS
    names = [reference.column for reference in line.references.values()]
    names += [SOURCE] if distinct else [SOURCE, SUBJECT]
    frame, level = block.inputs(tuple(dict.fromkeys(names)), distinct=distinct)
    work = Work(line, Records([Block(frame)]), world, level.shared)
    return _carried_out(work, level, offset), level


def _made_of_all(world: World, line: PlannedLine, records: Records, offset: int = 0) -> Held:
    """The column of a line that looks at all the records."""
    level = Level(records.height)
    return _carried_out(Work(line, records, world), level, offset), level


def _carried_out(work: Work, level: Level, offset: int) -> pl.Series:
    line, world = work.line, work.world
    outcome = VERB_FUNCTIONS[line.line.verb](work)
    if line.line.when:
        outcome = _restricted(outcome, work.select(work.condition(line.line.when)))
    for problem in outcome.problems:
        world.problems.append((line.domain, _of_records(problem, level, offset)))
    for links in outcome.links:
        world.links.append(_links_of_records(links, level).of(line.domain, line.column, offset))
    return outcome.values.cast(_type_of(line))


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


def _of_records(problem: Problem, level: Level, offset: int) -> Problem:
    """The problem on the records, whose positions count from ``offset``."""
    rows, values = problem.rows.cast(pl.Int64), problem.values
    if level.at is not None:
        number = pl.int_range(len(rows), dtype=pl.UInt32, eager=True)
        numbers = pl.repeat(None, level.size, dtype=pl.UInt32, eager=True).scatter(rows, number)
        found = level.at.is_in(rows.implode())
        values = values.gather(numbers.gather(level.at.filter(found)))
        rows = found.arg_true().cast(pl.Int64)
    return replace(problem, rows=rows + offset, values=values)


def _links_of_records(links: Links, level: Level) -> Links:
    """The links on the records."""
    if level.at is None:
        return links
    records = pl.DataFrame({AT: level.at.cast(pl.Int64)}).with_row_index("record")
    spread = records.join(links.rows, on=AT, how="inner", maintain_order="left_right")
    rows = spread.drop(AT).rename({"record": AT}).with_columns(pl.col(AT).cast(pl.Int64))
    return replace(links, rows=rows.select(links.rows.columns))
