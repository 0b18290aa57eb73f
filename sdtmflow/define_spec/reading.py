"""A define.xml of anyone as the metadata that sdtmflow itself writes define.xml from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast, get_args

from sdtmflow.dataset import (
    ANNOTATED_CRF,
    Check,
    Codelist,
    Comparator,
    Dataset,
    DataType,
    DocumentRef,
    Origin,
    OriginSource,
    OriginType,
    Term,
    ValueLevel,
    Variable,
    Where,
)
from sdtmflow.define_lint import elements, model
from sdtmflow.formats.define.notes import LANGUAGE

_ORIGINS_20: dict[str, tuple[OriginType, OriginSource]] = {
    "CRF": ("Collected", "Investigator"),
    "eDT": ("Collected", "Vendor"),
}
"""Origins of Define-XML 2.0 in the words of 2.1."""
_TYPES = frozenset(get_args(DataType))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one document; what it refers to is found by OID."""

    define: model.Define
    methods: dict[str, elements.Method]
    comments: dict[str, str]
    lists: dict[str, elements.ValueList]
    owners: dict[str, list[str]]
    """OID of an ItemDef → the datasets that it is a variable of."""

    @classmethod
    def of(cls, define: model.Define) -> Reader:
        """A reader of the document."""
        owners: dict[str, list[str]] = {}
        for variable in define.variables:
            owners.setdefault(variable.item.oid, []).append(variable.dataset.name)
        return cls(
            define,
            methods={one.oid: one for one in define.methods},
            comments={one.oid: one.text for one in define.comments},
            lists={one.oid: one for one in define.value_lists},
            owners=owners,
        )

    def datasets(self) -> tuple[Dataset, ...]:
        """The datasets in the document's order."""
        return tuple(map(self._dataset, self.define.datasets))

    def _dataset(self, said: elements.Dataset) -> Dataset:
        keyed = [ref for ref in said.items if ref.key and ref.item in self.define.item]
        keyed.sort(key=lambda ref: int(ref.key) if ref.key.isdecimal() else 0)
        refs = (ref for ref in said.items if ref.item in self.define.item)
        return Dataset(
            name=said.name,
            label=said.label,
            cls=said.cls.upper(),
            structure=said.structure,
            keys=tuple(self.define.item[ref.item].name for ref in keyed),
            variables=tuple(self._variable(said.name, ref) for ref in refs),
            repeating=said.repeating == "Yes",
            reference_data=said.reference_data == "Yes",
            domain=said.domain or said.name,
            comment=self.comments.get(said.comment, ""),
            non_standard=said.non_standard == "Yes",
        )

    def _variable(self, dataset: str, ref: elements.ItemRef) -> Variable:
        item = self.define.item[ref.item]
        origin, further = _origins(self.define, item)
        method, expression = self._method(ref)
        kind = _type(item)
        levels = self.lists.get(item.value_list)
        return Variable(
            name=item.name,
            label=item.label,
            type=kind,
            numeric=kind in {"integer", "float"},
            length=_number(item.length) or 0,
            significant_digits=_number(item.digits),
            role=ref.role,
            mandatory=ref.mandatory == "Yes",
            codelist=self._codelist(item),
            origin=origin,
            further_origins=further,
            method=method,
            expression=expression,
            comment=self.comments.get(item.comment, ""),
            non_standard=ref.non_standard == "Yes",
            display_format=item.display_format,
            value_level=tuple(self._levels(dataset, ref, levels)) if levels else (),
        )

    def _levels(
        self, dataset: str, parent: elements.ItemRef, levels: elements.ValueList
    ) -> Iterator[ValueLevel]:
        """One level a where clause: several clauses of an ItemRef mean any of them."""
        for ref in levels.items:
            item = self.define.item.get(ref.item)
            for oid in ref.where:
                clause = self.define.where_clause.get(oid)
                if item and clause and all(map(is_sayable, clause.checks)):
                    where = tuple(self._check(dataset, check) for check in clause.checks)
                    level = self._level(ref, item, where)
                    same = ref.method == parent.method and _is_derived(level)
                    yield replace(level, method="", expression="") if same else level

    def _level(self, ref: elements.ItemRef, item: elements.Item, where: Where) -> ValueLevel:
        origin, further = _origins(self.define, item)
        method, expression = self._method(ref)
        return ValueLevel(
            where=where,
            type=_type(item),
            length=_number(item.length) or 0,
            significant_digits=_number(item.digits),
            label=item.label,
            codelist=self._codelist(item),
            origin=origin,
            further_origins=further,
            method=method,
            expression=expression,
            comment=self.comments.get(item.comment, ""),
            mandatory=ref.mandatory == "Yes",
            role=ref.role,
        )

    def _check(self, dataset: str, said: elements.Check) -> Check:
        owners = self.owners.get(said.item, [])
        item = self.define.item.get(said.item)
        name = item.name if item else said.item
        other = owners[0] if owners and dataset not in owners else ""
        return Check(
            f"{other}.{name}" if other else name, said.values, cast("Comparator", said.comparator)
        )

    def _method(self, ref: elements.ItemRef) -> tuple[str, str]:
        """The words, and the lines of a spec where sdtmflow wrote them."""
        method = self.methods.get(ref.method)
        if method is None:
            return "", ""
        lines = [one.text for one in method.expressions if one.context == LANGUAGE]
        return method.description, "\n".join(lines)

    def _codelist(self, item: elements.Item) -> Codelist | None:
        said = self.define.codelist.get(item.codelist)
        if said is None:
            return None
        external = said.external
        return Codelist(
            oid=said.oid,
            name=said.name,
            code=said.code,
            terms=tuple(Term(term.value, term.code, term.decode or "") for term in said.terms),
            dictionary=external.dictionary if external else "",
            dictionary_version=external.version if external else "",
        )


def _origins(define: model.Define, item: elements.Item) -> tuple[Origin | None, tuple[Origin, ...]]:
    crf = {ref.leaf for ref in define.crf}
    found = tuple(_origin(one, crf) for one in item.origins if one.type)
    return (found[0], found[1:]) if found else (None, ())


def is_sayable(check: elements.Check) -> bool:
    """Whether it compares with a value, or with several where several may be."""
    known = check.comparator in get_args(Comparator)
    return known and len(check.values) >= 1 and (len(check.values) == 1 or "IN" in check.comparator)


def _is_derived(level: ValueLevel) -> bool:
    """Whether the variable's method holds for it, unless it has its own."""
    origins = (level.origin, *level.further_origins)
    return any(origin is not None and origin.type == "Derived" for origin in origins)


def _origin(said: elements.Origin, crf: set[str]) -> Origin:
    kind, usual = _ORIGINS_20.get(said.type, (said.type, said.source))
    pages = [
        int(page)
        for document in said.documents
        if document.leaf in crf or not crf
        for pages in document.pages
        for page in pages.pages.split()
        if page.isdecimal()
    ]
    source = said.source or usual
    return Origin(
        type=cast("OriginType", kind) if kind in get_args(OriginType) else "Other",
        source=cast("OriginSource", source) if source in get_args(OriginSource) else None,
        description=said.description,
        documents=(DocumentRef(ANNOTATED_CRF, tuple(pages)),) if pages else (),
    )


def _type(item: elements.Item) -> DataType:
    return cast("DataType", item.type) if item.type in _TYPES else "text"


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None  # noqa: PLR2004 — no length is
