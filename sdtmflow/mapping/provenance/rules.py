"""The rules of a study as data (``lineage/rules.json``): a bundle explains itself without specs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sdtmflow.errors import FormatError
from sdtmflow.mapping.planning.methods import methods_of
from sdtmflow.mapping.planning.origins import as_written, origin_of
from sdtmflow.mapping.planning.plan import BUILTIN, VISIT_FORM, Plan, PlannedDomain, PlannedLine
from sdtmflow.mapping.provenance.inputs import Input, inputs_of, record_inputs
from sdtmflow.mapping.spec import ROW_KEYS, Unpivot
from sdtmflow.mapping.values.conditions import names, parse
from sdtmflow.mapping.values.flow_text import flow
from sdtmflow.study import Study

RULES = "rules.json"


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a variable (``column``; ``supp.QNAM`` of a qualifier)."""

    dataset: str
    column: str
    record_set: int | None
    """Only on the records of this set; None: on all."""
    verb: str
    line: str
    """The line of the spec, as one line of YAML, without what only describes the variable."""
    place: str
    """``AE.yaml:14``."""
    origin: str
    method: str
    codelists: tuple[str, ...]
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class RecordRule:
    """What makes the records of one set."""

    dataset: str
    record_set: int
    table: str
    """The raw table, or the engine's own maker (``builtin.…``)."""
    line: str
    """What the spec does with the raw rows, as YAML: ``where: AETERM is not missing``."""
    place: str
    inputs: tuple[Input, ...]
    into: str = ""
    values: tuple[str, ...] = ()
    merges: bool = False
    """Whether several raw rows may become one."""
    form: str = ""
    """Of the engine's own maker: the raw table whose row a record has, where it has one."""
    columns: dict[str, tuple[str, ...]] | None = None
    """Of an unpivot: the raw name → the column of the raw row for each value, "" for none."""

    def sent(self, name: str, part: int | None) -> str | None:
        """The raw row's column behind a raw name; None for what the spec itself says.

        "" where the unpivot names no column for this value.
        """
        if self.columns is None or part is None:
            return name
        if name in {self.into, f"{self.into}_LABEL"}:
            return None
        return self.columns[name][part] if name in self.columns else name


@dataclass(frozen=True, slots=True)
class Parts:
    """The datasets that a domain's records are split into, and the variables that decide it."""

    datasets: tuple[str, ...]
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """All rules of a study, and the study.yaml that they were carried out with."""

    study: dict[str, Any]
    records: tuple[RecordRule, ...]
    rules: tuple[Rule, ...]
    parts: dict[str, Parts] = field(default_factory=dict)
    """Of domains whose records stand in several datasets."""
    format: int = 1

    @cached_property
    def _by_column(self) -> dict[tuple[str, str, int | None], Rule]:
        return {(rule.dataset, rule.column, rule.record_set): rule for rule in self.rules}

    @cached_property
    def _by_set(self) -> dict[tuple[str, int], RecordRule]:
        return {(rule.dataset, rule.record_set): rule for rule in self.records}

    @cached_property
    def datasets(self) -> frozenset[str]:
        """The domains that have rules; SUPP-- and the trial design have none of their own."""
        return frozenset(rule.dataset for rule in self.records)

    def domain_of(self, dataset: str) -> str:
        """The domain that a dataset holds records of: QS of QSPH, SUPPQS of SUPPQSPH."""
        name = dataset.removeprefix("SUPP")
        found = (each for each, parts in self.parts.items() if name in parts.datasets)
        domain = next(found, name)
        return dataset.removesuffix(name) + domain

    def datasets_of(self, domain: str) -> tuple[str, ...]:
        """The datasets that may hold a domain's records (or, of SUPP--, its qualifiers)."""
        name = domain.removeprefix("SUPP")
        parts = self.parts[name].datasets if name in self.parts else ()
        return tuple(domain.removesuffix(name) + each for each in (*parts, name))

    def of(self, dataset: str, column: str, record_set: int | None) -> Rule | None:
        """The rule of a column on the records of a set; None where no line makes it there."""
        own = self._by_column.get((dataset, column, record_set))
        return own or self._by_column.get((dataset, column, None))

    def records_of(self, dataset: str, record_set: int) -> RecordRule:
        """The rule of a record set."""
        return self._by_set[dataset, record_set]


_RULES = TypeAdapter(Rules)


def rules_of(plan: Plan) -> Rules:
    """The rules of the plan, by domain, in the order of the specs."""
    domains = plan.domains.values()
    return Rules(
        study=plan.study.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        records=tuple(rule for domain in domains for rule in _record_rules(plan, domain)),
        rules=tuple(_rule(plan, lines) for domain in domains for lines in _in_turn(domain)),
        parts={each.name: _parts(each) for each in domains if each.parts},
    )


def _parts(domain: PlannedDomain) -> Parts:
    read = (name for each in domain.parts for name in names(parse(each.part.where)))
    return Parts(tuple(each.name for each in domain.parts), tuple(dict.fromkeys(read)))


def write_rules(rules: Rules, path: Path) -> None:
    """The rules as JSON."""
    path.write_bytes(_RULES.dump_json(rules, indent=1) + b"\n")


def read_rules(path: Path) -> Rules:
    """The rules of an assembled study or a bundle.

    Raises FormatError where another version of sdtmflow wrote them.
    """
    try:
        return _RULES.validate_json(path.read_bytes())
    except ValidationError:
        raise FormatError(
            "the rules are not written as this version of sdtmflow writes them",
            place=RULES,
            remedy="run the study again, or use the version that the manifest names",
        ) from None


def study_of(rules: Rules) -> Study:
    """study.yaml as the rules were carried out with it."""
    return Study.model_validate(rules.study)


def _in_turn(domain: PlannedDomain) -> list[list[PlannedLine]]:
    """Each line with those that are asked where it has nothing to say."""
    found: dict[tuple[str, int | None], list[PlannedLine]] = {}
    for line in domain.lines:
        found.setdefault((line.column, line.record_set), []).append(line)
    return list(found.values())


def _rule(plan: Plan, lines: list[PlannedLine]) -> Rule:
    line = lines[0]
    inputs = dict.fromkeys(each for one in lines for each in inputs_of(plan, one))
    return Rule(
        dataset=line.domain,
        column=line.column,
        record_set=line.record_set,
        verb=line.line.verb,
        line="; otherwise ".join(as_written(each.line) for each in lines),
        place=line.place,
        origin=origin_of(line).type,
        method=methods_of(lines),
        codelists=tuple(dict.fromkeys(c.submission_value for one in lines for c in one.codelists)),
        inputs=tuple(inputs),
    )


def _record_rules(plan: Plan, domain: PlannedDomain) -> Iterator[RecordRule]:
    for at, records in enumerate(domain.record_sets):
        unpivot, duplicates = records.unpivot, records.duplicates
        said = {key for key in ROW_KEYS if key != "unpivot" and getattr(records, key)}
        yield RecordRule(
            dataset=domain.name,
            record_set=at,
            table=records.from_,
            line=flow(
                records.model_dump(mode="json", by_alias=True, include=said, exclude_unset=True)
            )[1:-1],
            place=domain.place,
            form=VISIT_FORM if records.from_ == f"{BUILTIN}subject_visits" else "",
            inputs=record_inputs(plan, domain, at),
            into=unpivot.into if unpivot else "",
            merges=bool(records.collapse or (duplicates and duplicates.action == "collapse")),
            values=tuple(unpivot.values) if unpivot else (),
            columns=_columns(unpivot) if unpivot else None,
        )


def _columns(unpivot: Unpivot) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(unpivot.column(name, value) for value in unpivot.values)
        for name in unpivot.columns
    }
