"""Metadata → mapping specs: every line says what the standard does not say by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sdtmflow.dataset import Codelist, Dataset, Origin, Term, ValueLevel, Variable
from sdtmflow.define_spec.standard import Standard
from sdtmflow.mapping.planning.origins import said_origins
from sdtmflow.mapping.planning.plan import DESIGN_DATASETS
from sdtmflow.mapping.spec import VERBS
from sdtmflow.mapping.spec.domain import OwnClass
from sdtmflow.mapping.values.flow_text import flow
from sdtmflow.mapping.values.wheres import condition_of

Data = dict[str, Any]
_OWN_NAME = re.compile("[A-Z][A-Z0-9]")
_LONGEST = 200
"""Bytes of a text in SAS XPT version 5: more cannot be written."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """Writes the spec of one domain."""

    standard: Standard

    def spec(self, dataset: Dataset, supplemental: Dataset | None) -> str:
        """The file of a domain, with the qualifiers of its SUPP--."""
        facts = self.standard.dataset(dataset.name)
        lines = [
            "version: 1",
            f"domain: {dataset.name}",
            f"from: {flow(dataset.name.lower())}",
            f"keys: {flow(list(dataset.keys))}",
        ]
        lines += [] if facts else [f"class: {dataset.cls}"]
        said = {"label": dataset.label, "structure": dataset.structure, "comment": dataset.comment}
        usual = {"label": facts.label, "structure": facts.structure} if facts else {}
        lines += [f"{k}: {flow(v)}" for k, v in said.items() if v and v != usual.get(k)]
        lines.append("variables:")
        for variable in dataset.variables:
            lines += _entry(variable.name, self._line(dataset, variable))
        qualifiers = self._qualifiers(dataset, supplemental) if supplemental else {}
        lines += ["supplemental:"] if qualifiers else []
        for name, line in qualifiers.items():
            lines += _entry(name, line)
        return "\n".join(lines) + "\n"

    def _line(self, dataset: Dataset, variable: Variable) -> Data:
        usual = self.standard.variable(dataset.name, variable.name)
        data = _verb(variable.expression) or {
            "number" if variable.numeric else "assign": f"raw.{variable.name}"
        }
        said: Data = {
            "label": variable.label,
            "type": variable.type,
            "length": 0 if variable.numeric else min(variable.length, _LONGEST),
            "significant_digits": variable.significant_digits,
            "role": variable.role,
            "mandatory": variable.mandatory,
            "display_format": variable.display_format,
            "comment": variable.comment,
        }
        data |= {key: value for key, value in said.items() if value != getattr(usual, key, None)}
        data |= self._described(variable, self.standard.codes(dataset.name, variable.name))
        values = [self._value(level) for level in variable.value_level]
        return _kept(data | ({"values": values} if values else {}))

    def _qualifiers(self, dataset: Dataset, supplemental: Dataset) -> dict[str, Data]:
        levels = next((v.value_level for v in supplemental.variables if v.name == "QVAL"), ())
        return {
            level.value: self._qualifier(dataset.name, level)
            for level in levels
            if level.value and level.where[0].variable == "QNAM"
        }

    def _qualifier(self, domain: str, level: ValueLevel) -> Data:
        match = {} if domain == "DM" else {"match": {"IDVARVAL": f"{domain}.{domain}SEQ"}}
        look: Data = {"table": f"supp{domain.lower()}", "value": "QVAL", **match}
        data = _verb(level.expression) or {"lookup": {**look, "where": f"QNAM = '{level.value}'"}}
        return _kept(data | self._level(level))

    def _value(self, level: ValueLevel) -> Data:
        return _kept({"where": condition_of(level.where), **self._level(level)})

    def _level(self, level: ValueLevel) -> Data:
        return {
            "label": level.label,
            "type": level.type,
            "length": min(level.length, _LONGEST),
            "significant_digits": level.significant_digits,
            **self._described(level, ()),
            "comment": level.comment,
            "mandatory": level.mandatory or None,
            "role": level.role,
        }

    def _described(self, item: Variable | ValueLevel, codes: tuple[str, ...]) -> Data:
        """Origin, method and codelist."""
        origins = [origin for origin in (item.origin, *item.further_origins) if origin]
        data: Data = {"origin": _origins(origins), "method": item.method}
        codelist = item.codelist
        if codelist is None:
            return data
        if codelist.dictionary:
            version = {"version": codelist.dictionary_version}
            return data | {"dictionary": _kept({"name": codelist.dictionary, **version})}
        return data | {"permitted": self._permitted(codelist, codes)}

    def _permitted(self, codelist: Codelist, codes: tuple[str, ...]) -> Data | list[str]:
        """The terms alone where the terminology says the rest."""
        known = self.standard.codelist(codelist.code)
        same = (
            {(t.submission_value, t.code, t.preferred_term) for t in known.terms}
            if known
            else set()
        )
        if known and all((t.value, t.code, t.decode) in same for t in codelist.terms):
            terms: Any = [term.value for term in codelist.terms]
        else:
            terms = {term.value: _term(term) for term in codelist.terms}
        if codes == (codelist.code,) and known:
            return terms if isinstance(terms, list) else {"terms": terms}
        name = "" if known else codelist.name
        return _kept({"name": name, "code": codelist.code, "terms": terms})


def _term(term: Term) -> str | Data:
    return {"decode": term.decode, "code": term.code} if term.code else term.decode


def _origins(origins: list[Origin]) -> Any:
    """The type alone where it says the rest."""
    if len(origins) != 1:
        return [_origin(origin) for origin in origins]
    (only,) = origins
    return only.type if said_origins(only.type) == (only,) else _origin(only)


def _origin(origin: Origin) -> Data:
    pages = [page for reference in origin.documents for page in reference.pages]
    return _kept(
        {
            "type": origin.type,
            "source": origin.source,
            "description": origin.description,
            "pages": pages,
        }
    )


def _kept(data: Data) -> Data:
    """Without what is said by leaving it out; False says something."""
    return {
        key: value
        for key, value in data.items()
        if value not in (None, "", 0, [], {}) or value is False
    }


def _verb(expression: str) -> Data:
    """The line that sdtmflow itself wrote into the method, with those to be asked otherwise."""
    lines = [_mapping(text) for text in expression.splitlines()]
    if not lines or not all(sum(verb in line for verb in VERBS) == 1 for line in lines):
        return {}
    whole: Data = {}
    for line in reversed(lines):
        whole = {**line, "otherwise": whole} if whole else line
    return whole


def _mapping(text: str) -> Data:
    try:
        found = YAML(typ="safe", pure=True).load("{" + text + "}")
    except YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _entry(name: str, data: Data) -> Iterator[str]:
    """A line of the spec; value levels stand one below the other."""
    values = data.get("values", [])
    if not values:
        yield f"  {name}: {flow(data)}"
        return
    yield f"  {name}:"
    yield from (f"    {key}: {flow(value)}" for key, value in data.items() if key != "values")
    yield "    values:"
    yield from (f"      - {flow(value)}" for value in values)


def proposed(
    datasets: Iterable[Dataset], standard: Standard
) -> Iterator[tuple[Dataset, Dataset | None]]:
    """The datasets that specs can make, each with its SUPP--."""
    found = {dataset.name: dataset for dataset in datasets}
    for name, dataset in found.items():
        if is_made(dataset, standard):
            yield dataset, found.get(f"SUPP{name}")


def is_made(dataset: Dataset, standard: Standard) -> bool:
    """Whether a spec can make the dataset: no trial design, no SUPP--, no part of a split domain.

    A domain that the guide does not have must be of a general observation class.
    """
    name = dataset.name
    if name in DESIGN_DATASETS or name.startswith("SUPP") or dataset.domain != name:
        return False
    if standard.dataset(name) is None:
        return dataset.cls in get_args(OwnClass) and _OWN_NAME.fullmatch(name) is not None
    return True
