"""Plan and data → the metadata that every output format is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter

from sdtmflow.dataset import Codelist, Dataset, DataType, Origin, ValueLevel, Variable
from sdtmflow.mapping.datasets.codelists import Codelists, restricted
from sdtmflow.mapping.datasets.content import Content, contents, pairs, used_values
from sdtmflow.mapping.datasets.keys import told_apart
from sdtmflow.mapping.datasets.long_text import continuation
from sdtmflow.mapping.datasets.supplemental import KEYS as SUPPLEMENTAL_KEYS
from sdtmflow.mapping.datasets.value_levels import COUNTRIES, by_parameter, by_test, qualifiers
from sdtmflow.mapping.design.datasets import KEYS as DESIGN_KEYS
from sdtmflow.mapping.planning.merged import PlacedPart
from sdtmflow.mapping.planning.methods import methods_of
from sdtmflow.mapping.planning.origins import code_of, expression_of, origins_of
from sdtmflow.mapping.planning.plan import Plan, PlannedDomain, PlannedLine
from sdtmflow.mapping.provenance.identity import SET
from sdtmflow.standards.sdtmig import DatasetFacts, VariableFacts

_DATASETS = TypeAdapter(tuple[Dataset, ...])
_ASSIGNED = Origin("Assigned", "Sponsor")
_PROTOCOL = Origin("Protocol", "Sponsor")


def write_datasets(datasets: tuple[Dataset, ...], path: Path) -> None:
    """The metadata as JSON."""
    path.write_bytes(_DATASETS.dump_json(datasets, indent=1) + b"\n")


def read_datasets(path: Path) -> tuple[Dataset, ...]:
    """The metadata of an assembled study (``datasets.json``)."""
    return _DATASETS.validate_json(path.read_bytes())


@dataclass(frozen=True, slots=True)
class Describer:
    """Describes the datasets of one study."""

    plan: Plan
    codelists: Codelists

    def described(self, name: str, data: pl.LazyFrame, lineage: pl.LazyFrame) -> Dataset:
        """The dataset ``name`` with its columns as they stand in ``data``.

        ``lineage`` says row for row which record set a record is of: a line of a set that gave no
        record has no part in the origins and methods.
        """
        facts, domain = self.plan.facts_of(name), self.plan.domain_of(name)
        if domain is None:
            return self._design(facts, data)
        if name.startswith("SUPP"):
            return self._supplemental(domain, facts, data)
        whole = self._domain(domain, data, lineage)
        part = next((each for each in domain.parts if each.name == name), None)
        return _part(whole, part) if part else whole

    def _domain(self, domain: PlannedDomain, data: pl.LazyFrame, lineage: pl.LazyFrame) -> Dataset:
        names = data.collect_schema().names()
        found = contents(data, names)
        sets = frozenset(lineage.select(SET).unique().collect().to_series().drop_nulls())
        by_set = pl.concat([data, lineage.select(SET)], how="horizontal")
        tests = by_test(domain, by_set, self.codelists)
        facts = {variable.name: variable for variable in domain.facts.variables}
        keys, comment = told_apart(
            tuple(key for key in domain.keys if key in names), domain.sequence, data
        )
        variables = tuple(
            self._plain(facts[name], found[name], data, Origin("Not Available"))
            if name in facts and not domain.lines_of(name)
            else self._variable(
                domain.lines_of(name, sets)
                or domain.lines_of(name)
                or (continuation(domain, name),),
                found[name],
                data,
                tests.get(name, ()),
            )
            for name in names
        )
        return Dataset(
            name=domain.name,
            label=domain.label or domain.facts.label,
            cls=domain.facts.cls,
            structure=domain.structure or domain.facts.structure,
            keys=keys,
            variables=variables,
            repeating=domain.facts.repeating,
            reference_data=domain.facts.reference,
            domain=domain.name,
            comment=" ".join(part for part in (domain.comment, comment) if part),
            non_standard=domain.facts.own,
        )

    def _variable(
        self,
        lines: tuple[PlannedLine, ...],
        content: Content,
        data: pl.LazyFrame,
        by_test: tuple[ValueLevel, ...],
    ) -> Variable:
        line = lines[0]
        origin, *further = origins_of(lines)
        by_test = self.codelists.levels(line) or by_test
        return Variable(
            name=line.variable,
            label=line.line.label or line.facts.label,
            type=line.line.type or _type_of(line.facts, content),
            numeric=line.numeric,
            length=max(content.length, line.line.length) if line.line.length else 0,
            significant_digits=line.line.significant_digits or content.significant_digits,
            role=line.line.role or line.facts.role,
            core=line.facts.core,
            mandatory=(line.facts.core == "Req")
            if line.line.mandatory is None
            else line.line.mandatory,
            codelist=None if _told_by_test(line, by_test) else self._codelist(lines, data),
            origin=origin,
            further_origins=tuple(further),
            method=methods_of(lines),
            expression=expression_of(lines),
            code=code_of(lines),
            comment=line.line.comment,
            display_format=line.line.display_format,
            value_level=by_test,
            spec_place=line.place,
        )

    def _codelist(self, lines: tuple[PlannedLine, ...], data: pl.LazyFrame) -> Codelist | None:
        line = lines[0]
        if said := self.codelists.permitted(line):
            return said
        facts = tuple(dict.fromkeys(c for each in lines for c in each.codelists))
        if dictionary := line.line.dictionary:
            return self.codelists.dictionary(dictionary.name, dictionary.version)
        if not facts:
            return self._plain_codelist(line.facts, data)
        used = self.codelists.shared(line.variable, used_values(data, line.variable))
        return self.codelists.of(facts, line, used)

    def _plain_codelist(self, facts: VariableFacts, data: pl.LazyFrame) -> Codelist | None:
        """The codelist that the guide names, an external one, or the study's own names."""
        terminology = self.plan.terminology
        codes = facts.codelists or _ALWAYS.get(facts.name, ())
        lists = tuple(terminology.codelist(code) for code in codes if code in terminology)
        if lists:
            used = self.codelists.shared(facts.name, used_values(data, facts.name))
            return self.codelists.of(lists, None, used)
        if external := _EXTERNAL.get(facts.name) or _EXTERNAL.get(facts.described):
            name, usual = external
            return self.codelists.dictionary(name, usual=usual)
        return self.codelists.named(facts.name) if used_values(data, facts.name) else None

    def _supplemental(
        self, domain: PlannedDomain, facts: DatasetFacts, data: pl.LazyFrame
    ) -> Dataset:
        """The identifiers are the parent's; what the values are, the value level says."""
        names = data.collect_schema().names()
        found = contents(data, names)
        variables = []
        for name in names:
            if name in {"STUDYID", "USUBJID"} and domain.lines_of(name):
                variables.append(self._variable(domain.lines_of(name), found[name], data, ()))
            elif name == "QVAL":
                levels = qualifiers(domain, data, self.codelists)
                plain = self._plain(facts.variable(name), found[name], data, None)
                variables.append(replace(plain, value_level=levels))
            elif name == "QNAM":
                plain = self._plain(facts.variable(name), found[name], data, _ASSIGNED)
                names_of = pairs(data, "QNAM", "QLABEL")
                own = self.codelists.own(
                    f"QNAM.{facts.name}", f"Qualifiers of {domain.name}", names_of
                )
                variables.append(replace(plain, codelist=own))
            else:
                variables.append(self._plain(facts.variable(name), found[name], data, _ASSIGNED))
        return _plain_dataset(facts, tuple(variables), SUPPLEMENTAL_KEYS, domain.name)

    def _design(self, facts: DatasetFacts, data: pl.LazyFrame) -> Dataset:
        names = data.collect_schema().names()
        found = contents(data, names)
        known = {variable.name: variable for variable in facts.variables}
        variables = []
        for name in names:
            variable = known.get(name) or _continued(known, name)
            origin = _ASSIGNED if name == "DOMAIN" else _PROTOCOL
            plain = self._plain(variable, found[name], data, origin)
            own = restricted(plain.codelist, used_values(data, name))
            plain = replace(plain, codelist=own)
            if name == "TSVAL":
                levels = by_parameter(data, self.codelists, self.plan.terminology)
                plain = replace(plain, value_level=levels)
            variables.append(plain)
        return _plain_dataset(facts, tuple(variables), DESIGN_KEYS[facts.name], facts.name)

    def _plain(
        self, facts: VariableFacts, content: Content, data: pl.LazyFrame, origin: Origin | None
    ) -> Variable:
        """A variable that no line makes."""
        return Variable(
            name=facts.name,
            label=facts.label,
            type=_type_of(facts, content),
            numeric=facts.type == "Num",
            significant_digits=content.significant_digits if facts.type == "Num" else None,
            role=facts.role,
            core=facts.core,
            mandatory=facts.core == "Req",
            codelist=self._plain_codelist(facts, data),
            origin=origin,
        )


def _told_by_test(line: PlannedLine, levels: tuple[ValueLevel, ...]) -> bool:
    """Whether some tests have numbers: then the terms of a result stand in its value level."""
    result = line.variable.endswith(("ORRES", "STRESC")) and not line.line.dictionary
    return result and not line.line.permitted and any(level.type != "text" for level in levels)


_ALWAYS = {"DOMAIN": ("C66734",)}
"""Codelists of variables for which the guide shows the one value that they have instead."""

_EXTERNAL = {
    "COUNTRY": COUNTRIES,
    "ISO 21090 NullFlavor": ("ISO 21090", "2011"),
    "LOINC": ("LOINC", ""),
}
"""By variable, or by the guide's own words for its values: dictionary and version."""


def _part(whole: Dataset, placed: PlacedPart) -> Dataset:
    """The dataset as one of those that its domain is split into."""
    part = placed.part
    return replace(
        whole,
        name=placed.name,
        label=part.label,
        structure=part.structure or whole.structure,
        comment=part.comment or whole.comment,
        domain_label=whole.label,
    )


def _continued(known: Mapping[str, VariableFacts], name: str) -> VariableFacts:
    """TSVAL1, TSVAL2: where a long text goes on."""
    first = known[name.rstrip("0123456789")]
    return replace(
        first, name=name, label=f"{first.label} {name.removeprefix(first.name)}", core="Perm"
    )


def _type_of(facts: VariableFacts, content: Content) -> DataType:
    """What the IG says of a duration, else what the values are."""
    return "durationDatetime" if "duration" in facts.described else content.type


def _plain_dataset(
    facts: DatasetFacts, variables: tuple[Variable, ...], keys: tuple[str, ...], domain: str
) -> Dataset:
    names = {variable.name for variable in variables}
    return Dataset(
        name=facts.name,
        label=facts.label,
        cls=facts.cls,
        structure=facts.structure,
        keys=tuple(key for key in keys if key in names),
        variables=variables,
        repeating=facts.repeating,
        reference_data=facts.reference,
        domain=domain,
    )
