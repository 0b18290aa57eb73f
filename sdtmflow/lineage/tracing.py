"""From a cell back to the raw cells that it was made from, by the rules and the lineage alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from sdtmflow.lineage.cells import Cell, Given, RawCell, RawRow, Source, Value
from sdtmflow.lineage.subject import Identity, Records, Row, identity_of
from sdtmflow.mapping.datasets.long_text import continued_name
from sdtmflow.mapping.planning.plan import BUILTIN, SUPPLEMENTAL
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.provenance.identity import PART, SET
from sdtmflow.mapping.provenance.inputs import Input
from sdtmflow.mapping.provenance.rules import RecordRule, Rule, study_of
from sdtmflow.sources.raw import FILE, SOURCE, SUBJECT

_RAW = f"{RAW}."
_GIVEN = {
    "_study": "study",
    "_site": "site",
    "_domain": "domain",
    "_usubjid": "usubjid",
    "_arms": "arms",
}


class Tracer:
    """Traces the cells of one subject; a cell that several others read is traced once."""

    def __init__(self, records: Records, *, split: bool = True) -> None:
        self.records = records
        self._split = split
        self.rules = records.rules
        self.study = study_of(records.rules)
        self._planned = {visit.visitnum for visit in self.study.visits}
        self._cells: dict[tuple[str, int, str], Cell] = {}

    def cell(self, dataset: str, at: int, column: str) -> Cell:
        """The cell of the subject's record number ``at`` (from 0), with what it was made from.

        ``at`` counts the records of the domain (see ``Records.in_domain``).
        """
        key = (dataset, at, column)
        if key not in self._cells:
            self._cells[key] = self._traced(dataset, at, column)
        return self._cells[key]

    def _traced(self, dataset: str, at: int, column: str) -> Cell:
        row = self.records.of_domain(dataset)[at]
        if row[SET] is None:
            return self._designed(dataset, row, column)
        if dataset not in self.rules.datasets:
            return self._supplemental(dataset, row, column)
        rule = self.rules.of(dataset, column, row[SET])
        cell = Cell(
            dataset=dataset,
            record=self._record_key(dataset, row),
            variable=column.removeprefix(SUPPLEMENTAL),
            value=self._value(dataset, row, column),
            rule=rule,
            records=self.rules.records_of(dataset, row[SET]),
            because=(*self._because(dataset, row), *self._in_its_dataset(dataset, at)),
        )
        if rule is None:
            return cell
        return replace(
            cell,
            inputs=tuple(dict.fromkeys(self._inputs(rule, at, row, cell.value))),
            others=tuple(dict.fromkeys(self._others(rule, row))),
        )

    def _value(self, dataset: str, row: Row, column: str) -> Value:
        if column.startswith(SUPPLEMENTAL):
            value: Value = self.records.qualifier(dataset, row, column.removeprefix(SUPPLEMENTAL))
            return value
        return row.get(column)

    def _record_key(self, dataset: str, row: Row) -> str:
        """The record in a few words: its number, where it has one."""
        sequence = f"{dataset}SEQ"
        return f"{sequence}={shown(row[sequence])}" if row.get(sequence) else ""

    def _because(self, dataset: str, row: Row) -> tuple[Source, ...]:
        """What decides that the record is there: its raw rows, and what ``where`` reads of them."""
        rule = self.rules.records_of(dataset, row[SET])
        found: list[Source] = [*self._raw(rule, row, SUBJECT)]
        for each in rule.inputs:
            if each.kind == "own":
                found += self._raw(rule, row, each.name.removeprefix(_RAW))
            elif each.kind != "visits" or self._unscheduled(row):
                found += self._of_subject(each, row)
        return tuple(dict.fromkeys(found))

    def _in_its_dataset(self, dataset: str, at: int) -> tuple[Cell, ...]:
        """What decides in which of its domain's datasets the record stands."""
        parts = self.rules.parts.get(dataset)
        if parts is None or not self._split:
            return ()
        return tuple(self._deciding.cell(dataset, at, name) for name in parts.reads)

    @cached_property
    def _deciding(self) -> Tracer:
        """Traces what decides, which itself needs no dataset to stand in."""
        return Tracer(self.records, split=False)

    def _inputs(self, rule: Rule, at: int, row: Row, value: Value) -> Iterator[Source]:
        for each in rule.inputs:
            if each.kind == "own":
                yield from self._own(rule, at, row, each.name, value)
            elif each.kind == "first":
                yield from self._first(rule, each, row)
            elif each.kind in {"linked", "extreme"}:
                yield from self._linked(rule, each, row, value)

    def _own(self, rule: Rule, at: int, row: Row, name: str, value: Value) -> Iterator[Source]:
        records = self.rules.records_of(rule.dataset, row[SET])
        raw = name.removeprefix(_RAW)
        if raw == name:
            yield self.cell(rule.dataset, at, name)
        elif records.table.startswith(BUILTIN) and raw not in _GIVEN:
            yield from self._of_maker(rule.dataset, row, raw, value)
        else:
            yield from self._raw(records, row, raw)

    def _of_maker(self, dataset: str, row: Row, name: str, value: Value) -> Iterator[Source]:
        """What the engine's own maker took a value from.

        The cell of that name on its form, else the cells that have the value, else all.
        """
        found = self._because(dataset, row)
        of_name = [cell for cell in found if isinstance(cell, RawCell) and cell.column == name]
        same = [cell for cell in found if isinstance(cell, Cell) and cell.value == value]
        yield from of_name or same or found

    def _raw(self, records: RecordRule, row: Row, name: str) -> Iterator[Source]:
        """A raw name of a record: a cell of its raw rows, or what the study gives it."""
        if name in _GIVEN:
            yield from self._given(records, row, name)
        else:
            column = records.sent(name, row[PART])
            if column is None:
                yield Given(name, records.values[row[PART]], records.place)
            elif column:
                for raw_row in self._raw_rows(records, row):
                    yield RawCell(raw_row, column)

    def _raw_rows(self, records: RecordRule, row: Row) -> Iterator[RawRow]:
        table = records.form or records.table
        if row[FILE] is not None and not table.startswith(BUILTIN):
            yield _raw_row(table, identity_of(row))
        for link in self.records.links(records.dataset, row, ""):
            yield _raw_row(link.place, link.there)

    def _given(self, records: RecordRule, row: Row, name: str) -> Iterator[Source]:
        """USUBJID is made of the study, the site and the subject that the raw row names."""
        if name == "_usubjid":
            yield Given("usubjid", self.study.usubjid, "study.yaml: usubjid")
            yield from self._given(records, row, "_study")
            yield from self._given(records, row, "_site")
            yield from self._raw(records, row, SUBJECT)
        elif name == "_site":
            yield from self._site(records, row)
        elif name == "_study":
            yield Given("study", self.study.study, "study.yaml: study")
        elif name == "_arms":
            yield Given("arms", "Y", "study.yaml: design, or the columns of arms that were sent")
        else:
            yield Given("domain", records.dataset, records.place)

    def _site(self, records: RecordRule, row: Row) -> Iterator[Source]:
        """The source's own site; else what the raw row of a study-wide source says."""
        source = self.study.sources.get(row[SOURCE])
        if source and source.site_column:
            for raw_row in self._raw_rows(records, row):
                yield RawCell(raw_row, source.site_column)
        else:
            yield Given("site", self.site, "study.yaml: sites")

    @cached_property
    def site(self) -> str:
        """The site whose partition the subject is in: that of a source of its own."""
        for dataset in ("DM", *sorted(self.rules.datasets)):
            for row in self.records.of_domain(dataset):
                source = self.study.sources.get(row[SOURCE])
                if source and source.site:
                    return source.site
        return ""

    def _first(self, rule: Rule, each: Input, row: Row) -> Iterator[Source]:
        links = self.records.links(rule.dataset, row, f"{each.dataset}.{each.name}")
        if links:
            yield from self._there(each.dataset, links[0].there, each.name)
        elif self.records.of_domain(each.dataset):
            yield self.cell(each.dataset, 0, each.name)

    def _linked(self, rule: Rule, each: Input, row: Row, value: Value) -> Iterator[Source]:
        for link in self.records.links(rule.dataset, row, rule.column):
            if link.place != each.dataset:
                continue
            if each.name.startswith(_RAW):
                yield RawCell(_raw_row(link.place, link.there), each.name.removeprefix(_RAW))
            else:
                for cell in self._there(each.dataset, link.there, each.name):
                    if each.kind == "linked" or cell.value == value:
                        yield cell

    def _there(self, dataset: str, identity: Identity, name: str) -> Iterator[Cell]:
        at = self.records.position(dataset, identity)
        if at is not None:
            yield self.cell(dataset, at, name)

    def _others(self, rule: Rule, row: Row) -> Iterator[Cell | RawCell]:
        """Cells of other records of the subject that the value is decided among."""
        for each in rule.inputs:
            if each.kind == "subject" or (each.kind == "visits" and self._unscheduled(row)):
                yield from self._of_subject(each, row)

    def _unscheduled(self, row: Row) -> bool:
        number = row.get("VISITNUM")
        return number is not None and number not in self._planned

    def _of_subject(self, each: Input, row: Row) -> Iterator[Cell | RawCell]:
        rows = self.records.of_domain(each.dataset)
        alike = each.alike if each.kind == "subject" else ()
        for at, other in enumerate(rows):
            if each.kind == "first" and at:
                break
            if all(other.get(name) == row.get(name) for name in alike):
                if each.name.startswith(_RAW):
                    records = self.rules.records_of(each.dataset, other[SET])
                    for source in self._raw(records, other, each.name.removeprefix(_RAW)):
                        if isinstance(source, RawCell):
                            yield source
                else:
                    yield self.cell(each.dataset, at, each.name)

    def _designed(self, dataset: str, row: Row, column: str) -> Cell:
        """A cell of the trial design: study.yaml says it."""
        value = row.get(column)
        given = Given(column, value, row["_place"] or "study.yaml: design")
        return Cell(dataset, f"record {row[PART]}", column, value, inputs=(given,))

    def _supplemental(self, dataset: str, row: Row, column: str) -> Cell:
        """A cell of SUPP--: a qualifier of its parent record."""
        parent = dataset.removeprefix("SUPP")
        at = self.records.position(parent, identity_of(row))
        name = row["QNAM"]
        cell = Cell(dataset, f"QNAM={name}", column, row.get(column))
        if at is None:
            return cell
        qualifier = self.cell(parent, at, self._column_of(parent, row[SET], name))
        made = replace(cell, rule=qualifier.rule, records=qualifier.records, because=(qualifier,))
        if column == "QVAL":
            return replace(made, inputs=qualifier.inputs, others=qualifier.others)
        pointed = {"STUDYID": "STUDYID", "USUBJID": "USUBJID", "IDVARVAL": row["IDVAR"]}
        if pointed.get(column):
            return replace(made, rule=None, inputs=(self.cell(parent, at, pointed[column]),))
        return made

    def _column_of(self, parent: str, record_set: int, name: str) -> str:
        """The column whose rule made a qualifier: its own, or the one that goes on in it."""
        column = f"{SUPPLEMENTAL}{name}"
        if self.rules.of(parent, column, record_set):
            return column
        continued = (rule for rule in self.rules.rules if rule.dataset == parent)
        return next((rule.column for rule in continued if _goes_on(rule.column, name)), column)


def _goes_on(column: str, name: str) -> bool:
    number = name[len(name.rstrip("0123456789")) :]
    return bool(number) and name == continued_name(column.removeprefix(SUPPLEMENTAL), int(number))


def _raw_row(table: str, identity: Identity) -> RawRow:
    source, file, row, place, *_ = identity
    return RawRow(table, source or "", file or "", row or 0, place or "")


def shown(value: Value) -> str:
    """A value as people write it: whole numbers without a point, missing as nothing."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
