"""A trace on the screen: a tree for one value, a table for a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from sdtmflow.lineage import Cell, Given, RawCell, RawRow, Source, Trace, shown
from sdtmflow.sources.raw import SUBJECT

_QUIET = "dim"
_VALUE = "bold"


def value_tree(trace: Trace) -> Tree:
    """The one value that was asked for, and step by step what it was made from."""
    return _Screen(trace).tree(trace.cells[0])


def record_table(trace: Trace) -> Table:
    """Every variable of the record: value, rule, what the rule reads."""
    first = trace.cells[0]
    table = Table(box=None, pad_edge=False, title=_head(trace), title_justify="left")
    table.add_column("variable", no_wrap=True)
    table.add_column("value", overflow="fold", max_width=24)
    table.add_column("rule and place", overflow="fold", max_width=36)
    table.add_column("made from", overflow="fold")
    screen = _Screen(trace)
    for cell in trace.cells:
        table.add_row(
            cell.variable, Text(shown(cell.value), _VALUE), _rule(cell, "\n"), screen.line(cell)
        )
    table.caption = screen.because(first)
    table.caption_justify = "left"
    return table


def delivery_table(trace: Trace) -> Table:
    """The delivered files that the raw values stand in."""
    table = Table(box=None, pad_edge=False)
    for name in ("file", "source", "SHA-256", "first in"):
        table.add_column(name, overflow="fold")
    files = {cell.row: value.file for cell, value in trace.raw.items()}
    for source, file, sha256 in sorted({(r.source, name, r.file) for r, name in files.items()}):
        received = trace.received.get(sha256)
        since = f"{received.bundle}, {received.created[:10]}" if received else "no bundle yet"
        table.add_row(Text(file), Text(source), sha256[:16], since)
    return table


def _head(trace: Trace) -> Text:
    asked = trace.asked
    key = trace.cells[0].record
    record = " ".join(filter(None, (asked.dataset, asked.usubjid, key)))
    return Text.assemble((record, _VALUE), (f"  in {trace.title}", _QUIET))


def _rule(cell: Cell, gap: str = "  ") -> Text:
    """The spec's line and where it stands."""
    if cell.rule is None:
        return Text("" if cell.inputs else "no line makes it on this record", _QUIET)
    return Text.assemble(cell.rule.line, (f"{gap}{cell.rule.place}", _QUIET))


class _Screen:
    """What a trace shows; a cell that several others read is shown once."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._seen: set[int] = set()

    def tree(self, cell: Cell) -> Tree:
        """The value, its rule, and below it everything that it was made from."""
        head = Text.assemble(_head(self._trace), "\n", self._cell(cell))
        tree = Tree(head, guide_style=_QUIET)
        if cell.rule and cell.rule.method:
            tree.add(Text(cell.rule.method, _QUIET))
        self._add(tree, cell)
        if cell.records:
            tree.add(self.because(cell))
        return tree

    def because(self, cell: Cell) -> Text:
        """Why the record is there at all."""
        records = cell.records
        if records is None:
            return Text("")
        words = f"the record: from {records.table}"
        if records.line:
            words += f", {records.line}"
        rows = {source.row for source in cell.because if isinstance(source, RawCell)}
        places = "".join(f"\n{self._row(row)}" for row in sorted(rows)[:_MANY])
        return Text.assemble(words, (f"  {records.place}{places}", _QUIET))

    def line(self, cell: Cell) -> Text:
        """What the rule reads, each on a line."""
        sent = [source for source in cell.inputs if not isinstance(source, Cell)]
        made = _told_apart(source for source in cell.inputs if isinstance(source, Cell))
        parts = [self._short(source, cell) for source in [*sent, *made][:_MANY]]
        if cell.others:
            parts.append(self._compared(cell))
        return Text("\n").join(parts)

    def _add(self, tree: Tree, cell: Cell) -> None:
        self._seen.add(id(cell))
        for row, cells in _rows_of(cell.inputs):
            branch = tree.add(Text(self._row(row), _QUIET))
            for raw in cells:
                branch.add(self._raw(raw))
        for source in cell.inputs:
            if isinstance(source, Given):
                tree.add(_given(source))
        made = _told_apart(source for source in cell.inputs if isinstance(source, Cell))
        for read in made[:_MANY]:
            self._add_cell(tree, read)
        if made[_MANY:]:
            tree.add(Text(f"and {len(made) - _MANY} more: {_names(made[_MANY:])}", _QUIET))
        if cell.others:
            tree.add(self._compared(cell))

    def _add_cell(self, tree: Tree, cell: Cell) -> None:
        if id(cell) in self._seen:
            tree.add(Text.assemble(_name(cell), " = ", (shown(cell.value), _VALUE), " (as above)"))
        else:
            self._add(tree.add(self._cell(cell)), cell)

    def _cell(self, cell: Cell) -> Text:
        value = (shown(cell.value), _VALUE) if cell.value is not None else ("missing", _QUIET)
        return Text.assemble(_name(cell), " = ", value, "   ", _rule(cell))

    def _raw(self, cell: RawCell) -> Text:
        """``SEVERITY = '2', read as AESEV = MODERATE``."""
        value = self._trace.raw.get(cell)
        name = "subject" if cell.column == SUBJECT else cell.column
        if value is None:
            return Text(name)
        if value.constant:
            return Text.assemble(name, " = ", (value.value or "", _VALUE), "  by study.yaml")
        if not value.column:
            return Text.assemble(name, ("  not delivered", _QUIET))
        if value.sent is None:
            return Text.assemble(name, ("  blank", _QUIET), f" ({value.column})")
        said = Text.assemble(value.column, " = ", (f"'{value.sent}'", _VALUE))
        if value.sent == value.value and value.column == name:
            return said
        read = "" if value.sent == value.value else f" = {value.value or 'missing'}"
        return Text.assemble(said, f", read as {name}{read}")

    def _short(self, source: Source, cell: Cell) -> Text:
        if isinstance(source, RawCell):
            return self._raw(source)
        if isinstance(source, Given):
            return _given(source)
        same = source.dataset == cell.dataset and source.record == cell.record
        return Text(source.variable if same else _name(source))

    def _compared(self, cell: Cell) -> Text:
        """The other records that decide, in one line: they may be hundreds."""
        said = f"compared with {len(cell.others)} values of the subject: {_names(cell.others)}"
        return Text(said, _QUIET)

    def _row(self, row: RawRow) -> str:
        """``DEMO01_site01.xml, row 31, /ODM/…`` (the raw table ae)."""
        files = (value.file for cell, value in self._trace.raw.items() if cell.row == row)
        file = next(files, f"file {row.file[:16]}")
        return ", ".join(filter(None, (f"{row.table}: {file}", f"row {row.row}", row.place)))


_MANY = 8
"""Cells and rows that are shown each; a visit may have been made from hundreds."""
_FEW = 4
"""Different values of a variable that are listed."""


def _told_apart(cells: Iterable[Cell]) -> list[Cell]:
    """The cells without those that the same raw cells gave to other records (a test each)."""
    first = {
        (cell.dataset, cell.variable, cell.inputs or id(cell)): cell for cell in reversed([*cells])
    }
    return list(reversed(first.values()))


def _names(sources: Iterable[Source]) -> str:
    """The variables with their values, where these are few: ``SE.EPOCH (SCREENING, FOLLOW-UP)``."""
    values: dict[str, dict[str, None]] = {}
    for source in sources:
        if isinstance(source, Cell):
            known = values.setdefault(f"{source.dataset}.{source.variable}", {})
            known[shown(source.value) or "missing"] = None
        elif isinstance(source, RawCell):
            values.setdefault(f"{source.row.table}.{source.column}", {})
    return ", ".join(
        f"{name} ({', '.join(known)})" if 0 < len(known) <= _FEW else name
        for name, known in values.items()
    )


def _name(cell: Cell) -> str:
    return f"{cell.dataset}.{cell.variable}" + (f" ({cell.record})" if cell.record else "")


def _given(given: Given) -> Text:
    return Text.assemble(
        f"{given.name} = ", (shown(given.value), _VALUE), (f"  {given.place}", _QUIET)
    )


def _rows_of(sources: Iterable[Source]) -> Iterator[tuple[RawRow, list[RawCell]]]:
    """The raw cells by their rows."""
    rows: dict[RawRow, list[RawCell]] = {}
    for source in sources:
        if isinstance(source, RawCell):
            rows.setdefault(source.row, []).append(source)
    yield from rows.items()
