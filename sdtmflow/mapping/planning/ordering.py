"""The order in which columns are made: what a line reads comes before it, across domains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.plan import (
    BUILTIN,
    CALENDAR,
    DESIGN_DATASETS,
    RECORDS,
    PlannedDomain,
    PlannedLine,
    Step,
    lookup_columns,
)
from sdtmflow.mapping.planning.references import extreme_of
from sdtmflow.mapping.planning.spec_files import LostSpecError
from sdtmflow.mapping.values.conditions import names, parse

NOT_GIVEN = {"ECMOOD": "SCHEDULED", "ECOCCUR": "N"}
"""What tells that a collected dose was not given."""


def steps_of(
    domains: Mapping[str, PlannedDomain],
    problems: list[StudyError],
    element_dates: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """Every column, every domain's records and the visit calendar, each after what it needs.

    ``element_dates`` are the variables that the subject elements (SE) are made from.

    Same specs, same order. A cycle and a name that leads nowhere are added to ``problems``.
    """
    made: set[Step] = {CALENDAR}
    needs: dict[Step, set[Step]] = {CALENDAR: set(_calendar_needs(domains))}
    for domain in domains.values():
        records = Step(domain.name, RECORDS)
        needs[records] = set(_records_needs(domain, domains, element_dates))
        for line in domain.lines:
            step = Step(domain.name, line.column)
            needs.setdefault(step, {records}).update(_line_needs(line, domain, domains))
    made |= set(needs)
    graph = {
        step: sorted((needed for needed in before if needed in made), key=_text)
        for step, before in needs.items()
    }
    _report_unmade(domains, problems)
    while True:
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            problems.append(_cycle(error, domains))
            _cut(graph, error.args[1])


def _cut(graph: dict[Step, list[Step]], cycle: list[Step]) -> None:
    """Take a cycle out of the graph, so that the next one is found."""
    for needed, step in pairwise(cycle):
        if needed in graph[step]:
            graph[step].remove(needed)
            return


def _text(step: Step) -> str:
    return f"{step.domain}.{step.column}"


def _cycle(error: CycleError, domains: Mapping[str, PlannedDomain]) -> StudyError:
    steps: list[Step] = error.args[1]
    path = " ← ".join(_text(step) for step in reversed(steps))
    places = [
        line.place
        for step in steps
        if step.domain in domains
        for line in domains[step.domain].lines_of(step.column)
    ]
    return StudyError(
        f"these variables need each other: {path}",
        place=places[0] if places else "",
        remedy="derive one of them from raw columns",
    )


def _calendar_needs(domains: Mapping[str, PlannedDomain]) -> Iterator[Step]:
    for domain in domains.values():
        for line in domain.lines:
            if line.line.visit:
                yield Step(domain.name, RECORDS)
                yield from _own_references(line)


def _own_references(line: PlannedLine) -> Iterator[Step]:
    for reference in line.references.values():
        if reference.kind == "own":
            yield Step(line.domain, reference.name)
        elif reference.kind == "other":
            yield Step(reference.dataset, reference.name)


def _records_needs(
    domain: PlannedDomain, domains: Mapping[str, PlannedDomain], element_dates: tuple[str, ...]
) -> Iterator[Step]:
    for at, records in enumerate(domain.record_sets):
        if records.from_ == f"{BUILTIN}subject_elements":
            yield from map(_dotted, element_dates)
        elif records.from_ == f"{BUILTIN}subject_visits":
            yield from _visit_needs(domain, domains)
        elif records.from_ == f"{BUILTIN}collected_exposure":
            yield Step("EC", RECORDS)
            yield from (Step("EC", name) for name in (*NOT_GIVEN, *domain.raw_names(at)))
        elif records.from_ in {f"{BUILTIN}comments", f"{BUILTIN}related_records"}:
            yield from _carrying(domain, domains)


def _carrying(domain: PlannedDomain, domains: Mapping[str, PlannedDomain]) -> Iterator[Step]:
    """What comments and relationships point to: numbers, visits, the variables of links."""
    for other in domains.values():
        if other.carried and other.name != domain.name:
            yield Step(other.name, RECORDS)
            yield from (Step(other.name, name) for name in (other.sequence, "VISITNUM") if name)
    for link in domain.links:
        dataset, variable = link.target
        yield from (Step(dataset, name) for name in (f"{dataset}SEQ", variable))


def _visit_needs(domain: PlannedDomain, domains: Mapping[str, PlannedDomain]) -> Iterator[Step]:
    for other in domains.values():
        if other.name != domain.name:
            for line in other.lines:
                if line.line.visit:
                    yield Step(other.name, line.column)
                    yield from _own_references(line)


def _line_needs(
    line: PlannedLine, domain: PlannedDomain, domains: Mapping[str, PlannedDomain]
) -> Iterator[Step]:
    yield from _own_references(line)
    verb = line.line.verb
    if verb in {"earliest", "latest"}:
        yield from _extreme_needs(line)
    elif verb == "lookup" and line.line.lookup and line.line.lookup.dataset:
        dataset = line.line.lookup.dataset
        yield from (Step(dataset, column) for column in lookup_columns(line.line))
    elif verb == "sequence" and line.line.sequence:
        by = line.line.sequence.by
        columns = domain.natural_key if by == "keys" else by
        yield from (Step(domain.name, column) for column in columns)
    elif verb == "visit":
        yield CALENDAR
    elif verb == "epoch" and "SE" in domains:
        yield from (Step("SE", column) for column in ("SESTDTC", "SEENDTC", "EPOCH"))
    elif verb == "derive":
        yield from (Step(domain.name, key) for key in domain.keys)


def _extreme_needs(line: PlannedLine) -> Iterator[Step]:
    extreme = extreme_of(line.line)
    for name in extreme.of:
        yield _dotted(name, line.domain)
        if extreme.where:
            dataset = _dotted(name, line.domain).domain
            yield from (Step(dataset, column) for column in names(parse(extreme.where)))


def _dotted(name: str, domain: str = "") -> Step:
    dataset, _, column = name.rpartition(".")
    return Step(dataset or domain, column)


def _report_unmade(domains: Mapping[str, PlannedDomain], problems: list[StudyError]) -> None:
    """Dotted names in earliest, latest and dataset lookups that no line makes.

    Where a spec was lost, what the domains that are not there make is not known.
    """
    lost = any(isinstance(problem, LostSpecError) for problem in problems)
    for domain in domains.values():
        for line in domain.lines:
            for step in _foreign(line):
                if not _is_made(step, domains) and not (lost and step.domain not in domains):
                    message, remedy = f"no line makes {_text(step)}", "correct it, or add the line"
                    problems.append(StudyError(message, place=line.place, remedy=remedy))


def _foreign(line: PlannedLine) -> Iterator[Step]:
    if line.line.verb in {"earliest", "latest"}:
        yield from _extreme_needs(line)
    elif line.line.lookup and line.line.lookup.dataset not in {"", *DESIGN_DATASETS}:
        columns = lookup_columns(line.line)
        yield from (Step(line.line.lookup.dataset, column) for column in columns)


def _is_made(step: Step, domains: Mapping[str, PlannedDomain]) -> bool:
    domain = domains.get(step.domain)
    return domain is not None and bool(domain.lines_of(step.column))
