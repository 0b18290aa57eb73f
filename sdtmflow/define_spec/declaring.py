"""Mapping specs → the metadata that they say, without data."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.dataset import Codelist, Dataset, Origin, ValueLevel, Variable, equal
from sdtmflow.define_spec.standard import Standard
from sdtmflow.mapping.datasets.said import dictionary_codelist, permitted_codelist, value_levels
from sdtmflow.mapping.planning.origins import as_written, said_origins
from sdtmflow.mapping.spec import DomainSpec, Line
from sdtmflow.study import Standards


def declared(spec: DomainSpec, standard: Standard, standards: Standards) -> tuple[Dataset, ...]:
    """The domain's dataset, and its SUPP-- where the spec has qualifiers (QVAL alone)."""
    facts = standard.dataset(spec.domain)
    domain = Dataset(
        name=spec.domain,
        label=spec.label or (facts.label if facts else ""),
        cls=facts.cls if facts else spec.cls or "",
        structure=spec.structure or (facts.structure if facts else ""),
        keys=tuple(spec.keys),
        variables=tuple(
            _variable(spec.domain, name, line, standard, standards)
            for name, line in _lines(spec.variables)
        ),
        repeating=facts.repeating if facts else True,
        reference_data=facts.reference if facts else False,
        domain=spec.domain,
        comment=spec.comment,
        non_standard=facts is None,
    )
    levels = tuple(
        _qualifier(n, line, standard, standards) for n, line in _lines(spec.supplemental)
    )
    if not levels:
        return (domain,)
    value = Variable("QVAL", "Data Value", value_level=levels)
    name = f"SUPP{spec.domain}"
    return domain, Dataset(name, "", "RELATIONSHIP", "", (), (value,), domain=spec.domain)


def _lines(lines: dict[str, Line | None]) -> Iterator[tuple[str, Line]]:
    return ((name, line) for name, line in lines.items() if line is not None)


def _variable(
    domain: str, name: str, line: Line, standard: Standard, standards: Standards
) -> Variable:
    usual = standard.variable(domain, name)
    kind = line.type or (usual.type if usual else "text")
    origin, further = _origins(line)
    return Variable(
        name=name,
        label=line.label or (usual.label if usual else ""),
        type=kind,
        numeric=kind in {"integer", "float"},
        length=line.length,
        significant_digits=line.significant_digits,
        role=line.role or (usual.role if usual else ""),
        mandatory=line.mandatory if line.mandatory is not None else bool(usual and usual.mandatory),
        codelist=_codelist(line, standard.codes(domain, name), standard, standards),
        origin=origin,
        further_origins=further,
        method=line.method,
        expression=_expression(line),
        comment=line.comment,
        display_format=line.display_format,
        value_level=value_levels(line.values, standard.terms, standards),
    )


def _qualifier(name: str, line: Line, standard: Standard, standards: Standards) -> ValueLevel:
    origin, further = _origins(line)
    return ValueLevel(
        where=equal("QNAM", name),
        type=line.type or "text",
        length=line.length,
        significant_digits=line.significant_digits,
        label=line.label,
        codelist=_codelist(line, (), standard, standards),
        origin=origin,
        further_origins=further,
        method=line.method,
        expression=_expression(line),
        comment=line.comment,
        mandatory=bool(line.mandatory),
        role=line.role,
    )


def _origins(line: Line) -> tuple[Origin | None, tuple[Origin, ...]]:
    found = said_origins(line.origin)
    return (found[0], found[1:]) if found else (None, ())


def _expression(line: Line) -> str:
    """Only a line with a method is an expression of it."""
    if not line.method:
        return ""
    return "\n".join(dict.fromkeys(map(as_written, line.alternatives())))


def _codelist(
    line: Line, codes: tuple[str, ...], standard: Standard, standards: Standards
) -> Codelist | None:
    if line.dictionary:
        return dictionary_codelist(line.dictionary, standards)
    if not line.permitted:
        return None
    facts = [standard.terms.codelist(code) for code in codes]
    return permitted_codelist(line.permitted, facts, standard.terms)
