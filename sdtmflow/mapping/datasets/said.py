"""What specs themselves say for define.xml: codelists as they are to be listed, value levels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sdtmflow.dataset import Codelist, Origin, Term, ValueLevel
from sdtmflow.mapping.planning.origins import said_origins
from sdtmflow.mapping.spec import Dictionary, Permitted, PermittedTerm, ValueSpec
from sdtmflow.mapping.values.wheres import where_of
from sdtmflow.standards.terminology import CodelistFacts, Terminology
from sdtmflow.study import Standards


def dictionary_codelist(said: Dictionary, standards: Standards, usual: str = "") -> Codelist:
    """An external dictionary; without a version, that of study.yaml."""
    oid = f"CL.{said.name.upper().replace(' ', '_')}"
    version = said.version or standards.dictionary_version(said.name) or usual
    return Codelist(oid, said.name, dictionary=said.name, dictionary_version=version)


def permitted_codelist(
    said: Permitted | list[str], facts: Sequence[CodelistFacts], terminology: Terminology
) -> Codelist:
    """The codelist as the spec lists it; ``facts`` are those of the variable."""
    spec = Permitted(terms=said) if isinstance(said, list) else said
    lists = list(facts)
    if spec.code:
        lists = [terminology.codelist(spec.code)] if spec.code in terminology else []
    only = lists[0] if len(lists) == 1 else None
    name = spec.name or " / ".join(dict.fromkeys(each.name for each in lists))
    short = only.submission_value if only else name
    return Codelist(
        oid=f"CL.{short}",
        name=name,
        code=spec.code or (only.code if only and not spec.name else ""),
        extensible=all(each.extensible for each in lists),
        terms=tuple(_terms(spec, lists)),
    )


def _terms(spec: Permitted, lists: Iterable[CodelistFacts]) -> Iterable[Term]:
    known = {term.submission_value: term for each in lists for term in each.terms}
    if isinstance(spec.terms, list):
        for value in spec.terms:
            facts = known.get(value)
            yield Term(value, facts.code, facts.preferred_term) if facts else Term(value)
        return
    for value, said in spec.terms.items():
        if isinstance(said, PermittedTerm):
            yield Term(value, said.code, said.decode)
        else:
            yield Term(value, decode=said)


def value_levels(
    said: Iterable[ValueSpec], terminology: Terminology, standards: Standards
) -> tuple[ValueLevel, ...]:
    """Value-level metadata as a line says it."""
    return tuple(_level(each, terminology, standards) for each in said)


def _level(said: ValueSpec, terminology: Terminology, standards: Standards) -> ValueLevel:
    origins: tuple[Origin | None, ...] = said_origins(said.origin) or (None,)
    facts = [terminology.codelist(said.codelist)] if said.codelist else []
    codelist = dictionary_codelist(said.dictionary, standards) if said.dictionary else None
    if said.permitted:
        codelist = permitted_codelist(said.permitted, facts, terminology)
    return ValueLevel(
        where=where_of(said.where),
        type=said.type,
        length=said.length,
        significant_digits=said.significant_digits,
        label=said.label,
        codelist=codelist,
        origin=origins[0],
        further_origins=tuple(origin for origin in origins[1:] if origin),
        method=said.method,
        comment=said.comment,
        mandatory=said.mandatory,
        role=said.role,
    )
