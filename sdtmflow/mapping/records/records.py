"""Raw tables → the records of a domain, before any variable is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.datasets.map_report import Counts
from sdtmflow.mapping.design.arms import has_arms
from sdtmflow.mapping.design.elements import subject_elements
from sdtmflow.mapping.design.visits import subject_visits
from sdtmflow.mapping.makers.comments import comments
from sdtmflow.mapping.makers.exposure import collected_exposure
from sdtmflow.mapping.makers.related import related_records
from sdtmflow.mapping.planning.plan import BUILTIN, PlannedDomain, plain, sent_columns
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.provenance.identity import IDENTITY, LINEAGE, PART, SET, identified
from sdtmflow.mapping.provenance.links import AT, Links
from sdtmflow.mapping.records.columns import Block, Level, Records
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.records.rows import MERGED, Rows, rows_of
from sdtmflow.mapping.records.sorting import ranked
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.spec import RecordSet, Unpivot
from sdtmflow.mapping.values.conditions import Column, expression, names, parse
from sdtmflow.sources.raw import ROW, SITE, SUBJECT

BUILTINS = {
    "subject_elements": subject_elements,
    "subject_visits": subject_visits,
    "collected_exposure": collected_exposure,
    "comments": comments,
    "related_records": related_records,
}
_KEPT = (SITE, SUBJECT, *LINEAGE, PART)


@dataclass(frozen=True, slots=True)
class Made:
    """The records of a domain, and what happened to the raw rows on the way.

    ``told`` are problems, each with the frame that its rows count in.
    """

    records: Records
    counts: Counts
    told: tuple[tuple[Problem, pl.DataFrame], ...]


def records_of(world: World, domain: PlannedDomain) -> Made:
    """The domain's records.

    Columns: ``_set``, ``_subject`` (in the order of USUBJID), ``_site``, lineage, and ``raw.NAME``
    for every raw column that the lines read. Rows that went into another are linked with it.
    """
    parts = [_record_set(world, domain, at) for at in range(len(domain.record_sets))]
    for block, *_ in parts:
        _identify(world, domain, block)
    made = Records([block for block, *_ in parts])
    fault = _at_fault(domain, made)
    placed = made.where(~fault)
    for at, (_, rows, _) in enumerate(parts):
        if rows.merged.height:
            links = _merged_links(domain, at, placed, rows)
            world.links.append(links.of(domain.name, ""))
    counts = sum((counts for *_, counts in parts), Counts())
    told = [pair for _, rows, _ in parts for pair in rows.told]
    if placed is not made:
        lost = made.frame(made.columns, fault.arg_true())
        told += [(found, lost) for found in _quarantine_problems(domain, lost)]
    kept = replace(counts, records=placed.height, quarantined=made.height - placed.height)
    return Made(placed, kept, tuple(told))


def _merged_links(domain: PlannedDomain, at: int, placed: Records, rows: Rows) -> Links:
    """The rows that went into the records of a set."""
    here = placed.frame([SET, *LINEAGE]).with_row_index(AT).filter(pl.col(SET) == at)
    found = here.join(rows.merged, on=LINEAGE, nulls_equal=True, maintain_order="left")
    there = found.select(
        pl.col(AT).cast(pl.Int64), *(pl.col(other).alias(name) for name, other in MERGED.items())
    )
    return Links(domain.record_sets[at].from_, identified(there).select(AT, *IDENTITY))


def _record_set(world: World, domain: PlannedDomain, at: int) -> tuple[Block, Rows, Counts]:
    records, names = domain.record_sets[at], domain.raw_names(at)
    if not world.asks_for(records):
        return Block(_none(names)), Rows(pl.DataFrame(), 0), Counts()
    if records.from_.startswith(BUILTIN):
        sent = BUILTINS[records.from_.removeprefix(BUILTIN)](world)
    else:
        names = (*names, *world.staged.delivered(records.from_, domain.carried))
        sent = world.staged.table(records.from_, sent_columns(records, names))
    rows = _told_of(rows_of(world.plan.study, records, sent), at)
    block = _unpivoted(rows.frame, records.unpivot) if records.unpivot else Block(_raw(rows.frame))
    for name in names:
        if f"{RAW}.{name}" not in block.columns:
            block.hold_same(f"{RAW}.{name}", None, pl.String())
    kept = _where(block, records)
    kept.hold_same(SET, at, pl.Int8())
    each = len(records.unpivot.values) if records.unpivot else 1
    merged = rows.merged.height * each
    made = rows.made * each
    counts = Counts(sent.height, made, dropped=made - merged - kept.height, merged=merged)
    return kept, rows, counts


def _told_of(rows: Rows, at: int) -> Rows:
    """What is wrong with rows, said of the records of one set."""
    of_set = pl.lit(at, pl.Int8).alias(SET)
    return replace(
        rows, told=tuple((found, frame.with_columns(of_set)) for found, frame in rows.told)
    )


@lru_cache(maxsize=256)
def _none(names: tuple[str, ...]) -> pl.DataFrame:
    """No rows, with the columns that the lines read; the same in every partition."""
    texts = (SITE, SUBJECT, *LINEAGE, *(f"{RAW}.{name}" for name in names))
    schema = {**dict.fromkeys(texts, pl.String()), ROW: pl.Int64(), PART: pl.Int16()}
    return pl.DataFrame(schema={**schema, SET: pl.Int8()})


def _raw(sent: pl.DataFrame) -> pl.DataFrame:
    """Raw columns by their names in the plan; a row that is one record has no part."""
    raw = sent.rename({name: f"{RAW}.{name}" for name in sent.columns if name not in _KEPT})
    if PART in raw.columns:
        return raw
    return raw.with_columns(pl.lit(None, pl.Int16).alias(PART))


def _where(block: Block, records: RecordSet) -> Block:
    if records.where is None:
        return block
    condition = parse(records.where)
    columns = {name: f"{RAW}.{plain(name)}" for name in names(condition)}
    frame, level = block.inputs(tuple(columns.values()), distinct=True)
    holds = frame.select(
        expression(
            condition,
            lambda name: Column(
                pl.col(columns[name]), numeric=frame.schema[columns[name]].is_numeric()
            ),
        ).fill_null(value=False)
    )
    return block.where(level.spread(holds.to_series()))


def _unpivoted(sent: pl.DataFrame, unpivot: Unpivot) -> Block:
    """One record a value, in the order row by row as delivered, values as listed.

    A value of which no column holds anything makes no record.
    """
    forms = {
        name: [unpivot.column(name, value) for value in unpivot.values] for name in unpivot.columns
    }
    sent = sent.with_columns(pl.lit(None, pl.String).alias(""))  # of values that lack a column
    sent_at = _delivered(sent, list(forms.values()))
    there = np.column_stack(
        [_any_there(sent, [columns[at] for columns in forms.values()]) for at in sent_at]
    )
    filled = there.any(axis=1)
    rows, found = np.nonzero(there[filled])
    sent = sent.filter(pl.Series(filled))
    collected = {column for columns in forms.values() for column in columns}
    block = Block(_raw(sent.drop(collected)), pl.Series(rows.astype(np.uint32)))
    part = Level(len(unpivot.values), pl.Series(np.array(sent_at, dtype=np.uint32)[found]))
    labels = [unpivot.labels.get(value) for value in unpivot.values]
    block.hold(PART, pl.int_range(part.size, dtype=pl.Int16, eager=True), part)
    block.hold(f"{RAW}.{unpivot.into}", pl.Series(unpivot.values, dtype=pl.String), part)
    block.hold(f"{RAW}.{unpivot.into}_LABEL", pl.Series(labels, dtype=pl.String), part)
    for name, columns in forms.items():
        values = ranked(pl.concat([sent[columns[at]].alias(name) for at in sent_at]))
        at = pl.Series(values.ranks[found * sent.height + rows])
        block.hold(f"{RAW}.{name}", values.values, Level(values.size, at))
    return block


def _delivered(sent: pl.DataFrame, forms: Sequence[Sequence[str]]) -> list[int]:
    """The positions of the values of which some column holds anything; all where none does."""
    empty = {column.name for column in sent if column.null_count() == sent.height}
    places = range(len(forms[0]))
    return [at for at in places if {columns[at] for columns in forms} - empty] or [*places]


def _any_there(sent: pl.DataFrame, columns: Sequence[str]) -> np.ndarray:
    any_there = pl.any_horizontal(pl.col(columns).is_not_null())
    return sent.select(any_there).to_series().to_numpy()


def _identify(world: World, domain: PlannedDomain, block: Block) -> None:
    """``_subject`` as the partition's type, and the raw columns of the automatic lines."""
    subjects = block.held(SUBJECT).values.cast(world.subject_type)
    position = subjects.to_physical()
    columns = {
        SUBJECT: subjects,
        f"{RAW}._usubjid": world.subjects["usubjid"][position],
        f"{RAW}._subject": world.subjects["subject"][position],
    }
    for name, values in columns.items():
        block.hold(name, values, block.rows)
    same = {
        "_study": world.plan.study.study,
        "_domain": domain.name,
        "_site": world.site,
        "_country": world.country,
    }
    if domain.name == "DM":
        same["_arms"] = "Y" if has_arms(world, domain) else None
    for name, text in same.items():
        block.hold_same(f"{RAW}.{name}", text, pl.String())
    block.hold(SITE, block.held(f"{RAW}._site").values, block.rows)


def _at_fault(domain: PlannedDomain, records: Records) -> pl.Series:
    """Records that cannot be placed: no subject, or a second DM record."""
    subjects = records.series(SUBJECT)
    if domain.name == "DM":
        return subjects.is_null() | ~subjects.is_first_distinct()
    return subjects.is_null()


def _quarantine_problems(domain: PlannedDomain, lost: pl.DataFrame) -> tuple[Problem, ...]:
    """What is wrong with the records that ``records_of`` could not place."""
    nobody = lost[SUBJECT].is_null()
    texts = lost[SUBJECT].cast(pl.String)
    return (
        *problem(
            "SUBJECT_MISSING",
            Severity.MAJOR,
            f"the record names no subject; it is left out of {domain.name}",
            at=nobody,
            values=texts,
            variable=SUBJECT.removeprefix("_").upper(),
            query="Please give the subject number of this record.",
        ),
        *problem(
            "SUBJECT_DUPLICATE",
            Severity.CRITICAL,
            "the subject has more than one demographics record; the first is kept",
            at=~nobody,
            values=texts,
            variable=SUBJECT.removeprefix("_").upper(),
            query="Please remove the second demographics record of this subject.",
        ),
    )
