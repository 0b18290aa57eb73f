"""The columns of a domain's records, each held as coarsely as it varies.

An unpivot makes several records of one raw row, and most of their columns are the row's own: a date
is the same for all results of a visit. So a column is held as values at a *level*, and the level
says which of the values is each record's. What a verb makes of each value (or of each combination
of values that there is) it makes once; only what is asked for record by record is spread out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import numpy as np
import polars as pl
import pyarrow as pa

from sdtmflow.mapping.records.sorting import (
    Coded,
    Codes,
    Ranked,
    combinations,
    combined,
    order_of,
    ranked,
    ranked_of,
)
from sdtmflow.mapping.values.distinct import encoded, repeated

Shared = dict[tuple[object, ...], pl.DataFrame]


@dataclass(frozen=True, eq=False, slots=True)
class Level:
    """``size`` values; ``at`` gives each record the position of its own (None: record by record).

    ``shared`` is for what several lines make of the same columns (a conversion gives number, text
    and unit).
    """

    size: int
    at: pl.Series | None = None
    shared: Shared = field(default_factory=dict)

    def spread(self, values: pl.Series) -> pl.Series:
        """The values, record by record."""
        return values if self.at is None else values[self.at]

    def spread_codes(self, codes: Codes) -> Codes:
        """The codes of the values, record by record."""
        return codes if self.at is None else codes[self.at.to_numpy()]

    def picked(self, rows: pl.Series | None) -> pl.Series | None:
        """Where the values of the records at the positions ``rows`` stand; None: as they are."""
        return rows if self.at is None else self.at if rows is None else self.at[rows]


@dataclass(frozen=True, eq=False)
class Held:
    """A column: its values, and their level. What is made of the values is made once."""

    values: pl.Series
    level: Level

    @cached_property
    def encoded(self) -> pa.DictionaryArray:
        """The distinct values, and the position of each value among them."""
        return encoded(self.values)

    @cached_property
    def ranked(self) -> Ranked:
        """The distinct values sorted, and the rank of each value."""
        dtype = self.values.dtype
        return ranked(self.values) if dtype == pl.Enum else ranked_of(self.encoded, dtype)

    @property
    def is_empty(self) -> bool:
        """Whether all values are missing."""
        return self.values.null_count() == len(self.values)

    def series(self) -> pl.Series:
        """The values record by record."""
        return self.level.spread(self.values)


class Block:
    """The records of one record set. Columns are added; records never move."""

    def __init__(self, rows: pl.DataFrame, at: pl.Series | None = None) -> None:
        """``rows`` are raw rows of which each has a record; ``at`` gives each record its row."""
        self.height = rows.height if at is None else len(at)
        self.rows = Level(rows.height, at)
        self.records = self.rows if at is None else Level(self.height)
        self._held: dict[str, Held] = {}
        self._combined: dict[tuple[str, ...], tuple[pl.DataFrame, Level]] = {}
        for values in rows.get_columns():
            self.hold(values.name, values, self.rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns so far."""
        return tuple(self._held)

    def hold(self, name: str, values: pl.Series, level: Level) -> None:
        """Add a column, or put another in its place."""
        self._held[name] = Held(values.alias(name), level)

    def held(self, name: str) -> Held:
        """A column as it is held."""
        return self._held[name]

    def series(self, name: str) -> pl.Series:
        """A column record by record."""
        return self._held[name].series()

    def hold_same(self, name: str, value: str | float | None, dtype: pl.DataType) -> None:
        """Add a column that says the same everywhere."""
        self.hold(name, repeated(value, self.rows.size, dtype), self.rows)

    def inputs(self, names: Sequence[str], *, distinct: bool) -> tuple[pl.DataFrame, Level]:
        """These columns side by side at the coarsest level that they have in common.

        Where they stand at several, it is that of their combinations if ``distinct`` is enough,
        else that of the records.
        """
        levels = {self._held[name].level for name in names}
        if len(levels) == 1:
            return pl.DataFrame([self._held[name].values for name in names]), levels.pop()
        if not distinct:
            return pl.DataFrame([self.series(name) for name in names]), self.records
        key = tuple(sorted(names))
        if key not in self._combined:
            self._combined[key] = self._combinations(key)
        return self._combined[key]

    def _combinations(self, names: Sequence[str]) -> tuple[pl.DataFrame, Level]:
        held = [self._held[name] for name in names]
        at, picks = combinations(
            [(one.level.spread_codes(one.ranked.ranks), one.ranked.size) for one in held]
        )
        frame = pl.DataFrame(
            [
                one.ranked.values[pl.Series(pick)].alias(name)
                for name, one, pick in zip(names, held, picks, strict=True)
            ]
        )
        return frame, Level(frame.height, pl.Series(at))

    def where(self, holds: pl.Series) -> Block:
        """The records where ``holds``, and the rows that still have one."""
        if holds.all():
            return self
        if self.rows.at is None:
            return Block(pl.DataFrame([one.values for one in self._held.values()]).filter(holds))
        rows = pl.DataFrame([one.values for one in self._held.values() if one.level is self.rows])
        kept = Block(*_with_records(rows, self.rows.at.filter(holds)))
        levels: dict[Level, Level] = {self.records: kept.records}
        for name, one in self._held.items():
            values, level = one.values, one.level
            if level is self.records:
                kept.hold(name, values.filter(holds), kept.records)
            elif level.at is not None and level is not self.rows:
                new = levels.setdefault(level, Level(level.size, level.at.filter(holds)))
                kept.hold(name, values, new)
        return kept


def _with_records(rows: pl.DataFrame, at: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """The rows that have a record, and each record's row among them."""
    there = np.zeros(rows.height, dtype=bool)
    there[at.to_numpy()] = True
    if there.all():
        return rows, at
    places = np.cumsum(there, dtype=np.uint32) - 1
    return rows.filter(pl.Series(there)), pl.Series(places[at.to_numpy()])


class Records:
    """The records of a domain: its record sets, one behind the other."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self.height = sum(block.height for block in self.blocks)
        self._levels: dict[tuple[Level, ...], Level] = {}
        self._joined: dict[str, tuple[tuple[Held, ...], Held]] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that every set has."""
        first, *others = (block.columns for block in self.blocks)
        return tuple(name for name in first if all(name in other for other in others))

    def offsets(self) -> Iterator[tuple[int, Block]]:
        """Each set with the number of records before it."""
        at = 0
        for block in self.blocks:
            yield at, block
            at += block.height

    def held(self, name: str) -> Held:
        """A column as it is held."""
        parts = tuple(block.held(name) for block in self.blocks)
        if len(parts) == 1:
            return parts[0]
        known = self._joined.get(name)
        if known is None or known[0] != parts:
            known = self._joined[name] = (parts, self._put_together(parts))
        return known[1]

    def _put_together(self, parts: Sequence[Held]) -> Held:
        levels = tuple(part.level for part in parts)
        if levels not in self._levels:
            self._levels[levels] = _one_level(levels)
        return Held(pl.concat([part.values for part in parts]), self._levels[levels])

    def type_of(self, name: str) -> pl.DataType:
        """The type of a column."""
        return self.blocks[0].held(name).values.dtype

    def once(self, names: Sequence[str], make: Callable[[pl.DataFrame], pl.Series]) -> pl.Series:
        """What ``make`` makes of these columns, record by record; made once for equal inputs."""
        found = []
        for block in self.blocks:
            frame, level = block.inputs(names, distinct=True)
            found.append(level.spread(make(frame)))
        return pl.concat(found)

    def series(self, name: str) -> pl.Series:
        """A column record by record."""
        return self.held(name).series()

    def frame(self, names: Iterable[str], rows: pl.Series | None = None) -> pl.DataFrame:
        """Columns side by side, record by record: all, or those at the positions ``rows``."""
        picked: dict[Level, pl.Series | None] = {}
        columns = []
        for name in dict.fromkeys(names):
            held = self.held(name)
            if held.level not in picked:
                picked[held.level] = held.level.picked(rows)
            pick = picked[held.level]
            columns.append(held.values if pick is None else held.values[pick])
        return pl.DataFrame(columns)

    def table(self, names: Iterable[str], rows: pl.Series) -> pa.Table:
        """Columns of the records at the positions ``rows``, repeated texts as dictionaries.

        Arrow writes the positions of a dictionary as they are, which spares most of the work.
        """
        picked: dict[Level, pl.Series] = {}
        nothing = pa.nulls(len(rows), pa.dictionary(pa.int32(), pa.large_string()))
        columns = {}
        for name in names:
            held = self.held(name)
            if held.level not in picked:
                picked[held.level] = rows if held.level.at is None else held.level.at[rows]
            is_text = held.values.dtype == pl.String
            empty = is_text and held.is_empty
            columns[name] = nothing if empty else _taken(held, picked[held.level])
        return pa.table(columns)

    def hold(self, name: str, values: pl.Series) -> None:
        """Add a column that varies from record to record."""
        for offset, block in self.offsets():
            block.hold(name, values.slice(offset, block.height), block.records)

    def change(self, name: str, into: str, make: Callable[[pl.Series], pl.Series]) -> None:
        """Add the column ``into`` that ``make`` makes of each value of another, or of itself."""
        for block in self.blocks:
            held = block.held(name)
            block.hold(into, make(held.values), held.level)

    def where(self, holds: pl.Series) -> Records:
        """The records where ``holds``."""
        if holds.all():
            return self
        return Records([block.where(holds.slice(at, block.height)) for at, block in self.offsets()])

    def order(self, names: Sequence[str], rows: pl.Series | None = None) -> pl.Series:
        """Positions sorted by these columns, of all records or of ``rows``; equal ones stay."""
        positions = order_of(self.coded(names, rows))
        return positions if rows is None else rows[positions]

    def coded(self, names: Sequence[str], rows: pl.Series | None = None) -> Coded:
        """One number a record, of all or of ``rows``, that sorts as these columns do.

        Neighbours of one level become one number where they are held, which is spread once.
        """
        parts = []
        for level, group in groupby(map(self.held, names), lambda held: held.level):
            ranks = ((held.ranked.ranks, held.ranked.size) for held in group)
            codes, size = combined(ranks, level.size)
            at = level.picked(rows)
            parts.append((codes if at is None else codes[at.to_numpy()], size))
        return combined(parts, self.height if rows is None else len(rows))


def _taken(held: Held, at: pl.Series) -> pa.Array:
    values = held.values
    if held.level.at is None or values.dtype != pl.String:
        return values[at].to_arrow()
    return held.encoded.take(at.to_arrow())


def _one_level(levels: Sequence[Level]) -> Level:
    """The level of several sets' values, one behind the other."""
    height = sum(level.size for level in levels)
    if all(level.at is None for level in levels):
        return Level(height)
    parts, offset = [], 0
    for level in levels:
        at = level.at
        if at is None:
            at = pl.int_range(level.size, dtype=pl.UInt32, eager=True)
        parts.append(at.cast(pl.UInt32) + offset)
        offset += level.size
    return Level(height, pl.concat(parts))
