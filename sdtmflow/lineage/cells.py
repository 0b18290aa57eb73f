"""What a trace is made of: a cell, its rule, and the cells that it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from sdtmflow.mapping.provenance.rules import RecordRule, Rule

Value: TypeAlias = str | float | None


@dataclass(frozen=True, slots=True, order=True)
class RawRow:
    """One row of a staged raw table."""

    table: str
    source: str
    file: str
    """SHA-256 of the delivered file."""
    row: int
    place: str


@dataclass(frozen=True, slots=True, order=True)
class RawCell:
    """A cell of a raw row, by the study's name of the column; ``_subject`` names the subject."""

    row: RawRow
    column: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value that study.yaml gives, not the data: the study, a site's number, a trial design."""

    name: str
    value: Value
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One value of an SDTM record; ``inputs`` are what its rule reads, in the rule's order.

    Cells that read the same cell hold the same object, and are compared as objects.

    ``others`` are cells of the subject's other records that the rule compares it with (an order, a
    last value before a date, a calendar of visits). ``because`` are the cells that decide that the
    record is there at all.
    """

    dataset: str
    record: str
    """The keys of the record: ``AESEQ=3``."""
    variable: str
    value: Value
    rule: Rule | None = None
    records: RecordRule | None = None
    inputs: tuple[Source, ...] = field(default=(), repr=False)
    others: tuple[Cell | RawCell, ...] = field(default=(), repr=False)
    because: tuple[Source, ...] = field(default=(), repr=False)

    @property
    def read(self) -> tuple[Source, ...]:
        """Everything that the value and its record were made from, one step back."""
        return (*self.inputs, *self.others, *self.because)


Source: TypeAlias = Cell | RawCell | Given


def raw_cells(cell: Cell) -> frozenset[RawCell]:
    """The raw cells that a cell was made from, however many steps back."""
    return frozenset(source for source in _all_sources(cell) if isinstance(source, RawCell))


def _all_sources(cell: Cell) -> Iterator[Source]:
    seen: set[int] = set()
    waiting: list[Source] = [cell]
    while waiting:
        source = waiting.pop()
        if id(source) in seen:
            continue
        seen.add(id(source))
        yield source
        if isinstance(source, Cell):
            waiting += source.read
