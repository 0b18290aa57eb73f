"""The columns of a domain's records, each held as coarsely as it varies.

An unpivot makes several records of one raw row, and most of their columns are the row's own: a date
is the same for all results of a visit. So a column is held as values at a *level*, and the level
says which of the values is each record's. What a verb makes of each value (or of each combination
of values that there is) it makes once; only what is asked for record by record is spread out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from sdtmflow.mapping.records.sorting import combinations, order_of, ranked

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
        return values if self.at is None else values.gather(self.at)


Held = tuple[pl.Series, Level]
"""A column: its values, and their level."""


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
        self._held[name] = (values.alias(name), level)

    def held(self, name: str) -> Held:
        """A column as it is held."""
        return self._held[name]

    def series(self, name: str) -> pl.Series:
        """A column record by record."""
        values, level = self._held[name]
        return level.spread(values)

    def inputs(self, names: Sequence[str], *, distinct: bool) -> tuple[pl.DataFrame, Level]:
        """These columns side by side at the coarsest level that they have in common.

        Where they stand at several, it is that of their combinations if ``distinct`` is enough,
        else that of the records.
        """
        levels = {self._held[name][1] for name in names}
        if len(levels) == 1:
            return pl.DataFrame([self._held[name][0] for name in names]), levels.pop()
        if not distinct:
            return pl.DataFrame([self.series(name) for name in names]), self.records
        key = tuple(sorted(names))
        if key not in self._combined:
            self._combined[key] = self._combinations(key)
        return self._combined[key]

    def _combinations(self, names: Sequence[str]) -> tuple[pl.DataFrame, Level]:
        coded = [(ranked(values), level) for values, level in map(self.held, names)]
        at, picks = combinations(
            [(level.spread(found.ranks), found.size) for found, level in coded]
        )
        values = [
            found.values.gather(pick).alias(name)
            for name, (found, _), pick in zip(names, coded, picks, strict=True)
        ]
        frame = pl.DataFrame(values)
        return frame, Level(frame.height, at)

    def where(self, holds: pl.Series) -> Block:
        """The records where ``holds``, and the rows that still have one."""
        if holds.all():
            return self
        if self.rows.at is None:
            return Block(pl.DataFrame([values for values, _ in self._held.values()]).filter(holds))
        rows = pl.DataFrame([values for values, level in self._held.values() if level is self.rows])
        at = self.rows.at.filter(holds)
        found = at.unique().sort()
        there = pl.repeat(None, rows.height, dtype=pl.UInt32, eager=True).scatter(
            found, pl.int_range(len(found), dtype=pl.UInt32, eager=True)
        )
        kept = Block(rows[found], there.gather(at))
        levels: dict[Level, Level] = {self.records: kept.records}
        for name, (values, level) in self._held.items():
            if level is self.records:
                kept.hold(name, values.filter(holds), kept.records)
            elif level.at is not None and level is not self.rows:
                new = levels.setdefault(level, Level(level.size, level.at.filter(holds)))
                kept.hold(name, values, new)
        return kept


class Records:
    """The records of a domain: its record sets, one behind the other."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self.height = sum(block.height for block in self.blocks)
        self._levels: dict[tuple[Level, ...], pl.Series | None] = {}

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

    def held(self, name: str) -> tuple[pl.Series, pl.Series | None]:
        """A column's values, and each record's position among them (None: record by record)."""
        held = [block.held(name) for block in self.blocks]
        levels = tuple(level for _, level in held)
        if levels not in self._levels:
            self._levels[levels] = _joined(levels)
        return pl.concat([values for values, _ in held]), self._levels[levels]

    def type_of(self, name: str) -> pl.DataType:
        """The type of a column."""
        return self.blocks[0].held(name)[0].dtype

    def once(self, names: Sequence[str], make: Callable[[pl.DataFrame], pl.Series]) -> pl.Series:
        """What ``make`` makes of these columns, record by record; made once for equal inputs."""
        found = []
        for block in self.blocks:
            frame, level = block.inputs(names, distinct=True)
            found.append(level.spread(make(frame)))
        return pl.concat(found)

    def series(self, name: str) -> pl.Series:
        """A column record by record."""
        values, at = self.held(name)
        return values if at is None else values.gather(at)

    def frame(self, names: Iterable[str], rows: pl.Series | None = None) -> pl.DataFrame:
        """Columns side by side, record by record: all, or those at the positions ``rows``."""
        picked: dict[int, pl.Series | None] = {id(None): rows}
        columns = []
        for name in dict.fromkeys(names):
            values, at = self.held(name)
            if id(at) not in picked:
                picked[id(at)] = at if rows is None or at is None else at.gather(rows)
            pick = picked[id(at)]
            columns.append(values if pick is None else values.gather(pick))
        return pl.DataFrame(columns)

    def table(self, names: Iterable[str], rows: pl.Series) -> pa.Table:
        """Columns of the records at the positions ``rows``, repeated texts as dictionaries.

        Arrow writes the positions of a dictionary as they are, which spares most of the work.
        """
        picked: dict[int, pl.Series] = {}
        columns = {}
        for name in names:
            values, at = self.held(name)
            if id(at) not in picked:
                picked[id(at)] = rows if at is None else at.gather(rows)
            columns[name] = _picked(values, picked[id(at)], repeated=at is not None)
        return pa.table(columns)

    def hold(self, name: str, values: pl.Series) -> None:
        """Add a column that varies from record to record."""
        for offset, block in self.offsets():
            block.hold(name, values.slice(offset, block.height), block.records)

    def change(self, name: str, into: str, make: Callable[[pl.Series], pl.Series]) -> None:
        """Add the column ``into`` that ``make`` makes of each value of another, or of itself."""
        for block in self.blocks:
            values, level = block.held(name)
            block.hold(into, make(values), level)

    def where(self, holds: pl.Series) -> Records:
        """The records where ``holds``."""
        return Records([block.where(holds.slice(at, block.height)) for at, block in self.offsets()])

    def order(self, names: Sequence[str]) -> pl.Series:
        """Positions of the records sorted by these columns; equal records stay as they stand."""
        return order_of(self._coded(names), self.height)

    def _coded(self, names: Sequence[str]) -> Iterator[tuple[pl.Series, int]]:
        for name in names:
            values, at = self.held(name)
            found = ranked(values)
            yield found.ranks if at is None else found.ranks.gather(at), found.size


def _picked(values: pl.Series, at: pl.Series, *, repeated: bool) -> pa.Array:
    if repeated and values.dtype == pl.String:
        return values.to_arrow().dictionary_encode().take(at.to_arrow())
    return values.gather(at).to_arrow()


def _joined(levels: Sequence[Level]) -> pl.Series | None:
    if all(level.at is None for level in levels):
        return None
    parts, offset = [], 0
    for level in levels:
        at = level.at
        if at is None:
            at = pl.int_range(level.size, dtype=pl.UInt32, eager=True)
        parts.append(at.cast(pl.UInt32) + offset)
        offset += level.size
    return pl.concat(parts)
