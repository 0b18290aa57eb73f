"""Plan and data → the metadata that every output format is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter

from sdtmflow.dataset import Codelist, Dataset, DataType, Origin, ValueLevel, Variable
from sdtmflow.mapping.datasets.codelists import Codelists
from sdtmflow.mapping.datasets.content import Content, contents, contents_by, used_values
from sdtmflow.mapping.datasets.long_text import continuation
from sdtmflow.mapping.datasets.supplemental import KEYS as SUPPLEMENTAL_KEYS
from sdtmflow.mapping.design.datasets import KEYS as DESIGN_KEYS
from sdtmflow.mapping.planning.origins import expression_of, method_of, origin_of
from sdtmflow.mapping.planning.plan import Plan, PlannedDomain, PlannedLine
from sdtmflow.standards.sdtmig import DatasetFacts, VariableFacts, sdtmig

_BY_TEST = ("ORRES", "STRESC", "STRESN")
"""Results whose type depends on the test."""
_DATASETS = TypeAdapter(tuple[Dataset, ...])


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

    def described(self, name: str, data: pl.LazyFrame) -> Dataset:
        """The dataset ``name`` with its columns as they stand in ``data``."""
        ig = sdtmig(self.plan.study.standards.sdtmig)
        if name in self.plan.domains:
            return self._domain(self.plan.domains[name], data)
        if name.startswith("SUPP"):
            return self._supplemental(self.plan.domains[name[4:]], ig.dataset(name), data)
        return self._design(ig.dataset(name), data)

    def _domain(self, domain: PlannedDomain, data: pl.LazyFrame) -> Dataset:
        names = data.collect_schema().names()
        found = contents(data, names)
        facts = {variable.name: variable for variable in domain.facts.variables}
        tests = self._by_test(domain, data, names)
        variables = tuple(
            _plain_variable(facts[name], found[name], Origin("Not Available"))
            if name in facts and not domain.lines_of(name)
            else self._variable(
                domain.lines_of(name) or (continuation(domain, name),),
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
            keys=tuple(key for key in domain.keys if key in names),
            variables=variables,
            repeating=domain.facts.repeating,
            reference_data=domain.facts.reference,
            domain=domain.name,
            comment=domain.comment,
        )

    def _variable(
        self,
        lines: tuple[PlannedLine, ...],
        content: Content,
        data: pl.LazyFrame,
        by_test: tuple[ValueLevel, ...],
    ) -> Variable:
        line = lines[0]
        return Variable(
            name=line.variable,
            label=line.line.label or line.facts.label,
            type=line.line.type or _type_of(line.facts, content),
            numeric=line.numeric,
            length=max(content.length, line.line.length, 1),
            significant_digits=line.line.significant_digits or content.significant_digits,
            role=line.facts.role,
            core=line.facts.core,
            mandatory=line.facts.core == "Req",
            codelist=self._codelist(lines, data, line.variable),
            origin=origin_of(line),
            method="; ".join(dict.fromkeys(m for each in lines if (m := method_of(each)))),
            expression=expression_of(line),
            comment=line.line.comment,
            display_format=line.line.display_format,
            value_level=by_test,
            spec_place=line.place,
        )

    def _codelist(
        self, lines: tuple[PlannedLine, ...], data: pl.LazyFrame, name: str
    ) -> Codelist | None:
        dictionary = lines[0].line.dictionary
        if dictionary:
            known = self.plan.study.standards.dictionary_version(dictionary.name)
            return self.codelists.dictionary(dictionary.name, dictionary.version or known)
        facts = tuple(dict.fromkeys(c for line in lines for c in line.codelists))
        if not facts:
            return None
        return self.codelists.of(facts, lines[0], used_values(data, name))

    def _by_test(
        self, domain: PlannedDomain, data: pl.LazyFrame, names: list[str]
    ) -> dict[str, tuple[ValueLevel, ...]]:
        """Value-level metadata of a findings domain's results, per --TESTCD."""
        code, label = f"{domain.name}TESTCD", f"{domain.name}TEST"
        results = [f"{domain.name}{suffix}" for suffix in _BY_TEST]
        results = [name for name in results if name in names]
        if code not in names or label not in names or not results:
            return {}
        found = contents_by(data, code, results)
        labels = dict(data.select(code, label).unique(code).collect().iter_rows())
        return {
            name: tuple(
                ValueLevel(
                    where_variable=code,
                    where_value=test,
                    type=found[test][name].type,
                    length=max(found[test][name].length, 1),
                    significant_digits=found[test][name].significant_digits,
                    label=labels.get(test) or "",
                    origin=origin_of(domain.lines_of(name)[0]),
                )
                for test in found
                if found[test][name].filled
            )
            for name in results
        }

    def _supplemental(
        self, domain: PlannedDomain, facts: DatasetFacts, data: pl.LazyFrame
    ) -> Dataset:
        names = data.collect_schema().names()
        found = contents(data, names)
        levels = self._qualifiers(domain, data)
        origin = Origin("Assigned", "Sponsor")
        variables = tuple(
            _plain_variable(
                facts.variable(name),
                found[name],
                None if name == "QVAL" else origin,
                levels if name == "QVAL" else (),
            )
            for name in names
        )
        return _plain_dataset(facts, variables, SUPPLEMENTAL_KEYS, domain.name)

    def _qualifiers(self, domain: PlannedDomain, data: pl.LazyFrame) -> tuple[ValueLevel, ...]:
        found = contents_by(data, "QNAM", ["QVAL"])
        lines = {name: _qualifier_line(domain, name) for name in found}
        return tuple(
            ValueLevel(
                where_variable="QNAM",
                where_value=name,
                type="text",
                length=max(content["QVAL"].length, 1),
                label=lines[name].line.label,
                codelist=self._codelist(
                    (lines[name],), data.filter(pl.col("QNAM") == name), "QVAL"
                ),
                origin=origin_of(lines[name]),
                method=method_of(lines[name]),
                expression=expression_of(lines[name]),
            )
            for name, content in found.items()
        )

    def _design(self, facts: DatasetFacts, data: pl.LazyFrame) -> Dataset:
        names = data.collect_schema().names()
        found = contents(data, names)
        known = {variable.name: variable for variable in facts.variables}
        variables = []
        for name in names:
            variable = known.get(name) or _continued(known, name)
            lists = tuple(
                self.plan.terminology.codelist(code)
                for code in variable.codelists
                if code in self.plan.terminology
            )
            codelist = self.codelists.of(lists, None, used_values(data, name)) if lists else None
            origin = Origin("Protocol", "Sponsor")
            variables.append(_plain_variable(variable, found[name], origin, (), codelist))
        return _plain_dataset(facts, tuple(variables), DESIGN_KEYS[facts.name], facts.name)


def _qualifier_line(domain: PlannedDomain, name: str) -> PlannedLine:
    """The line of a qualifier, or of the long text that goes on in it."""
    for line in domain.lines:
        if line.supplemental and line.variable == name:
            return line
    return continuation(domain, name)


def _continued(known: Mapping[str, VariableFacts], name: str) -> VariableFacts:
    """TSVAL1, TSVAL2: where a long text goes on."""
    first = known[name.rstrip("0123456789")]
    return replace(
        first, name=name, label=f"{first.label} {name.removeprefix(first.name)}", core="Perm"
    )


def _type_of(facts: VariableFacts, content: Content) -> DataType:
    """What the IG says of a duration, else what the values are."""
    return "durationDatetime" if "duration" in facts.described else content.type


def _plain_variable(
    facts: VariableFacts,
    content: Content,
    origin: Origin | None,
    value_level: tuple[ValueLevel, ...] = (),
    codelist: Codelist | None = None,
) -> Variable:
    return Variable(
        name=facts.name,
        label=facts.label,
        type=_type_of(facts, content),
        numeric=facts.type == "Num",
        length=max(content.length, 1),
        significant_digits=content.significant_digits,
        role=facts.role,
        core=facts.core,
        mandatory=facts.core == "Req",
        codelist=codelist,
        origin=origin,
        value_level=value_level,
    )


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
