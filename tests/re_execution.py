"""Mapping again from nothing but the raw cells that traces state.

Every cell gets a synthetic subject, whose raw tables hold the raw cells of its trace and no others.
What the engine makes of them must be the cell's value again.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from sdtmflow.lineage import Records, Tracer, raw_cells
from sdtmflow.mapping.planning.plan import DESIGN_DATASETS
from sdtmflow.mapping.provenance.identity import FILE, IDENTITY, PLACE, ROW, SOURCE

MARK = "~"
"""Parts the demo's subject from the number of the cell that it stands for."""
KEY = (SOURCE, FILE, ROW, PLACE)


def record_of(dataset, row):
    """What finds a record again: SV numbers the visits that it is given, so a visit's number."""
    own = (row["VISITNUM"],) if dataset == "SV" else tuple(row[name] for name in IDENTITY)
    return (*own, row.get("QNAM"))


@dataclass
class Again:
    """Synthetic subjects, each with the raw cells of some cells, and the values they must give."""

    numbers: dict[tuple, str] = field(default_factory=dict)
    """(subject, raw cells) → synthetic subject."""
    expected: list[tuple] = field(default_factory=list)
    """(dataset, synthetic subject, record, variable, value)."""

    def add(self, subject, stated, cell):
        name = self.numbers.setdefault((subject, stated), f"{subject}{MARK}{len(self.numbers)}")
        dataset, record, variable, value = cell
        self.expected.append((dataset, name, record, variable, value))

    def tables(self, staged):
        """The staged tables of the synthetic subjects: the stated cells, all others missing."""
        wanted = {}
        for (_, stated), name in self.numbers.items():
            for raw in stated:
                row = raw.row
                key = (row.source, row.file, row.row, row.place)
                columns = wanted.setdefault(row.table, {}).setdefault((name, key), set())
                columns.add(raw.column.upper())
        return {table: _cut(staged[table], rows) for table, rows in wanted.items()}


def _cut(frame, wanted):
    """Rows of the table for synthetic subjects, in the order of the table."""
    at = {tuple(row): n for n, row in enumerate(frame.select(KEY).iter_rows())}
    kept = sorted((at[key], name, columns) for (name, key), columns in wanted.items())
    positions = [position for position, _, _ in kept]
    cut = {"_subject": [name for _, name, _ in kept]}
    for column in frame.columns:
        if not column.startswith("_"):
            values = frame[column].gather(positions).to_list()
            cut[column] = [
                value if column.upper() in columns else None
                for value, (_, _, columns) in zip(values, kept, strict=True)
            ]
    types = {name: frame.schema[name] for name in cut}
    own = frame.select(name for name in frame.columns if name not in cut)[positions]
    return pl.concat([pl.DataFrame(cut, schema=types), own], how="horizontal")


def cells_of(datasets, usubjid):
    """(dataset, row, cell) of every cell of a subject."""
    records = Records(datasets, usubjid)
    tracer = Tracer(records)
    for dataset in sorted(records.names - set(DESIGN_DATASETS)):
        names = [name for name in records.columns(dataset) if name not in IDENTITY]
        for at, row in enumerate(records.of(dataset)):
            for name in names:
                yield dataset, row, tracer.cell(*records.in_domain(dataset, at), name)


def unmarked(value):
    return re.sub(rf"{MARK}\d+", "", value) if isinstance(value, str) else value


def by_record(made):
    """(dataset, USUBJID, record) → its variables."""
    return {
        (dataset, row["USUBJID"], record_of(dataset, row)): row
        for dataset, frame in made.items()
        for row in frame.iter_rows(named=True)
    }


def remade(datasets, subjects, staged, map_again, template):
    """How many cells there are, and how often which variable is not made again.

    ``subjects``: USUBJID → subject; ``map_again`` maps staged tables to datasets; ``template`` is
    the USUBJID of a subject ``{}``.
    """
    again = Again()
    for usubjid, subject in subjects.items():
        for dataset, row, cell in cells_of(datasets, usubjid):
            record = record_of(dataset, row)
            again.add(subject, raw_cells(cell), (dataset, record, cell.variable, cell.value))
    found = by_record(map_again(again.tables(staged)))
    wrong = Counter()
    for dataset, name, record, variable, value in again.expected:
        row = found.get((dataset, template.format(name), record))
        if row is None or unmarked(row.get(variable)) != value:
            wrong[dataset, variable] += 1
    return len(again.expected), wrong
