"""CodeList: what values a variable may have, with NCI codes; dictionaries by name and version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sdtmflow.dataset import Codelist, Dataset, Term, ValueLevel, Variable
from sdtmflow.formats import oids
from sdtmflow.formats.define.xml import Element, add, describe, yes

_SHOWN = 30
"""Characters of terms by which a restricted codelist is named."""

Kind = Literal["text", "integer", "float"]


@dataclass(frozen=True, slots=True)
class Codelists:
    """Every distinct codelist of the study by its OID, and which one an ItemDef refers to."""

    entries: dict[str, tuple[Codelist, Kind]]
    by_item: dict[str, str]

    @classmethod
    def of(cls, datasets: Sequence[Dataset]) -> Codelists:
        """Collect the codelists of all variables and value levels.

        Variables restrict a codelist to what they use: the same codelist with other terms becomes
        an entry of its own, named after its terms where they are short, else after the variable
        that has it first.
        """
        entries: dict[str, tuple[Codelist, Kind]] = {}
        oid_of: dict[tuple[Codelist, Kind], str] = {}
        by_item: dict[str, str] = {}
        for item, codelist, kind in _uses(datasets):
            if (codelist, kind) not in oid_of:
                entry = _told_apart(codelist, item.removeprefix("IT."), entries)
                oid_of[codelist, kind] = entry.oid
                entries[entry.oid] = (entry, kind)
            by_item[item] = oid_of[codelist, kind]
        return cls(entries, by_item)


def _told_apart(
    codelist: Codelist, user: str, entries: dict[str, tuple[Codelist, Kind]]
) -> Codelist:
    names = {entry.name for entry, _ in entries.values()}
    if codelist.oid in entries:
        codelist = replace(codelist, oid=f"{codelist.oid}.{user}")
    if codelist.name not in names:
        return codelist
    shown = ", ".join(term.value for term in codelist.terms)
    by_terms = f"{codelist.name} ({shown})"
    short = 0 < len(shown) <= _SHOWN and by_terms not in names
    return replace(codelist, name=by_terms if short else f"{codelist.name} ({user})")


def _uses(datasets: Sequence[Dataset]) -> Iterator[tuple[str, Codelist, Kind]]:
    for dataset in datasets:
        for variable in dataset.variables:
            items: dict[str, Variable | ValueLevel] = {
                oids.variable_oid(dataset, variable): variable
            }
            for level in variable.value_level:
                items[oids.value_oid(dataset, variable, level)] = level
            for oid, item in items.items():
                codelist = item.codelist
                if codelist and (codelist.terms or codelist.dictionary):
                    yield oid, codelist, _kind(item, codelist)


def _kind(item: Variable | ValueLevel, codelist: Codelist) -> Kind:
    """Text or number as the item is; one list holds whole numbers and others, for all items."""
    if item.type not in {"integer", "float"}:
        return "text"
    return "float" if any("." in term.value for term in codelist.terms) else "integer"


def add_codelists(version: Element, codelists: Codelists, *, standard: str) -> None:
    """A CodeList for every entry; ``standard`` is the OID of the controlled terminology."""
    for oid, (codelist, kind) in codelists.entries.items():
        attributes = {"OID": oid, "Name": codelist.name, "DataType": kind}
        if codelist.code:
            attributes["def:StandardOID"] = standard
        elif not codelist.dictionary:
            attributes["def:IsNonStandard"] = "Yes"
        node = add(version, "CodeList", dict(attributes))
        _add_content(node, codelist)
        _add_code(node, codelist.code)


def _add_content(node: Element, codelist: Codelist) -> None:
    if codelist.dictionary:
        version = codelist.dictionary_version
        add(node, "ExternalCodeList", {"Dictionary": codelist.dictionary, "Version": version})
        return
    decoded = any(term.decode for term in codelist.terms)
    for number, term in enumerate(codelist.terms, start=1):
        _add_term(node, codelist, term, number, decoded=decoded)


def _add_term(node: Element, codelist: Codelist, term: Term, number: int, *, decoded: bool) -> None:
    item = add(
        node,
        "CodeListItem" if decoded else "EnumeratedItem",
        {
            "CodedValue": term.value,
            "OrderNumber": number,
            "def:ExtendedValue": yes(value=bool(codelist.code) and not term.code),
        },
    )
    if decoded:
        describe(item, term.decode or term.value, "Decode")
    _add_code(item, term.code)


def _add_code(node: Element, code: str) -> None:
    if code:
        add(node, "Alias", {"Context": "nci:ExtCodeID", "Name": code})
