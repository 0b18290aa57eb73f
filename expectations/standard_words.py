"""What standard rules are written for: the ``$words`` of ``suites/``, by a dataset's metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from expectations.standard_target import Target
from sdtmflow.standards.sdtmig import VariableFacts
from sdtmflow.standards.terminology import CodelistFacts

Words = dict[str, Any]

REFERENCE = "DM_RFSTDTC"
"""What a joined DM.RFSTDTC is called; DM has its own."""

_LIMITS = {
    "TESTCD": 8,
    "TEST": 40,
    "QNAM": 8,
    "QLABEL": 40,
    "ETCD": 8,
    "ARMCD": 20,
    "ACTARMCD": 20,
    "PARMCD": 8,
    "PARM": 40,
}
"""End of a variable's name → characters that its values may have (SDTMIG 4.5.3, 7; CDISC CG0372,
CG0153, CG0123, CG0257). Every other text has the 200 bytes of XPT, which the package judges."""
_LONG_TESTS = ("IETEST",)
"""SDTMIG 7.4 TI: IETEST may have 200 characters."""


def _dataset(_: Target) -> Iterator[Words]:
    yield {}


def _core(*cores: str) -> Callable[[Target], Iterator[Words]]:
    def words(target: Target) -> Iterator[Words]:
        for facts in target.facts.variables:
            if facts.core in cores:
                yield {"variable": facts.name, "label": facts.label}

    return words


def _study(target: Target) -> Iterator[Words]:
    yield {"study": target.study}


def _domain(target: Target) -> Iterator[Words]:
    own = ("DOMAIN", "RDOMAIN") if target.is_supplemental else ("DOMAIN",)
    for name in own:  # CO and RELREC point to other domains
        yield {"variable": name}


def _subject_data(target: Target) -> Iterator[Words]:
    if target.is_subject_data:
        yield {}


def _sequence(target: Target) -> Iterator[Words]:
    if target.sequence:
        yield {"variable": target.sequence}


def _key(target: Target) -> Iterator[Words]:
    key = list(target.natural_key)
    if key:
        said = [name for name in key if name not in {"STUDYID", "USUBJID"}] or key
        words = ", ".join(f"{name} {{{name}}}" for name in said)
        yield {"variables": key, "variable": key[-1], "key": words}


def _named(*ends: str) -> Callable[[Target], Iterator[Words]]:
    """Variables of the IG whose names end so."""

    def words(target: Target) -> Iterator[Words]:
        for facts in target.variables:
            if facts.name.endswith(ends):
                yield {"variable": facts.name}

    return words


def _numeric(target: Target) -> Iterator[Words]:
    for facts in target.variables:
        if facts.type == "Num":
            yield {"variable": facts.name}


def _described(words: str) -> Callable[[Target], Iterator[Words]]:
    def found(target: Target) -> Iterator[Words]:
        for facts in target.variables:
            if facts.described == words:
                yield {"variable": facts.name}

    return found


def _limited(target: Target) -> Iterator[Words]:
    for facts in target.variables:
        ends = [end for end in _LIMITS if facts.name.removeprefix(target.domain) == end]
        if ends and facts.type == "Char" and facts.name not in _LONG_TESTS:
            yield {"variable": facts.name, "limit": _LIMITS[ends[0]]}


def _start_and_end(target: Target) -> Iterator[Words]:
    for start in target.columns:
        end = start.removesuffix("STDTC") + "ENDTC"
        if start.endswith("STDTC") and end in target.columns:
            yield {"start": start, "end": end}


def _study_day(target: Target) -> Iterator[Words]:
    reference = "RFSTDTC" if target.name == "DM" else REFERENCE
    for day in target.columns:
        date = day.removesuffix("DY") + "DTC"
        if day.endswith("DY") and date in target.columns and "USUBJID" in target.columns:
            yield {"variable": day, "date": date, "reference": reference}


def _observed(target: Target) -> Iterator[Words]:
    """The date that says when a record of a subject was: --STDTC, else --DTC."""
    names = (f"{target.domain}STDTC", f"{target.domain}DTC")
    date = next((name for name in names if name in target.columns), "")
    if date and target.is_subject_data:
        yield {"date": date}


_CRITERIA = ("AESCAN", "AESCONG", "AESDISAB", "AESDTH", "AESHOSP", "AESLIFE", "AESOD", "AESMIE")


def _seriousness(target: Target) -> Iterator[Words]:
    """The condition that a criterion of seriousness is met, of those that were collected."""
    there = [name for name in _CRITERIA if name in target.columns]
    if there:
        yield {"criteria": " or ".join(f"{name} = 'Y'" for name in there)}


def _order(target: Target) -> Iterator[Words]:
    yield {"variables": [facts.name for facts in target.facts.variables]}


def _closed(target: Target) -> Iterator[Words]:
    for facts, lists in _coded(target):
        if not any(codelist.extensible for codelist in lists):
            yield _terms(facts, lists)


def _extensible(target: Target) -> Iterator[Words]:
    for facts, lists in _coded(target):
        if any(codelist.extensible for codelist in lists):
            yield _terms(facts, lists)


def _coded(target: Target) -> Iterator[tuple[VariableFacts, list[CodelistFacts]]]:
    """Variables with their codelists, but where one of them is not carried."""
    for facts in target.variables:
        carried = [code for code in facts.codelists if code in target.terminology]
        if carried and len(carried) == len(facts.codelists):
            yield facts, [target.terminology.codelist(code) for code in carried]


def _terms(facts: VariableFacts, lists: list[CodelistFacts]) -> Words:
    terms = [term.submission_value for found in lists for term in found.terms]
    names = " or ".join(codelist.submission_value for codelist in lists)
    return {"variable": facts.name, "codelist": names, "terms": [*terms, *facts.beside]}


WORDS: Mapping[str, Callable[[Target], Iterator[Words]]] = {
    "dataset": _dataset,
    "required_variable": _core("Req"),
    "expected_variable": _core("Exp"),
    "study": _study,
    "domain": _domain,
    "subject_data": _subject_data,
    "sequence": _sequence,
    "key": _key,
    "date_variable": _named("DTC"),
    "duration_variable": _described("ISO 8601 duration"),
    "numeric_variable": _numeric,
    "limited_variable": _limited,
    "start_and_end": _start_and_end,
    "study_day": _study_day,
    "observed": _observed,
    "seriousness": _seriousness,
    "order": _order,
    "closed_codelist": _closed,
    "extensible_codelist": _extensible,
    "test_code": _named("TESTCD"),
}
"""Word of ``for`` → one set of ``$words`` for each check that a dataset gets."""
