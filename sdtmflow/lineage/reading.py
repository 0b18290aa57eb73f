"""The other way: which cells read a raw cell, and may change with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sdtmflow.mapping.planning.plan import BUILTIN
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.provenance.inputs import Input
from sdtmflow.mapping.provenance.rules import RecordRule, Rules

_RAW = f"{RAW}."


@dataclass(frozen=True, slots=True)
class Read:
    """A raw column that cells read, in upper case.

    ``whole`` says that a record reads it in all raw rows of its subject; else only in the row that
    the record was made from, and, where ``part`` is given, only for that part of the row.
    """

    table: str
    column: str
    whole: bool = False
    part: int | None = None

    def whole_subject(self) -> Read:
        """The same column, read in all rows of the subject."""
        return replace(self, whole=True, part=None)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a set's records on the way back; the records themselves where it is empty."""

    records: RecordRule
    column: str
    whole: bool = False

    @property
    def key(self) -> tuple[str, int, str, bool]:
        return (self.records.dataset, self.records.record_set, self.column, self.whole)

    def whole_subject(self) -> _Column:
        """The same column, read on all records of the subject."""
        return replace(self, whole=True)


_Step = Read | _Column


@dataclass(frozen=True, slots=True)
class Reader:
    """A column of a dataset's records (of one set) that reads a raw column in the way of ``read``.

    The qualifiers of SUPP-- are columns of their parent's records: ``supp.QNAM``.
    """

    dataset: str
    record_set: int
    column: str
    read: Read


class Readers:
    """Every raw column with its readers, by the rules alone.

    A raw cell can change no other cell than those of its subject that its readers name; whether it
    does is the rules' to say (two texts may mean the same, a date may not be the earliest).
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[tuple[str, int, str], tuple[_Step, ...]] = {}

    def of(self, table: str, column: str) -> tuple[Reader, ...]:
        """The readers of a raw column."""
        return self._by_column.get((table, column.upper()), ())

    @cached_property
    def _by_column(self) -> dict[tuple[str, str], tuple[Reader, ...]]:
        found: dict[tuple[str, str], list[Reader]] = {}
        for records in self._rules.records:
            for column in self._columns(records):
                for read in sorted(self.reads(records, column), key=repr):
                    reader = Reader(records.dataset, records.record_set, column, read)
                    found.setdefault((read.table, read.column), []).append(reader)
        return {key: tuple(readers) for key, readers in found.items()}

    def _columns(self, records: RecordRule) -> list[str]:
        """The columns that a line makes on the records of the set."""
        mine = (
            rule.column
            for rule in self._rules.rules
            if rule.dataset == records.dataset and rule.record_set in {None, records.record_set}
        )
        return list(dict.fromkeys(mine))

    def reads(self, records: RecordRule, column: str) -> frozenset[Read]:
        """The raw columns that a column of a set's records reads, however many steps back.

        Record sets of two domains may read each other's columns, so the way may lead in a circle.
        """
        found: set[Read] = set()
        ways: list[_Step] = [_Column(records, column)]
        gone: set[tuple[str, int, str, bool]] = set()
        while ways:
            way = ways.pop()
            if isinstance(way, Read):
                found.add(way)
            elif way.key not in gone:
                gone.add(way.key)
                ways += self._steps(way)
        return frozenset(found)

    def _steps(self, way: _Column) -> Iterator[_Step]:
        for step in self._direct(way.records, way.column):
            yield step.whole_subject() if way.whole else step

    def _direct(self, records: RecordRule, column: str) -> tuple[_Step, ...]:
        """One step back from a column; from the records themselves where it is empty."""
        key = (records.dataset, records.record_set, column)
        if key not in self._known:
            rule = self._rules.of(records.dataset, column, records.record_set) if column else None
            inputs = [*(rule.inputs if rule else ()), *records.inputs]
            self._known[key] = tuple(
                step for each in inputs for step in self._of_input(records, each)
            )
        return self._known[key]

    def _of_input(self, records: RecordRule, each: Input) -> Iterator[_Step]:
        if each.kind == "own":
            yield from _own(records, each.name)
        elif each.dataset not in self._rules.datasets:
            if each.name.startswith(_RAW):
                yield Read(each.dataset, each.name.removeprefix(_RAW).upper(), whole=True)
        else:
            for other in self._rules.records:
                if other.dataset == each.dataset:
                    yield from (step.whole_subject() for step in _own(other, each.name))
                    if not (each.kind == "visits" and other.form):  # its rows, not its records
                        yield _Column(other, "", whole=True)


def _own(records: RecordRule, name: str) -> Iterator[_Step]:
    if not name.startswith(_RAW):
        yield _Column(records, name)
    elif records.form:
        yield Read(records.form, name.removeprefix(_RAW).upper(), whole=True)
    elif not records.table.startswith(BUILTIN):
        yield from _sent(records, name.removeprefix(_RAW))


def _sent(records: RecordRule, name: str) -> Iterator[Read]:
    """The raw row's columns behind a raw name: of an unpivot one a part."""
    if name.startswith("_"):
        return
    if name not in (records.columns or {}):
        column = records.sent(name, 0)
        if column is not None:
            yield Read(records.table, column.upper(), whole=records.merges)
        return
    for part in range(len(records.values)):
        if column := records.sent(name, part):
            whole = None if records.merges else part
            yield Read(records.table, column.upper(), records.merges, whole)
