"""The other way: which cells read a raw cell, and may change with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sdtmflow.mapping.inputs import Input
from sdtmflow.mapping.plan import BUILTIN
from sdtmflow.mapping.references import RAW
from sdtmflow.mapping.rules import RecordRule, Rules

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
        self._reads: dict[tuple[str, int, str], frozenset[Read]] = {}

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
        """The raw columns that a column of a set's records reads, however many steps back."""
        key = (records.dataset, records.record_set, column)
        if key not in self._reads:
            self._reads[key] = frozenset(
                [*self._of_rule(records, column), *self._of_records(records)]
            )
        return self._reads[key]

    def _of_rule(self, records: RecordRule, column: str) -> Iterator[Read]:
        rule = self._rules.of(records.dataset, column, records.record_set)
        for each in rule.inputs if rule else ():
            yield from self._of_input(records, each)

    def _of_records(self, records: RecordRule) -> Iterator[Read]:
        for each in records.inputs:
            yield from self._of_input(records, each)

    def _of_input(self, records: RecordRule, each: Input) -> Iterator[Read]:
        if each.kind == "own":
            yield from self._own(records, each.name)
        elif each.dataset not in self._rules.datasets:
            if each.name.startswith(_RAW):
                yield Read(each.dataset, each.name.removeprefix(_RAW).upper(), whole=True)
        else:
            for other in self._rules.records:
                if other.dataset == each.dataset:
                    yield from _whole(self._own(other, each.name))
                    if not (each.kind == "visits" and other.form):  # its rows, not its records
                        yield from _whole(self._of_records(other))

    def _own(self, records: RecordRule, name: str) -> Iterator[Read]:
        if not name.startswith(_RAW):
            yield from self.reads(records, name)
        elif records.form:
            yield Read(records.form, name.removeprefix(_RAW).upper(), whole=True)
        elif not records.table.startswith(BUILTIN):
            yield from _sent(records, name.removeprefix(_RAW))


def _whole(reads: Iterator[Read]) -> Iterator[Read]:
    """The same columns, read in all rows of the subject."""
    return (replace(read, whole=True, part=None) for read in reads)


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
        column = str(records.sent(name, part)).upper()
        yield Read(records.table, column, records.merges, None if records.merges else part)
