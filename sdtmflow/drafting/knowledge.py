"""What the standard specs and the guide know: which raw name makes which variable, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sdtmflow.drafting.words import words
from sdtmflow.mapping.planning.borrowing import borrowed
from sdtmflow.mapping.planning.loading import load_specs, standard_folder
from sdtmflow.mapping.planning.merged import MergedSpec, PlacedLine
from sdtmflow.mapping.spec import Line
from sdtmflow.standards import CodelistFacts, DatasetFacts, SdtmIg, VariableFacts, sdtmig
from sdtmflow.standards.terminology import Terminology, study_terminology
from sdtmflow.study import StudyFolder

_PLAIN = ("assign", "assign_ct", "number", "datetime", "coalesce", "visit")
"""Verbs that take one collected value to one variable."""
_DERIVING = ("sequence", "study_day", "epoch", "baseline", "convert")
_NOT_DRAFTED = {"STUDYID", "DOMAIN", "USUBJID", "SUBJID", "SITEID"}


@dataclass(frozen=True, slots=True)
class Target:
    """A variable of a domain and the standard line, if any, that makes it from one raw value."""

    domain: str
    facts: VariableFacts
    words: frozenset[str]
    codelists: tuple[CodelistFacts, ...]
    line: Line | None = None
    raw: tuple[str, ...] = ()
    """What the standard line reads; of a datetime, the date and the time."""
    record_set: int | None = None
    supplemental: bool = False

    @property
    def name(self) -> str:
        """The variable."""
        return self.facts.name


@dataclass(frozen=True, slots=True)
class DomainKnowledge:
    """A domain: the guide's facts, the standard spec, and what can be drafted."""

    facts: DatasetFacts
    standard: MergedSpec | None
    targets: Mapping[str, Target]
    words: frozenset[str]

    def reading(self, raw: str) -> Iterator[Target]:
        """The targets whose standard line reads a raw name."""
        return (target for target in self.targets.values() if raw in target.raw)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All domains that may be drafted."""

    domains: Mapping[str, DomainKnowledge]
    terminology: Terminology


def knowledge_of(folder: StudyFolder, standard: Path | None = None) -> Knowledge:
    """The study's IG version, its terminology and the standard specs, by raw name."""
    standard = standard or standard_folder()
    ig, ct = sdtmig(folder.study.standards.sdtmig), study_terminology(folder)
    specs = {spec.domain: spec for spec in load_specs(standard / "no study", standard, ig, [])}
    found = {}
    for name, facts in ig.datasets.items():
        observed = facts.cls not in {"TRIAL DESIGN", "RELATIONSHIP"}
        if observed and not _made_by_the_engine(specs.get(name)):
            targets = {t.name: t for t in _targets(_with_date(ig, facts), specs.get(name), ct)}
            found[name] = DomainKnowledge(facts, specs.get(name), targets, words(facts.label))
    return Knowledge(found, ct)


def _with_date(ig: SdtmIg, facts: DatasetFacts) -> DatasetFacts:
    """With the date of collection, which the SDTM model allows every general class."""
    name = f"{facts.name}DTC"
    found = borrowed(ig, facts, name)
    if found is None or any(variable.name == name for variable in facts.variables):
        return facts
    last = facts.variables[-1].order + 1
    return replace(facts, variables=(*facts.variables, replace(found, order=last)))


def _made_by_the_engine(spec: MergedSpec | None) -> bool:
    return spec is not None and all("builtin." in each.from_ for each in spec.record_sets)


def _targets(facts: DatasetFacts, spec: MergedSpec | None, ct: Terminology) -> Iterator[Target]:
    """The guide's variables, then those that the standard spec adds."""
    lines: dict[str, PlacedLine] = {}
    for name, entry in spec.lines if spec else ():
        lines.setdefault(name, entry)
    for variable in facts.variables:
        if variable.name not in _NOT_DRAFTED and not _is_derived(variable, lines):
            yield _target(facts, variable, lines.pop(variable.name, None), ct)
    for name, entry in lines.items():
        if name not in _NOT_DRAFTED and entry.line.verb not in _DERIVING:
            own = VariableFacts(name, entry.line.label, "Char", "Record Qualifier", "Perm", 0)
            yield _target(facts, own, entry, ct)


def _is_derived(variable: VariableFacts, lines: Mapping[str, PlacedLine]) -> bool:
    """Whether nobody collects the variable."""
    entry = lines.get(variable.name)
    if entry is not None:
        return entry.line.verb in _DERIVING
    return variable.name.endswith(("DY", "SEQ", "BLFL", "LOBXFL", "STRF", "ENRF", "EPOCH"))


def _target(
    facts: DatasetFacts, variable: VariableFacts, entry: PlacedLine | None, ct: Terminology
) -> Target:
    line = _collected(entry.line) if entry else None
    codes = (line.codelist,) if line and line.codelist else variable.codelists
    return Target(
        domain=facts.name,
        facts=variable,
        words=words(variable.label) - words(facts.label),
        codelists=tuple(ct.codelist(code) for code in codes if code in ct),
        line=line,
        raw=tuple(_raw_names(line)) if line else (),
        record_set=entry.record_set if entry else None,
        supplemental=bool(entry and entry.supplemental),
    )


def _collected(line: Line | None) -> Line | None:
    """The line, or the first of those asked after it, that takes one collected value."""
    while line is not None and line.verb not in _PLAIN:
        line = line.otherwise
    return line


def _raw_names(line: Line) -> Iterator[str]:
    """The collected names that the line reads, without ``raw.``."""
    argument: Any = getattr(line, line.verb)
    if line.visit:
        argument = line.visit.collected or ()
    for name in [argument] if isinstance(argument, str) else argument:
        if isinstance(name, str) and "." not in name.removeprefix("raw."):
            yield name.removeprefix("raw.")
