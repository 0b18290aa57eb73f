"""What each raw column became, as the mapping plan carries it out: annotations, no guesses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdtmflow.documents.crf.model import Annotation, Place
from sdtmflow.mapping.planning.origins import origin_of
from sdtmflow.mapping.planning.plan import (
    BUILTIN,
    COMMENT,
    SUBJECT_VISITS,
    VISIT_FORM,
    Plan,
    PlannedDomain,
    PlannedLine,
    plain,
)
from sdtmflow.mapping.planning.references import RAW, reads
from sdtmflow.mapping.spec import RecordSet, Unpivot
from sdtmflow.mapping.values.conditions import names, parse

_COPYING = {"assign", "assign_ct", "number", "datetime", "coalesce", "concat", "multiple"}
"""Verbs whose value is what the form says, whatever the origin that the spec declares."""
_TOPICS = ("TESTCD", "DECOD", "TERM", "TRT", "CAT")
"""What tells the records of one set from those of another, the first that there is."""
_NUMBERED = re.compile(r"\d+ in (?=SUPP)")
"""The number of one of several answers: ``RACE2 in SUPPDM``."""
_OF_VISIT_FORM = {
    "VISDAT": "SVSTDTC",
    "SVSTDAT": "SVSTDTC",
    "SVSTTIM": "SVSTDTC",
    "SVENDAT": "SVENDTC",
    "SVENTIM": "SVENDTC",
}
"""The visit form's dates, which the engine itself takes (``mapping.design.visit_form``)."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """The annotations of one raw table."""

    columns: Mapping[str, tuple[Annotation, ...]]
    notes: tuple[Annotation, ...]
    domains: tuple[str, ...]
    beside: Mapping[str, str]
    """A column → the one whose answer it belongs to (a unit → its result)."""


def annotated(plan: Plan, table: str, delivered: Collection[str]) -> Annotated:
    """What becomes of the ``delivered`` columns of the raw table."""
    found = [
        *(pair for made in _sets(plan, table, delivered) for pair in made.annotations()),
        *_looked_up(plan, table),
        *_carried(plan, table),
        *_visits(plan, table),
    ]
    columns: dict[str, dict[str, Annotation]] = {}
    for column, annotation in found:
        if column in delivered:
            columns.setdefault(column, {}).setdefault(annotation.text, annotation)
    notes = {
        note.text: note for made in _alone(plan, table, delivered) for note in made.constants()
    }
    used = {one.domain for each in columns.values() for one in each.values()}
    return Annotated(
        columns={column: tuple(_series(each.values())) for column, each in columns.items()},
        notes=tuple(note for note in notes.values() if note.domain in used),
        domains=tuple(name for name in plan.domains if name in used),
        beside=_beside(plan, table),
    )


def _series(annotations: Iterable[Annotation]) -> Iterator[Annotation]:
    """The annotations; ``RACE1 in SUPPDM``, ``RACE2 in SUPPDM`` … as one."""
    groups: dict[str, list[Annotation]] = {}
    for each in annotations:
        groups.setdefault(_NUMBERED.sub(" in ", each.text), []).append(each)
    for first, *others in groups.values():
        if not others:
            yield first
            continue
        text = f"{first.text.partition(' in ')[0]} to {others[-1].text}"
        places = tuple(place for each in (first, *others) for place in each.places)
        yield Annotation(first.domain, text, places)


def _alone(plan: Plan, table: str, delivered: Collection[str]) -> Iterator[_Set]:
    """The record sets that make all records of their domain from the table."""
    sets = list(_sets(plan, table, delivered))
    counts = Counter(made.domain.name for made in sets)
    yield from (made for made in sets if counts[made.domain.name] == 1)


def _beside(plan: Plan, table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for domain in plan.domains.values():
        for records in domain.record_sets:
            if records.from_ == table and (unpivot := records.unpivot):
                for value in unpivot.values:
                    columns = (unpivot.column(name, value) for name in unpivot.columns)
                    first, *others = filter(None, columns)
                    found |= dict.fromkeys(others, first)
    return found


def place_of(line: PlannedLine, value: str = "") -> Place:
    """Where define.xml describes what the line makes."""
    if line.supplemental:
        return (f"SUPP{line.domain}", "QVAL", line.variable)
    return (line.domain, line.variable, value)


def named(line: PlannedLine) -> str:
    """The variable, or the qualifier with its dataset: ``RACEOTH in SUPPDM``."""
    return f"{line.variable} in SUPP{line.domain}" if line.supplemental else line.variable


@dataclass(frozen=True, slots=True)
class _Set:
    """One record set of a domain that reads the table."""

    domain: PlannedDomain
    at: int

    @property
    def records(self) -> RecordSet:
        return self.domain.record_sets[self.at]

    @property
    def lines(self) -> list[PlannedLine]:
        return [line for line in self.domain.lines if line.record_set in {None, self.at}]

    def annotations(self) -> Iterator[tuple[str, Annotation]]:
        """(raw column as staged, annotation)."""
        told = set()
        for line in self.lines:
            for name in _value_names(line):
                for column, value in self._columns(name):
                    told.add(column)
                    yield column, self._annotation(line, value)
        yield from self._by_condition(told)

    def constants(self) -> Iterator[Annotation]:
        """What every record of the set has: ``DSCAT = PROTOCOL MILESTONE``."""
        if self._only_condition():
            return
        first = {line.column: line for line in reversed(self.lines)}
        for line in self._constants():
            if line is first[line.column] and not line.line.when:
                text = f"{named(line)} = {line.line.constant}"
                yield Annotation(self.domain.name, text, _collected(line))

    def _annotation(self, line: PlannedLine, value: str) -> Annotation:
        own = self._topic() if line.record_set is not None else ""
        condition = f"{self._topic_by_value()} = {value}" if value else own
        text = f"{named(line)} when {condition}" if condition else named(line)
        return Annotation(self.domain.name, text, (place_of(line, value),))

    def _topic_by_value(self) -> str:
        """The variable that an unpivot's values become."""
        into = self.records.unpivot.into if self.records.unpivot else ""
        made = (line.variable for line in self.lines if into in _value_names(line, made=True))
        return next(made, into)

    def _topic(self) -> str:
        """``DSDECOD = RANDOMIZED``, where the domain has records of other sets too."""
        if len(self.domain.record_sets) == 1:
            return ""
        constants = {
            line.variable: line.line.constant
            for line in self._constants()
            if line.record_set is not None and not line.line.when
        }
        for topic in _TOPICS:
            name = f"{self.domain.name}{topic}"
            if name in constants:
                return f"{name} = {constants[name]}"
        return ""

    def _columns(self, name: str) -> Iterator[tuple[str, str]]:
        """The staged columns behind a raw name, each with the unpivoted value that it holds."""
        unpivot: Unpivot | None = self.records.unpivot
        if unpivot is None or name not in unpivot.columns:
            yield name, ""
            return
        for value in unpivot.values:
            if column := unpivot.column(name, value):
                yield column, value

    def _by_condition(self, told: set[str]) -> Iterator[tuple[str, Annotation]]:
        """Columns that decide whether there is a record, or a constant on it, and give no value."""
        for line in self._constants():
            for name in _raw_names(line, line.line.when) if line.line.when else ():
                if name not in told:
                    yield name, self._set_by(line)
        if self.records.where and self._only_condition():
            status = [line for line in self._constants() if line.variable.endswith("STAT")]
            for name in map(plain, names(parse(self.records.where))):
                yield from ((name, self._set_by(line)) for line in status)

    def _constants(self) -> list[PlannedLine]:
        return [line for line in self.lines if line.line.verb == "constant"]

    def _set_by(self, line: PlannedLine) -> Annotation:
        text = f"{named(line)} = {line.line.constant}"
        topic = self._topic()
        return Annotation(
            self.domain.name, f"{text} when {topic}" if topic else text, _collected(line)
        )

    def _only_condition(self) -> bool:
        """Whether the set tells that something was not done."""
        return any(
            line.variable == f"{self.domain.name}STAT"
            and line.record_set == self.at
            and not line.line.when
            for line in self._constants()
        )


def _sets(plan: Plan, table: str, delivered: Collection[str]) -> Iterator[_Set]:
    for domain in plan.domains.values():
        for at, records in enumerate(domain.record_sets):
            having = not records.having or any(plain(name) in delivered for name in records.having)
            if records.from_ == table and having:
                yield _Set(domain, at)


def _value_names(line: PlannedLine, *, made: bool = False) -> list[str]:
    """The raw names whose text becomes the value; with ``made`` whatever the verb."""
    if not made and not _is_annotated(line):
        return []
    value = line.line.model_copy(update={"when": None})
    found = (line.references.get(read.name) for read in reads(value))
    return [
        reference.name
        for reference in found
        if reference and reference.kind == RAW and not reference.name.startswith("_")
    ]


def _is_annotated(line: PlannedLine) -> bool:
    verb, visit = line.line.verb, line.line.visit
    if visit:
        return visit.give != "VISITDY"
    return verb in _COPYING or (verb in {"case", "duration"} and _is_collected(line))


def _raw_names(line: PlannedLine, condition: str) -> Iterator[str]:
    for name in names(parse(condition)):
        reference = line.references.get(name)
        if reference and reference.kind == RAW:
            yield reference.name


def _is_collected(line: PlannedLine) -> bool:
    return origin_of(line).type == "Collected"


def _collected(line: PlannedLine) -> tuple[Place, ...]:
    return (place_of(line),) if _is_collected(line) else ()


def _looked_up(plan: Plan, table: str) -> Iterator[tuple[str, Annotation]]:
    """Values that another form's records take from this table."""
    for domain in plan.domains.values():
        for line in domain.lines:
            lookup = line.line.lookup
            if lookup and lookup.table == table:
                for column in lookup.values():
                    yield column, Annotation(domain.name, named(line), (place_of(line),))


def _carried(plan: Plan, table: str) -> Iterator[tuple[str, Annotation]]:
    """Comments on a row, and numbers that name a record of another form."""
    feeds = {made.name for made in plan.domains.values() if _reads_table(made, table)}
    for domain in plan.domains.values():
        if any(records.from_ == f"{BUILTIN}comments" for records in domain.record_sets):
            for name in sorted(feeds - {domain.name}):
                if COMMENT in plan.domains[name].carried:
                    text = f"COVAL when RDOMAIN = {name}"
                    yield COMMENT, Annotation(domain.name, text, ((domain.name, "COVAL", ""),))
        for link in domain.links:
            (dataset, column), (other, variable) = link.origin, link.target
            if dataset in feeds:
                text = f"RELREC: {dataset} with {other} by {other}.{variable}"
                yield column, Annotation(domain.name, text)


def _reads_table(domain: PlannedDomain, table: str) -> bool:
    return any(records.from_ == table for records in domain.record_sets)


def _visits(plan: Plan, table: str) -> Iterator[tuple[str, Annotation]]:
    """The visit form, which the engine reads itself for SV."""
    if table != VISIT_FORM:
        return
    for domain in plan.domains.values():
        if any(records.from_ == SUBJECT_VISITS for records in domain.record_sets):
            for line in domain.lines:
                for name in _value_names(line):
                    if name == line.variable:
                        yield name, Annotation(domain.name, named(line), (place_of(line),))
            for column, variable in _OF_VISIT_FORM.items():
                place = (domain.name, variable, "")
                yield column, Annotation(domain.name, variable, (place,))
