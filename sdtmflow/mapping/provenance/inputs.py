"""What a line reads beyond its own record: the inputs that the lineage of a value is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sdtmflow.mapping.design.element_rules import dates_read
from sdtmflow.mapping.planning.plan import (
    BUILTIN,
    COMMENT,
    VISIT_FORM_COLUMNS,
    VISIT_FORM_DATES,
    Plan,
    PlannedDomain,
    PlannedLine,
    lookup_columns,
    plain,
    row_columns,
)
from sdtmflow.mapping.planning.references import RAW, Reference, extreme_of
from sdtmflow.mapping.values.conditions import names, parse

Kind = Literal["own", "first", "linked", "extreme", "subject", "visits"]


@dataclass(frozen=True, slots=True)
class Input:
    """A column that a rule reads, and on which records.

    ``name`` is a variable, ``supp.QNAM``, or ``raw.COLUMN`` of the raw row. ``kind``:

    - ``own``: of the same record;
    - ``first``: of the subject's first record in ``dataset``;
    - ``linked``: of the records that the links name, in ``dataset`` (or raw table);
    - ``extreme``: as ``linked``, where it is the value itself (one of several dates);
    - ``subject``: of all the subject's records in ``dataset``; a reader who asks about one record
      is shown those that are ``alike`` in these variables, for only they are compared;
    - ``visits``: as ``subject``, but only for an unscheduled visit, which is numbered among them.
    """

    kind: Kind
    name: str
    dataset: str = ""
    alike: tuple[str, ...] = ()


def inputs_of(plan: Plan, line: PlannedLine) -> tuple[Input, ...]:
    """Everything that decides the line's value on a record."""
    own = [_referenced(reference) for reference in line.references.values()]
    more = _MORE.get(line.line.verb)
    return tuple(dict.fromkeys([*own, *(more(plan, line) if more else ())]))


def record_inputs(plan: Plan, domain: PlannedDomain, record_set: int) -> tuple[Input, ...]:
    """What decides that a record is there at all."""
    records = domain.record_sets[record_set]
    if records.from_ == f"{BUILTIN}subject_elements":
        return tuple(_elements(plan))
    if records.from_ == f"{BUILTIN}subject_visits":
        return tuple(_visits_made(plan))
    if records.from_.startswith(BUILTIN):
        return tuple(dict.fromkeys(_others_read(plan, domain, records.from_)))
    found = [*names(parse(records.where))] if records.where else []
    found += [*row_columns(records)]
    found += list(records.unpivot.columns) if records.unpivot else []
    if records.duplicates and not records.duplicates.by:  # rows are the same in all that is read
        found += domain.raw_names(record_set)
    return tuple(dict.fromkeys(Input("own", f"{RAW}.{plain(name)}") for name in found))


def _others_read(plan: Plan, domain: PlannedDomain, maker: str) -> Iterator[Input]:
    """What the makers of CO, RELREC and EX read of the subject's other records."""
    if maker == f"{BUILTIN}collected_exposure" and "EC" in plan.domains:
        yield from (Input("subject", name, "EC") for name in plan.domains["EC"].columns)
        return
    for other in plan.domains.values():
        if other.carried and (COMMENT in other.carried or domain.links):
            columns = (*(f"{RAW}.{name}" for name in other.carried), other.sequence)
            yield from (Input("subject", name, other.name) for name in columns if name)
    for link in domain.links:
        dataset, variable = link.target
        yield from (Input("subject", name, dataset) for name in (variable, f"{dataset}SEQ"))


def _referenced(reference: Reference) -> Input:
    if reference.kind == "other":
        return Input("first", reference.name, reference.dataset)
    return Input("own", reference.column)


def _sequence(plan: Plan, line: PlannedLine) -> Iterator[Input]:
    by = line.line.sequence.by if line.line.sequence else "keys"
    keys = plan.domains[line.domain].natural_key if by == "keys" else by
    return (Input("subject", key, line.domain) for key in keys)


def _baseline(_: Plan, line: PlannedLine) -> Iterator[Input]:
    spec = line.line.baseline
    if spec:
        by = tuple(line.references[name].column for name in spec.by)
        status = [name for name in line.references if name == f"{line.domain}STAT"]
        for name in (spec.result, spec.date, *spec.by, *status):
            yield Input("subject", line.references[name].column, line.domain, by)


def _epoch(plan: Plan, _: PlannedLine) -> Iterator[Input]:
    if "SE" in plan.domains:
        yield from (Input("subject", name, "SE") for name in ("SESTDTC", "SEENDTC", "EPOCH"))


def _derive(plan: Plan, line: PlannedLine) -> Iterator[Input]:
    """A function is given all records: what it does with them nobody but itself can tell."""
    own = [ref.column for ref in line.references.values() if ref.kind != "other"]
    keys = plan.domains[line.domain].keys
    return (Input("subject", name, line.domain) for name in dict.fromkeys([*own, *keys]))


def _extreme(_: Plan, line: PlannedLine) -> Iterator[Input]:
    spec = extreme_of(line.line)
    conditions = names(parse(spec.where)) if spec.where else ()
    for name in spec.of:
        dataset, _dot, column = name.rpartition(".")
        yield Input("extreme", column, dataset or line.domain)
        yield from (Input("linked", read, dataset or line.domain) for read in conditions)


def _lookup(_: Plan, line: PlannedLine) -> Iterator[Input]:
    lookup = line.line.lookup
    if lookup:
        prefix = f"{RAW}." if lookup.table else ""
        for name in lookup_columns(line.line):
            yield Input("linked", f"{prefix}{name}", lookup.table or lookup.dataset)


def _visit(plan: Plan, _: PlannedLine | None) -> Iterator[Input]:
    """Unscheduled visits are numbered among all dated visits of the subject."""
    for line, dated in _visit_lines(plan):
        for name in dated:
            yield Input("visits", line.references[name].column, line.domain)
    makers = (domain.name for domain in plan.domains.values() if _makes_visits(domain))
    for name in makers:
        yield from (Input("visits", f"{RAW}.{column}", name) for column in VISIT_FORM_DATES)


def _makes_visits(domain: PlannedDomain) -> bool:
    return any(records.from_ == f"{BUILTIN}subject_visits" for records in domain.record_sets)


def _visit_lines(plan: Plan) -> Iterator[tuple[PlannedLine, tuple[str, str]]]:
    """The lines of VISITNUM with a date: (line, names of the text and the date)."""
    for domain in plan.domains.values():
        for line in domain.lines:
            spec = line.line.visit
            if spec and spec.give == "VISITNUM" and spec.date and spec.collected:
                yield line, (spec.collected, spec.date)


def _visits_made(plan: Plan) -> Iterator[Input]:
    for line, (_, date) in _visit_lines(plan):
        for name in ("VISITNUM", "VISIT", line.references[date].column):
            yield Input("subject", name, line.domain, ("VISITNUM",))
    yield from (Input("own", f"{RAW}.{column}") for column in VISIT_FORM_COLUMNS)
    yield from _visit(plan, None)


def _elements(plan: Plan) -> Iterator[Input]:
    """The variables that the design's start rules read, as far as lines make them."""
    for name in dates_read(plan.study.design) if plan.study.design else ():
        dataset, _, variable = name.partition(".")
        if dataset in plan.domains and plan.domains[dataset].lines_of(variable):
            yield Input("first" if dataset == "DM" else "subject", variable, dataset)


_MORE: Mapping[str, Callable[[Plan, PlannedLine], Iterator[Input]]] = {
    "sequence": _sequence,
    "baseline": _baseline,
    "epoch": _epoch,
    "derive": _derive,
    "earliest": _extreme,
    "latest": _extreme,
    "lookup": _lookup,
    "visit": _visit,
}
