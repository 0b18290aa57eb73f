"""Conditions that compare a variable with what it never is: known before any data is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.plan import PlannedDomain, PlannedLine
from sdtmflow.mapping.planning.planned_terms import closed_values
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.values.conditions import (
    Comparison,
    Literal,
    Membership,
    Name,
    Node,
    parse,
    tests,
)
from sdtmflow.mapping.values.nearest import nearest


def check_comparisons(domains: Mapping[str, PlannedDomain], problems: list[StudyError]) -> None:
    """Add every comparison that is never true to ``problems``.

    A number compared with a text that says none, and a variable of a closed codelist compared
    with what is no term of it.
    """
    for domain in domains.values():
        for line in domain.lines:
            for name, value in _compared(line):
                there = _lines_named(domains, line, name)
                if there:
                    problems += _never(line, name, value, there)


def _compared(line: PlannedLine) -> Iterator[tuple[str, str | float]]:
    conditions = [line.line.when, *(branch.when for branch in line.line.case or [])]
    for condition in filter(None, conditions):
        for test in tests(parse(condition)):
            yield from _pairs(test)


def _pairs(test: Node) -> Iterator[tuple[str, str | float]]:
    if isinstance(test, Comparison):
        sides = (test.left, test.right)
        for one, other in (sides, sides[::-1]):
            if isinstance(one, Name) and isinstance(other, Literal):
                yield one.name, other.value
    elif isinstance(test, Membership) and isinstance(test.operand, Name):
        for literal in test.values:
            yield test.operand.name, literal.value


def _lines_named(
    domains: Mapping[str, PlannedDomain], line: PlannedLine, name: str
) -> tuple[PlannedLine, ...]:
    """The lines that make the variable of that name; none where it is a raw column."""
    reference = line.references.get(name)
    if reference is None or reference.kind == RAW:
        return ()
    domain = domains.get(reference.dataset or line.domain)
    return domain.lines_of(reference.name) if domain else ()


def _never(
    line: PlannedLine, name: str, value: str | float, there: tuple[PlannedLine, ...]
) -> Iterator[StudyError]:
    values = frozenset[str]().union(*(closed_values(other) for other in there))
    if there[0].numeric:
        if not _is_number(value):
            message = f"{name} is a number, and '{value}' is none"
            yield StudyError(message, place=line.place, remedy="compare it with a number")
    elif all(closed_values(other) for other in there) and str(value) not in values:
        remedy = nearest(str(value), values, "use a submission value")
        yield StudyError(f"{name} is never '{value}'", place=line.place, remedy=remedy)


def _is_number(value: str | float) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
