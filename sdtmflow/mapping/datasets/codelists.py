"""Codelists for define.xml: restricted to what the study uses or declares, one OID a content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sdtmflow.dataset import Codelist, Term, ValueLevel
from sdtmflow.mapping.datasets.own_names import OwnNames
from sdtmflow.mapping.datasets.said import dictionary_codelist, permitted_codelist, value_levels
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.spec import Dictionary
from sdtmflow.standards.terminology import CodelistFacts, TermFacts, Terminology
from sdtmflow.study import Standards

_PAIRS = {"TESTCD": "TEST", "PARMCD": "PARM"}
_SHARED = ("DOMAIN", "RDOMAIN", "EPOCH")
_OWN_LISTS = {
    "ARMCD": ("ARMCD", "Arm Code"),
    "ACTARMCD": ("ARMCD", "Arm Code"),
    "ARM": ("ARM", "Arm"),
    "ACTARM": ("ARM", "Arm"),
    "ETCD": ("ETCD", "Element Code"),
    "ELEMENT": ("ELEMENT", "Element"),
    "VISITNUM": ("VISITNUM", "Visit Number"),
    "VISIT": ("VISIT", "Visit"),
    "IETESTCD": ("IETESTCD", "Inclusion/Exclusion Criterion"),
}
"""OID and name of the study's own lists, by variable."""


class Codelists:
    """Gives each distinct restricted codelist an OID of its own, in order of appearance."""

    def __init__(self, terminology: Terminology, own: OwnNames, standards: Standards) -> None:
        self._terminology = terminology
        self._standards = standards
        self._own = own
        self._known: dict[tuple[str, tuple[Term, ...]], Codelist] = {}
        self._count: dict[str, int] = {}

    def dictionary(self, name: str, version: str = "", *, usual: str = "") -> Codelist:
        """An external dictionary such as MedDRA; without a version, that of study.yaml."""
        return dictionary_codelist(Dictionary(name=name, version=version), self._standards, usual)

    def permitted(self, line: PlannedLine) -> Codelist | None:
        """The codelist as the line itself lists it; None where it leaves that to the data."""
        said = line.line.permitted
        return permitted_codelist(said, line.codelists, self._terminology) if said else None

    def levels(self, line: PlannedLine) -> tuple[ValueLevel, ...]:
        """Value-level metadata as the line says it; none where it leaves that to the data."""
        return value_levels(line.line.values, self._terminology, self._standards)

    def shared(self, variable: str, used: tuple[str, ...]) -> tuple[str, ...]:
        """The values of a variable, where it has any; of DOMAIN and EPOCH the whole study's."""
        whole = self._own.get(variable.removeprefix("R"), {}) if variable in _SHARED else {}
        return tuple(whole) if used and whole else used

    def named(self, variable: str) -> Codelist | None:
        """The study's own codes or names (arms, visits); None for a variable that has none."""
        name = _OWN_LISTS.get(variable)
        return self.own(*name, self._own.get(variable, {})) if name else None

    def own(self, oid: str, name: str, terms: Mapping[str, str]) -> Codelist | None:
        """A codelist of the sponsor: value → what it is called; None where there is no value."""
        listed = tuple(Term(value, decode=decode) for value, decode in terms.items())
        return Codelist(f"CL.{oid}", name, terms=listed) if listed else None

    def of(
        self, facts: Sequence[CodelistFacts], line: PlannedLine | None, used: Iterable[str]
    ) -> Codelist | None:
        """The codelist of a variable with these values; None where there is nothing to list."""
        terms = self._terms(facts, _permitted(facts, line, used))
        if not terms:
            return None
        name = " / ".join(dict.fromkeys(codelist.name for codelist in facts))
        first = facts[0]
        key = (name, terms)
        if key not in self._known:
            self._known[key] = Codelist(
                oid=self._oid(first.submission_value),
                name=name,
                code=first.code if len(facts) == 1 else "",
                extensible=all(codelist.extensible for codelist in facts),
                terms=terms,
            )
        return self._known[key]

    def _oid(self, name: str) -> str:
        """``CL.NY`` for the first content, ``CL.NY.2`` for the next one."""
        self._count[name] = self._count.get(name, 0) + 1
        number = self._count[name]
        return f"CL.{name}" if number == 1 else f"CL.{name}.{number}"

    def _terms(self, facts: Sequence[CodelistFacts], values: set[str]) -> tuple[Term, ...]:
        """The values with code and decode, in alphabetical order; others are extensions."""
        known = {term.submission_value: term for codelist in facts for term in codelist.terms}
        names = self._names(facts)
        return tuple(_term(value, known.get(value), names) for value in sorted(values))

    def _names(self, facts: Sequence[CodelistFacts]) -> dict[str, str]:
        """NCI code → the long name, for codelists of codes (VSTESTCD → VSTEST)."""
        for codelist in facts:
            for short, long in _PAIRS.items():
                if codelist.submission_value.endswith(short):
                    pair = codelist.submission_value.removesuffix(short) + long
                    if pair in self._terminology:
                        terms = self._terminology.codelist(pair).terms
                        return {term.code: term.submission_value for term in terms}
        return {}


def _permitted(
    facts: Sequence[CodelistFacts], line: PlannedLine | None, used: Iterable[str]
) -> set[str]:
    """The values used and, of a closed codelist, those that the study's terms may give.

    A collected text that did not map to a closed codelist is a finding, never a term.
    """
    if any(codelist.extensible for codelist in facts):
        return set(used)
    declared = set(line.matcher.declared.values()) if line and line.matcher else set()
    known = {term.submission_value for codelist in facts for term in codelist.terms}
    known |= set(line.facts.beside) if line else set()
    return (set(used) | declared) & known


def restricted(codelist: Codelist | None, used: Iterable[str]) -> Codelist | None:
    """The study's own codelist with the terms that are used; None where none is."""
    if codelist is None or codelist.code or codelist.dictionary:
        return codelist
    values = set(used)
    terms = tuple(term for term in codelist.terms if term.value in values)
    return replace(codelist, terms=terms) if terms else None


def _term(value: str, facts: TermFacts | None, names: dict[str, str]) -> Term:
    if facts is None:
        return Term(value)
    return Term(value, facts.code, names.get(facts.code) or facts.preferred_term)
