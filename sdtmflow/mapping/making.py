"""One column of a domain's records: each record set by its own line, else by the common one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from sdtmflow.mapping.planning.plan import PlannedDomain, PlannedLine, Step
from sdtmflow.mapping.provenance.links import AT, Links, links_of
from sdtmflow.mapping.records.columns import Block, Level, Records
from sdtmflow.mapping.records.problems import Problem
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values.distinct import repeated
from sdtmflow.mapping.values.numbers import text_of
from sdtmflow.mapping.verbs import VERB_TABLE, Outcome, Reach, Work
from sdtmflow.sources.raw import SOURCE, SUBJECT


def add_column(world: World, domain: PlannedDomain, step: Step) -> None:
    """Make one column; what goes wrong, and where its values come from, is kept with the world."""
    lines, records = domain.lines_of(step.column), world.records[domain.name]
    if not records.height:
        records.hold(step.column, repeated(None, 0, _type_of(lines[0])))
        return
    for line in lines:
        _attach(world, records, line)
    if [line.record_set for line in lines] == [None] and not _is_row_by_row(lines[0]):
        outcome = _made_of_all(world, lines[0], records)
        values, _ = _kept(world, lines[0], (outcome, Level(records.height)), 0)
        records.hold(step.column, values)
        return
    for at, (offset, block) in enumerate(records.offsets()):
        own = [line for line in _lines_for(lines, at) if not _has_nothing_to_read(line, block)]
        if own:
            asked = _asked_in_turn(world, own, block)
            block.hold(step.column, *_kept(world, own[0], asked, offset))
        else:
            block.hold_same(step.column, None, _type_of(lines[0]))


def _lines_for(lines: Sequence[PlannedLine], at: int) -> Sequence[PlannedLine]:
    """The line of a record set, else the common one; with those to be asked otherwise."""
    own = [line for line in lines if line.record_set == at]
    return own or [line for line in lines if line.record_set is None]


def _is_row_by_row(line: PlannedLine) -> bool:
    return VERB_TABLE[line.line.verb].looks_at is not Reach.RECORDS


def _type_of(line: PlannedLine) -> pl.DataType:
    return pl.Float64() if line.numeric else pl.String()


def _has_nothing_to_read(line: PlannedLine, block: Block) -> bool:
    """Whether the verb makes nothing of missing values, and there are no others.

    Mostly these are columns that no source of the partition delivers.
    """
    if not VERB_TABLE[line.line.verb].needs_values:
        return False
    return all(block.held(reference.column).is_empty for reference in line.references.values())


def _attach(world: World, records: Records, line: PlannedLine) -> None:
    """Bring in the other datasets' variables that the line reads, by subject."""
    for reference in line.references.values():
        if reference.kind == "other" and reference.column not in records.columns:
            other = world.dataset(reference.dataset, [reference.name])
            first = other.unique(SUBJECT, keep="first", maintain_order=True)
            for block in records.blocks:
                subjects = block.held(SUBJECT)
                here = pl.DataFrame({SUBJECT: subjects.values})
                found = here.join(first, on=SUBJECT, how="left", maintain_order="left")
                block.hold(reference.column, found[reference.name], subjects.level)
            if first.height < other.height:  # else the subject alone tells the record
                links = links_of(reference.dataset, records.frame([SUBJECT]), first, [SUBJECT])
                world.links.append(links.of(line.domain, reference.column))


Made = tuple[Outcome, Level]
"""What a line makes, and at which level."""


def _asked_in_turn(world: World, lines: Sequence[PlannedLine], block: Block) -> Made:
    """What the first line makes, and the next ones where those before have nothing to say."""
    outcome, level = _made(world, lines[0], block)
    for line in lines[1:]:
        if not _silent(outcome).any():
            break
        outcome = _of_all_records(outcome, level)
        other = _of_all_records(*_made(world, line, block))
        outcome = _completed(outcome, _restricted(other, _silent(outcome)))
        level = block.records
    return outcome, level


def _silent(outcome: Outcome) -> pl.Series:
    """Where there is no value, but for those whose collected value could not be read."""
    silent = outcome.values.is_null()
    for problem in outcome.problems:
        silent = silent.scatter(problem.rows, values=False)
    return silent


def _completed(outcome: Outcome, other: Outcome) -> Outcome:
    """The first outcome, with the other's values where it has none."""
    values = outcome.values.zip_with(outcome.values.is_not_null(), other.values)
    problems = (*outcome.problems, *other.problems)
    return Outcome(values, problems, (*outcome.links, *other.links))


def _of_all_records(outcome: Outcome, level: Level) -> Outcome:
    """The outcome record by record."""
    if level.at is None:
        return outcome
    return Outcome(
        level.spread(outcome.values),
        tuple(_of_records(problem, level, 0) for problem in outcome.problems),
        tuple(_links_of_records(links, level) for links in outcome.links),
    )


def _made(world: World, line: PlannedLine, block: Block) -> Made:
    """What a line makes of the records of one set, made once for equal inputs where it can be."""
    if not _is_row_by_row(line):
        return _made_of_all(world, line, Records([block])), block.records
    distinct = VERB_TABLE[line.line.verb].looks_at is Reach.INPUTS
    names = [reference.column for reference in line.references.values()]
    names += [SOURCE] if distinct else [SOURCE, SUBJECT]
    frame, level = block.inputs(tuple(dict.fromkeys(names)), distinct=distinct)
    work = Work(line, Records([Block(frame)]), world, level.shared)
    return _outcome(work), level


def _made_of_all(world: World, line: PlannedLine, records: Records) -> Outcome:
    """What a line makes that looks at all the records."""
    return _outcome(Work(line, records, world))


def _outcome(work: Work) -> Outcome:
    """What the verb makes, where the line's condition holds."""
    line = work.line
    outcome = VERB_TABLE[line.line.verb].make(work)
    if line.line.when:
        outcome = _restricted(outcome, work.select(work.condition(line.line.when)))
    return replace(outcome, values=_typed(outcome.values, line))


def _typed(values: pl.Series, line: PlannedLine) -> pl.Series:
    """The values in the type of the variable; a number in a text variable is its shortest text."""
    if values.dtype.is_float() and not line.numeric:
        return values.to_frame("text").select(text_of(pl.col("text"))).to_series()
    return values.cast(_type_of(line))


def _kept(world: World, line: PlannedLine, made: Made, offset: int) -> tuple[pl.Series, Level]:
    """The values made; what went wrong, and where they come from, is kept with the world."""
    outcome, level = made
    for problem in outcome.problems:
        world.problems.append((line.domain, _of_records(problem, level, offset)))
    for links in outcome.links:
        world.links.append(_links_of_records(links, level).of(line.domain, line.column, offset))
    return outcome.values, level


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
