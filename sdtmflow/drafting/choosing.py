"""Which domain a table feeds, and which column makes which variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sdtmflow.drafting.evidence import Candidate, candidates
from sdtmflow.drafting.knowledge import DomainKnowledge, Knowledge
from sdtmflow.drafting.raw import Column, RawTable
from sdtmflow.drafting.wide import tests_of
from sdtmflow.drafting.words import words

_SURE = 0.85
"""A column that counts for a domain."""
_SAME = 0.02
"""Two columns of one variable that differ by less are undecided."""
_RARE = 0.5
"""What votes count for a domain without a standard spec."""
_NEAR = 0.05
"""Two candidates of a column that differ by less are undecided, unless one is sure."""
_OTHER = 2.0
"""Votes of the columns that are left for a further domain."""
_NAME_COUNTS = 3.0
"""Columns that a table's own name is worth."""


_CALLED = {
    "AE": frozenset({"adverse", "adverses", "aes"}),
    "CM": frozenset({"concomitant", "conmed", "conmeds", "meds", "medication", "medications"}),
    "DM": frozenset({"demog", "demographic", "demographics", "demography"}),
    "DS": frozenset({"disposition", "completion", "studcomp", "discontinuation", "eos"}),
    "EG": frozenset({"ecg", "electrocardiogram"}),
    "EX": frozenset({"dosing", "exposure", "administration"}),
    "IE": frozenset({"inclusion", "exclusion", "eligibility"}),
    "LB": frozenset({"lab", "labs", "laboratory"}),
    "MH": frozenset({"history", "medhist"}),
    "PE": frozenset({"physical"}),
    "QS": frozenset({"questionnaire"}),
    "VS": frozenset({"vital", "vitals"}),
}
"""Words of forms and files for a domain, besides its label's."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a table may feed in one domain."""

    domain: DomainKnowledge
    table: RawTable
    taken: tuple[Candidate, ...]
    """One column a variable, the surest first come."""
    rivals: Mapping[str, Candidate]
    """Column → its best candidate, for columns that make nothing."""


def domains_of(table: RawTable, knowledge: Knowledge) -> list[DomainKnowledge]:
    """The domains that the table feeds, the likeliest first; none where nothing speaks for one."""
    found: list[DomainKnowledge] = []
    left = table
    while left.columns:
        votes = {
            name: _votes(left, domain, table)
            for name, domain in knowledge.domains.items()
            if domain not in found
        }
        best = max(votes, key=lambda name: votes[name])
        if votes[best] < (_OTHER if found else 1):
            break
        found.append(knowledge.domains[best])
        left = replace(left, columns=_unclaimed(left, found[-1]))
    return found


def _unclaimed(table: RawTable, domain: DomainKnowledge) -> tuple[Column, ...]:
    """The columns that are surely nothing of the domain's."""
    wide = tests_of(table, domain)
    return tuple(
        column
        for column in table.columns
        if not (wide and column.name in wide.columns)
        and not any(c.confidence >= _SURE for c in candidates(column, domain, table.name))
    )


def _votes(table: RawTable, domain: DomainKnowledge, whole: RawTable) -> float:
    """How many columns speak for the domain; the table's name, where none is taken away yet."""
    wide = tests_of(table, domain)
    name = domain.facts.name
    own = table.name.upper()
    named = own == name or own.startswith(f"{name}_") or own.endswith(f"_{name}")
    called = words(f"{table.label} {table.sent.replace('_', ' ')}")
    said = set(re.findall("[a-z]+", f"{table.label} {table.sent}".lower()))
    spoken = (domain.words and domain.words <= called) or said & _CALLED.get(name, frozenset())
    votes = _NAME_COUNTS * ((named or bool(spoken)) and table is whole)
    votes += len(wide.results) if wide and len(wide.results) > 1 else 0
    for column in table.columns:
        found = candidates(column, domain, table.name)
        if found and _of_the_domain(found[0], domain):
            votes += found[0].confidence if found[0].confidence >= _SURE else 0
    return votes if domain.standard else votes * _RARE


def _of_the_domain(candidate: Candidate, domain: DomainKnowledge) -> bool:
    """A name of the domain's own, not one that every domain has."""
    own, bare = domain.facts.name, candidate.column.name.rpartition(".")[2]
    return own == "DM" or (candidate.target.name.startswith(own) and own in bare)


def choose(table: RawTable, domain: DomainKnowledge, threshold: float) -> Choice:
    """Columns to variables, the surest first; a variable and a column are taken once.

    A --DTC takes a date column and a time column.
    """
    found = [c for column in table.columns for c in candidates(column, domain, table.name)]
    found.sort(key=lambda each: (-each.confidence, each.target.facts.order, each.column.name))
    taken: dict[tuple[str, str], Candidate] = {}
    used: set[str] = set()
    for each in found:
        key = (each.target.name, each.part)
        free = key not in taken and each.column.name not in used
        undecided = _undecided(each, found) or _contested(each, found)
        if each.confidence >= threshold and free and not undecided:
            taken[key] = each
            used.add(each.column.name)
    taken |= {(each.target.name, "value"): each for each in _codes_of_tests(taken, domain)}
    sound = [c for key, c in taken.items() if c.part == "value" or (key[0], "value") in taken]
    left = {c.name: _best(found, c) for c in table.columns if c.name not in used}
    rivals = {name: candidate for name, candidate in left.items() if candidate}
    return Choice(domain, table, tuple(sound), rivals)


def _undecided(candidate: Candidate, found: list[Candidate]) -> bool:
    """Whether the column may as well be another variable, so that it stays open."""
    others = (
        each.confidence
        for each in found
        if each.column.name == candidate.column.name and each.target.name != candidate.target.name
    )
    return candidate.confidence < _SURE and max(others, default=0) > candidate.confidence - _NEAR


def _contested(candidate: Candidate, found: list[Candidate]) -> bool:
    """Whether another column is the variable as surely, and is nothing else more surely."""
    rivals = (
        each
        for each in found
        if each.target.name == candidate.target.name
        and each.part == candidate.part
        and each.column.name != candidate.column.name
        and each.confidence > candidate.confidence - _SAME
    )
    return any(_best(found, each.column) is each for each in rivals)


def _best(found: list[Candidate], column: Column) -> Candidate | None:
    return next((each for each in found if each.column.name == column.name), None)


def _codes_of_tests(
    taken: Mapping[tuple[str, str], Candidate], domain: DomainKnowledge
) -> Iterator[Candidate]:
    """--TESTCD from the column of --TEST, and the other way round, where only one is delivered."""
    name = domain.facts.name
    for have, lack in ((f"{name}TEST", f"{name}TESTCD"), (f"{name}TESTCD", f"{name}TEST")):
        one = taken.get((have, "value"))
        if one and (lack, "value") not in taken and lack in domain.targets:
            reasons = (f"by the codelist, from what makes {have}",)
            yield Candidate(one.column, domain.targets[lack], one.confidence, reasons)
            return
