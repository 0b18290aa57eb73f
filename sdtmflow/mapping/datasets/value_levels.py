"""Value-level metadata: results by test, qualifiers by name, trial summary values by parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from sdtmflow.dataset import Codelist, DataType, Origin, ValueLevel, equal
from sdtmflow.design import is_duration
from sdtmflow.mapping.datasets.codelists import Codelists
from sdtmflow.mapping.datasets.content import Content, contents_by, used_values, values_by
from sdtmflow.mapping.datasets.long_text import continuation
from sdtmflow.mapping.planning.methods import methods_of
from sdtmflow.mapping.planning.origins import code_of, expression_of, origins_of
from sdtmflow.mapping.planning.plan import PlannedDomain, PlannedLine
from sdtmflow.mapping.provenance.identity import SET
from sdtmflow.standards.summary import summary_parameters
from sdtmflow.standards.terminology import CodelistFacts, Terminology

COUNTRIES = ("ISO 3166", "2020")
"""Dictionary and version of country codes."""
_RESULTS = ("ORRES", "STRESC", "STRESN")
"""Results whose type depends on the test."""
_UNITS = ("ORRESU", "STRESU")
_NUMBERS = {"number", "study_day", "age", "convert", "sequence"}
_DATES = {"datetime", "earliest", "latest"}


@dataclass(frozen=True, slots=True)
class _Tests:
    """The tests of a findings domain: what they are called, and the record sets that hold them."""

    domain: PlannedDomain
    codelists: Codelists
    labels: Mapping[str, str]
    sets: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, domain: PlannedDomain, data: pl.LazyFrame, codelists: Codelists) -> _Tests:
        """As the records have them, with the column of the record set."""
        label = pl.col(f"{domain.name}TEST").drop_nulls().first()
        by_code = data.group_by(f"{domain.name}TESTCD").agg(label, pl.col(SET).unique())
        rows = by_code.collect().rows()
        return cls(
            domain,
            codelists,
            {str(code): called or "" for code, called, _ in rows},
            {str(code): frozenset(filter(_is_set, sets)) for code, _, sets in rows},
        )

    def level(self, name: str, test: str, content: Content, words: tuple[str, ...]) -> ValueLevel:
        """``name`` where the test is ``test``; ``words`` are its values that are no numbers."""
        whole = self.domain.lines_of(name)
        lines = self.domain.lines_of(name, self.sets[test]) or whole
        facts = tuple(dict.fromkeys(c for line in lines for c in line.codelists))
        kind: DataType = content.number or "text" if name.endswith(_RESULTS) else "text"
        own = lines if len(lines) < len(whole) else ()
        origin, *further = origins_of(lines)
        return ValueLevel(
            where=equal(f"{self.domain.name}TESTCD", test),
            type=kind,
            length=max(content.length, 1),
            significant_digits=content.significant_digits if kind == "float" else None,
            label=self.labels[test],
            codelist=self.codelists.of(facts, None, words) if _any_term(facts, words) else None,
            origin=origin,
            further_origins=tuple(further),
            method=methods_of(own),
            expression=expression_of(own),
        )


def _any_term(facts: Iterable[CodelistFacts], words: tuple[str, ...]) -> bool:
    """Whether one of the words is a term: ``<5`` alone makes no codelist of results."""
    known = {term.submission_value for codelist in facts for term in codelist.terms}
    return not known.isdisjoint(words)


def _is_set(number: int | None) -> bool:
    return number is not None


def by_test(
    domain: PlannedDomain, data: pl.LazyFrame, codelists: Codelists
) -> dict[str, tuple[ValueLevel, ...]]:
    """Results and units of a findings domain per --TESTCD; ``data`` with the column of the set."""
    code, label = f"{domain.name}TESTCD", f"{domain.name}TEST"
    names = data.collect_schema().names()
    wanted = [f"{domain.name}{suffix}" for suffix in (*_RESULTS, *_UNITS)]
    present = [name for name in wanted if name in names and domain.lines_of(name)]
    if code not in names or label not in names or not present:
        return {}
    found = contents_by(data, code, present)
    tests = _Tests.of(domain, data, codelists)
    words = {name: _words(domain, data, name) for name in present}
    return {
        name: tuple(
            tests.level(name, test, found[test][name], words[name].get(test, ()))
            for test in found
            if found[test][name].filled
        )
        for name in present
    }


def _words(domain: PlannedDomain, data: pl.LazyFrame, name: str) -> dict[str, tuple[str, ...]]:
    """The words (no numbers) that a variable with a codelist has, per test."""
    listed = any(line.codelists for line in domain.lines_of(name))
    return values_by(data, f"{domain.name}TESTCD", name) if listed else {}


def qualifiers(
    domain: PlannedDomain, data: pl.LazyFrame, codelists: Codelists
) -> tuple[ValueLevel, ...]:
    """QVAL per QNAM."""
    return tuple(
        _qualifier(qualifier_lines(domain, name), name, content["QVAL"], data, codelists)
        for name, content in contents_by(data, "QNAM", ["QVAL"]).items()
    )


def qualifier_lines(domain: PlannedDomain, name: str) -> tuple[PlannedLine, ...]:
    """The lines of a qualifier, or that of the long text that goes on in it."""
    found = [line for line in domain.lines if line.supplemental and line.variable == name]
    return tuple(found) or (continuation(domain, name),)


def _qualifier(
    lines: tuple[PlannedLine, ...],
    name: str,
    content: Content,
    data: pl.LazyFrame,
    codelists: Codelists,
) -> ValueLevel:
    line = lines[0]
    kind = line.line.type or _made(line.line.verb, content)
    origin, *further = origins_of(lines)
    return ValueLevel(
        where=equal("QNAM", name),
        type=kind,
        length=max(content.length, 1),
        significant_digits=content.significant_digits if kind == "float" else None,
        label=line.line.label,
        codelist=_codelist_of(lines, name, data, codelists),
        origin=origin,
        further_origins=tuple(further),
        method=methods_of(lines),
        expression=expression_of(lines),
        code=code_of(lines),
        comment=line.line.comment,
        mandatory=bool(line.line.mandatory),
        role=line.line.role,
    )


def _made(verb: str, content: Content) -> DataType:
    """A number or date where the verb makes one; a code of digits stays text."""
    if verb in _NUMBERS:
        return content.number or "text"
    return (content.date or "text") if verb in _DATES else "text"


def _codelist_of(
    lines: tuple[PlannedLine, ...], name: str, data: pl.LazyFrame, codelists: Codelists
) -> Codelist | None:
    dictionary = lines[0].line.dictionary
    if said := codelists.permitted(lines[0]):
        return said
    if dictionary:
        return codelists.dictionary(dictionary.name, dictionary.version)
    facts = tuple(dict.fromkeys(c for line in lines for c in line.codelists))
    used = used_values(data.filter(pl.col("QNAM") == name), "QVAL") if facts else ()
    return codelists.of(facts, lines[0], used) if facts else None


def by_parameter(
    data: pl.LazyFrame, codelists: Codelists, terminology: Terminology
) -> tuple[ValueLevel, ...]:
    """TSVAL per TSPARMCD: its kind and codelist as the parameter has them."""
    labels = dict(data.select("TSPARMCD", "TSPARM").unique("TSPARMCD").collect().iter_rows())
    values = {
        str(parameter): tuple(found)
        for parameter, found in data.group_by("TSPARMCD")
        .agg(pl.col("TSVAL").drop_nulls().unique().sort())
        .collect()
        .iter_rows()
    }
    return tuple(
        ValueLevel(
            where=equal("TSPARMCD", parameter),
            type=_parameter_type(parameter, content["TSVAL"], values[parameter]),
            length=max(content["TSVAL"].length, 1),
            label=labels.get(parameter) or "",
            codelist=_parameter_codelist(parameter, values[parameter], codelists, terminology),
            origin=Origin("Protocol", "Sponsor"),
        )
        for parameter, content in contents_by(data, "TSPARMCD", ["TSVAL"]).items()
        if content["TSVAL"].filled
    )


def _parameter_type(parameter: str, content: Content, values: tuple[str, ...]) -> DataType:
    facts = summary_parameters().get(parameter)
    form = facts.form if facts else ""
    if form == "duration":
        return "durationDatetime" if all(map(is_duration, values)) else "text"
    number = content.number if form == "integer" else None
    return number or (content.date if form == "date" else None) or "text"


def _parameter_codelist(
    parameter: str, values: tuple[str, ...], codelists: Codelists, terminology: Terminology
) -> Codelist | None:
    if parameter == "FCNTRY":
        name, usual = COUNTRIES
        return codelists.dictionary(name, usual=usual)
    facts = summary_parameters().get(parameter)
    if facts is None or facts.codelist not in terminology:
        return None
    return codelists.of((terminology.codelist(facts.codelist),), None, values)
