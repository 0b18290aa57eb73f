"""The records of one table of one source, now and in the last delivery, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from sdtmflow.comparison.batches import batches
from sdtmflow.comparison.cells import Named, changes_of
from sdtmflow.comparison.matching import AFTER, BEFORE, Matched, matched
from sdtmflow.drift.pairing import Pairing
from sdtmflow.drift.tally import TableDrift
from sdtmflow.sources.raw import FILE, ROW, SUBJECT

POSITION = "_position"
"""The number of a record among those of its table and source now."""
LOCKED = "_locked"
_KEPT = 1000
"""Changed values of a column that are looked at for what they have in common."""
_CELL = ["subject", "record", "before", "after", FILE, ROW]


@dataclass(frozen=True, slots=True)
class Sides:
    """One table of one source: the last delivery's records, and this one's."""

    table: str
    source: str
    before: pl.LazyFrame
    after: pl.LazyFrame
    columns: tuple[str, ...]
    """The columns that are compared; both sides have them."""
    pairing: Pairing


@dataclass
class Cells:
    """Changed values of one column: how many, and the first of them (rows of ``_CELL``)."""

    changed: int = 0
    removed: int = 0
    kept: list[pl.DataFrame] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Replaced and removed values."""
        return self.changed + self.removed

    @property
    def rows(self) -> pl.DataFrame:
        """The kept ones."""
        return pl.concat(self.kept)

    def add(self, rows: pl.DataFrame, limit: int) -> None:
        """Count all, and keep some."""
        removed = rows["after"].null_count()
        room = limit - sum(frame.height for frame in self.kept)
        self.changed += rows.height - removed
        self.removed += removed
        if room > 0:
            self.kept.append(rows.head(room))


@dataclass
class Compared:
    """What became of a table's records."""

    tally: TableDrift
    cells: dict[tuple[str, bool], Cells] = field(default_factory=dict)
    """(column, whether the record was locked) → its changed values."""
    gone: list[pl.DataFrame] = field(default_factory=list)
    """Subject, record and ``LOCKED`` of the first gone records."""
    by_subject: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(subject, ``gone`` or ``new``) → records; of tables that are paired by content."""
    new: list[pl.Series] = field(default_factory=list)
    """``POSITION`` of new records."""


def compare_records(sides: Sides, locked: dict[str, list[str]], one_by_one: int) -> Compared:
    """Pair the records of both sides and compare the values of the pairs.

    ``locked`` gives, by column, the values that mark a record as locked; ``one_by_one`` is how many
    findings are wanted at most of one kind.
    """
    tally = Counter[str]()
    compared = Compared(TableDrift(table=sides.table, source=sides.source))
    limit = max(one_by_one + 1, _KEPT)
    after = sides.after.with_row_index(POSITION)
    for old, new in batches(sides.before, after, SUBJECT):
        found = matched(old, new, sides.pairing.keys, sides.pairing.number)
        tally.update(before=old.height, after=new.height)
        tally.update(gone=len(found.removed), new=len(found.added))
        compared.new.append(new[POSITION][found.added])
        is_locked = _locked(old, locked)
        _note_gone(compared, sides, old[found.removed], is_locked[found.removed], limit)
        if sides.pairing.by_content:
            _count_subjects(compared, old[found.removed], new[found.added])
        else:
            pairs = pl.concat([found.same_key, found.same_number])
            pairs = pairs.with_columns(is_locked[pairs[BEFORE]].alias(LOCKED))
            tally.update(_note_cells(compared, sides, (old, new), pairs, limit))
    values = {"paired_by": sides.pairing.words, **tally}
    compared.tally = compared.tally.model_copy(update=values)
    return compared


def _locked(rows: pl.DataFrame, locked: dict[str, list[str]]) -> pl.Series:
    """Whether each record is marked as verified or locked."""
    upper = {name.upper(): values for name, values in locked.items()}
    marks = [pl.col(n).is_in(upper[n.upper()]) for n in rows.columns if n.upper() in upper]
    if not marks:
        return pl.repeat(value=False, n=rows.height, eager=True, dtype=pl.Boolean)
    return rows.select(pl.any_horizontal(marks).fill_null(value=False)).to_series()


def _named(sides: Sides) -> Named:
    keys = () if sides.pairing.by_content else sides.pairing.keys
    return Named(keys, subject=SUBJECT, separator="|", origin=(FILE, ROW))


def _note_gone(
    compared: Compared, sides: Sides, rows: pl.DataFrame, locked: pl.Series, limit: int
) -> None:
    room = limit - sum(frame.height for frame in compared.gone)
    if room <= 0 or rows.is_empty():
        return
    nothing = pl.Series(dtype=pl.UInt32)
    pairs = pl.DataFrame({BEFORE: nothing, AFTER: nothing})
    all_of_them = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    found = Matched(pairs, pairs, all_of_them, nothing)
    named = changes_of(rows, rows.clear(), found, _named(sides)).select("subject", "record")
    compared.gone.append(named.with_columns(locked.alias(LOCKED)).head(room))


def _count_subjects(compared: Compared, gone: pl.DataFrame, new: pl.DataFrame) -> None:
    for what, rows in (("gone", gone), ("new", new)):
        counted = rows.group_by(SUBJECT, maintain_order=True).len()
        for subject, count in counted.iter_rows():
            compared.by_subject[subject or "", what] += count


def _note_cells(
    compared: Compared,
    sides: Sides,
    frames: tuple[pl.DataFrame, pl.DataFrame],
    pairs: pl.DataFrame,
    limit: int,
) -> Counter[str]:
    """Note the values that were replaced or removed; gives the numbers of the tally.

    ``pairs`` has the row numbers of both sides, and ``LOCKED``.
    """
    tally = Counter[str]()
    for state in (False, True):
        some = pairs.filter(pl.col(LOCKED) == state).drop(LOCKED)
        cells = _cells(sides, *frames, some)
        told = cells.filter(pl.col("before").is_not_null())
        tally.update(
            values_completed=cells.height - told.height,
            values_changed=told.height,
            changed=told.select("subject", "record", ROW).n_unique(),
        )
        for (column,), rows in told.partition_by(
            "variable", as_dict=True, maintain_order=True
        ).items():
            known = compared.cells.setdefault((column, state), Cells())
            known.add(rows.select(_CELL), limit)
    return tally


def _cells(sides: Sides, old: pl.DataFrame, new: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Every compared value that differs between the paired records."""
    nothing = pl.Series(dtype=pl.UInt32)
    named = _named(sides)
    names = [*dict.fromkeys((*sides.pairing.keys, *sides.columns, *named.origin))]
    found = Matched(pairs, pairs.clear(), nothing, nothing)
    cells = changes_of(old.select(names), new.select(names), found, named)
    return cells.filter(pl.col("variable").is_in(list(sides.columns)))


def columns_on_both(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The data columns that both sides have, in this delivery's order."""
    there = set(before)
    return [name for name in after if name in there and not name.startswith("_")]
