"""DD16: codelists, their terms, dictionaries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from sdtmflow.define_lint import terms
from sdtmflow.define_lint.elements import Codelist, External, Term
from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.rule import ERROR, NOTICE, ONLY_21, WARNING, Hit, Hits, Rule, whole

_CODE = re.compile(r"C\d+")
_NUMBER = {"integer": re.compile(r"[+-]?\d+"), "float": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")}


def _each(broken: Callable[[Codelist], str]) -> Callable[[Define], Hits]:
    def check(define: Define) -> Hits:
        for codelist in define.codelists:
            if what := broken(codelist):
                yield Hit(codelist.line, f"{codelist.oid}: {what}")

    return check


def _each_term(broken: Callable[[Codelist, Term], str]) -> Callable[[Define], Hits]:
    def check(define: Define) -> Hits:
        for codelist in define.codelists:
            for term in codelist.terms:
                if what := broken(codelist, term):
                    yield Hit(term.line, f"{codelist.oid}: '{term.value}' {what}")

    return check


def _empty(one: Codelist) -> str:
    return "" if one.terms or one.external else "neither terms nor a dictionary"


def _mixed(one: Codelist) -> str:
    kinds = {
        "a dictionary": one.external is not None,
        "CodeListItems": any(term.decode is not None for term in one.terms),
        "EnumeratedItems": any(term.decode is None for term in one.terms),
    }
    found = [kind for kind, there in kinds.items() if there]
    return f"{' and '.join(found)} together" if len(found) > 1 else ""


def _type(one: Codelist) -> str:
    known = terms.CODELIST_TYPES | {""}
    return "" if one.type in known else f"DataType is '{one.type}'"


def _same_value(define: Define) -> Hits:
    yield from _repeated(define, lambda term: term.value, "the value")


def _same_code(define: Define) -> Hits:
    yield from _repeated(define, lambda term: term.code, "the NCI code")


def _same_order(define: Define) -> Hits:
    yield from _repeated(define, lambda term: term.order, "OrderNumber")


def _repeated(define: Define, of: Callable[[Term], str], name: str) -> Hits:
    for codelist in define.codelists:
        first: dict[str, int] = {}
        for term in codelist.terms:
            if of(term) and of(term) in first:
                what = f"{codelist.oid}: {name} '{of(term)}' stands in line {first[of(term)]} too"
                yield Hit(term.line, what)
            first.setdefault(of(term), term.line)


def _decode(_: Codelist, term: Term) -> str:
    return "has a blank decode" if term.decode == "" else ""


def _standard(one: Codelist) -> str:
    if one.external:
        return ""
    if one.standard and one.non_standard:
        return "both def:StandardOID and def:IsNonStandard"
    return "" if one.standard or one.non_standard else "no def:StandardOID nor def:IsNonStandard"


def _standard_is_terminology(define: Define) -> Hits:
    for one in define.codelists:
        standard = define.standard.get(one.standard)
        if standard and standard.type == "IG":
            yield Hit(one.line, f"{one.oid}: its standard {one.standard} is a guide")


def _code(one: Codelist) -> str:
    return "of a standard, without NCI code" if one.standard and not one.code else ""


def _from_standard(one: Codelist) -> bool:
    return bool(one.standard or one.code) and not one.non_standard


def _term_code(one: Codelist, term: Term) -> str:
    bare = _from_standard(one) and not term.code and not term.extended
    return "has neither an NCI code nor def:ExtendedValue" if bare else ""


def _extended_with_code(_: Codelist, term: Term) -> str:
    return (
        f"is extended, yet it has the NCI code {term.code}" if term.extended and term.code else ""
    )


def _extended_needless(one: Codelist, term: Term) -> str:
    return "is extended in a codelist of no standard" if term.extended and one.non_standard else ""


def _yes_only(define: Define) -> Hits:
    for codelist in define.codelists:
        given = (codelist.non_standard, *(term.extended for term in codelist.terms))
        if wrong := [value for value in given if value not in {"", "Yes"}]:
            what = f"{codelist.oid}: def:IsNonStandard or def:ExtendedValue is '{wrong[0]}'"
            yield Hit(codelist.line, what)


def _code_form(define: Define) -> Hits:
    for alias in define.aliases:
        if alias.context == "nci:ExtCodeID" and not _CODE.fullmatch(alias.name):
            yield Hit(alias.line, f"{alias.of}: the NCI code is '{alias.name}'")


def _context(define: Define) -> Hits:
    for alias in define.aliases:
        meant = "".join(alias.context.lower().split()) in {"nci:extcodeid", "extcodeid"}
        if meant and alias.context != "nci:ExtCodeID":
            yield Hit(alias.line, f"{alias.of}: the context is '{alias.context}'")


def _orders(one: Codelist) -> str:
    return _all_or_none([term.order for term in one.terms], "OrderNumber")


def _ranks(one: Codelist) -> str:
    return _all_or_none([term.rank for term in one.terms], "Rank")


def _all_or_none(values: list[str], name: str) -> str:
    count = sum(not value for value in values)
    partly = 0 < count < len(values)
    return f"{count} of {len(values)} terms have no {name}" if partly else ""


def _rank_number(_: Codelist, term: Term) -> str:
    wrong = term.rank and not _NUMBER["float"].fullmatch(term.rank)
    return f"has Rank '{term.rank}'" if wrong else ""


def _value_type(one: Codelist, term: Term) -> str:
    pattern = _NUMBER.get(one.type)
    return f"is not {one.type}" if pattern and not pattern.fullmatch(term.value) else ""


def _spaces(_: Codelist, term: Term) -> str:
    return "begins or ends with blanks" if term.value != term.value.strip() else ""


def _longer(define: Define) -> Hits:
    for item in define.items:
        codelist = define.codelist.get(item.codelist)
        size = whole(item.length)
        if codelist and item.type == "text" and size is not None:
            for term in codelist.terms:
                if len(term.value.encode()) > size:
                    what = f"{item.oid} has Length {item.length}, too short for '{term.value}'"
                    yield Hit(item.line, what)
                    break


def _dictionary(define: Define) -> Hits:
    for codelist, external in _externals(define):
        if not external.dictionary:
            yield Hit(external.line, f"{codelist.oid}: no Dictionary")


def _dictionary_version(define: Define) -> Hits:
    for codelist, external in _externals(define):
        if external.dictionary and not external.version:
            yield Hit(external.line, f"{codelist.oid}: {external.dictionary} without Version")


def _externals(define: Define) -> Iterator[tuple[Codelist, External]]:
    for codelist in define.codelists:
        if codelist.external:
            yield codelist, codelist.external


def _same_name(define: Define) -> Hits:
    counted = Counter(one.name for one in define.codelists)
    for one in define.codelists:
        if one.name and counted[one.name] > 1:
            yield Hit(one.line, f"{one.oid}: {counted[one.name]} codelists are named '{one.name}'")


_LIST = "Define-XML, CodeList"
_TERM = "Define-XML, CodeListItem and EnumeratedItem"
_ALIAS = "Define-XML, Alias"
_EXTERNAL = "Define-XML, ExternalCodeList"

RULES: tuple[Rule[Define], ...] = (
    Rule("DD1601", ERROR, "A codelist has terms or names a dictionary", _LIST,
         "add its terms, or ExternalCodeList", _each(_empty)),
    Rule("DD1602", ERROR, "A codelist has one kind of content", _LIST,
         "all CodeListItem, all EnumeratedItem, or one ExternalCodeList", _each(_mixed)),
    Rule("DD1603", ERROR, "A codelist's type is text, integer or float", _LIST,
         "use one of the three", _each(_type)),
    Rule("DD1604", ERROR, "A codelist has a value once", _TERM, "remove the repeated term",
         _same_value),
    Rule("DD1605", ERROR, "A decode says something", _TERM,
         "fill in Decode, or use EnumeratedItem", _each_term(_decode)),
    Rule("DD1606", WARNING, "A codelist names its standard, or says that it has none",
         "Define-XML 2.1, CodeList", "add def:StandardOID, or def:IsNonStandard=Yes",
         _each(_standard), ONLY_21),
    Rule("DD1607", ERROR, "A codelist's standard is terminology", "Define-XML 2.1, CodeList",
         "refer to a def:Standard of type CT", _standard_is_terminology, ONLY_21),
    Rule("DD1608", WARNING, "A standard codelist has its NCI code", _ALIAS,
         'add <Alias Context="nci:ExtCodeID" Name="C…"/>', _each(_code), ONLY_21),
    Rule("DD1609", WARNING, "A term of a standard codelist has its NCI code or is extended", _TERM,
         'add its Alias, or def:ExtendedValue="Yes" for a term of the sponsor',
         _each_term(_term_code)),
    Rule("DD1610", ERROR, "An extended term has no NCI code", _TERM,
         "a published term is not extended", _each_term(_extended_with_code)),
    Rule("DD1611", WARNING, "Only standard codelists have extended terms", _TERM,
         "remove def:ExtendedValue", _each_term(_extended_needless), ONLY_21),
    Rule("DD1612", ERROR, "def:IsNonStandard and def:ExtendedValue are Yes or absent", _LIST,
         "write Yes, or leave the attribute out", _yes_only),
    Rule("DD1613", ERROR, "An NCI code is C and digits", _ALIAS, "write it as C66731", _code_form),
    Rule("DD1614", WARNING, "The context of NCI codes is spelled nci:ExtCodeID", _ALIAS,
         "spell it nci:ExtCodeID", _context),
    Rule("DD1615", WARNING, "A codelist has an NCI code once", _ALIAS, "mend one of the codes",
         _same_code),
    Rule("DD1616", WARNING, "All terms of a codelist have an OrderNumber, or none", _TERM,
         "number all terms", _each(_orders)),
    Rule("DD1617", WARNING, "OrderNumbers of a codelist differ", _TERM, "renumber the terms",
         _same_order),
    Rule("DD1618", ERROR, "All terms of a codelist have a Rank, or none", _TERM, "rank all terms",
         _each(_ranks)),
    Rule("DD1619", ERROR, "A Rank is a number", _TERM, "write a number", _each_term(_rank_number)),
    Rule("DD1620", ERROR, "Values are of the codelist's type", _TERM,
         "mend the value or the codelist's DataType", _each_term(_value_type)),
    Rule("DD1621", WARNING, "Values have no blanks around them", _TERM, "remove the blanks",
         _each_term(_spaces)),
    Rule("DD1622", WARNING, "Values of a codelist fit into its variables", _TERM,
         "lengthen the variable, or restrict the codelist to what is used", _longer),
    Rule("DD1623", ERROR, "A dictionary is named", _EXTERNAL, "add Dictionary", _dictionary),
    Rule("DD1624", WARNING, "A dictionary has its version", _EXTERNAL, "add Version",
         _dictionary_version),
    Rule("DD1625", NOTICE, "Codelists differ in name", _LIST,
         "give each a name that tells it apart", _same_name),
)  # fmt: skip
