"""Where a study uses controlled terminology: the lines of its specs, and their terms files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sdtmflow.mapping.planning.plan import DESIGN_DATASETS, Plan, PlannedLine
from sdtmflow.mapping.planning.planned_terms import literals
from sdtmflow.mapping.values.terminology import TermRow
from sdtmflow.standards.sdtmig import sdtmig
from sdtmflow.standards.terminology import CodelistFacts


@dataclass(frozen=True, slots=True)
class TermUse:
    """A variable whose values are of codelists, by one line of a spec."""

    dataset: str
    """The domain; for a supplemental qualifier its SUPP-- dataset."""
    variable: str
    place: str
    """``mappings/ae.yaml:14``."""
    codelists: tuple[CodelistFacts, ...]
    rows: tuple[TermRow, ...] = ()
    """The lines of the terms file that the line maps with."""
    literals: tuple[str, ...] = ()
    """Values that the line itself says."""
    beside: tuple[str, ...] = ()
    """Values that the SDTMIG permits beside the codelists."""

    @property
    def name(self) -> str:
        """``AE.AESEV``."""
        return f"{self.dataset}.{self.variable}"

    @property
    def codes(self) -> tuple[str, ...]:
        """NCI codes of the codelists."""
        return tuple(codelist.code for codelist in self.codelists)


def term_uses(plan: Plan) -> tuple[TermUse, ...]:
    """Every line with a codelist, domain by domain in the order of the specs."""
    return tuple(use for use in all_uses(plan) if use.codelists)


def all_uses(plan: Plan) -> Iterator[TermUse]:
    """Every line, also those without a codelist, and the variables of the trial design."""
    yield from (_use(line) for domain in plan.domains.values() for line in domain.lines)
    if plan.study.design:
        yield from _of_design(plan)


def _of_design(plan: Plan) -> Iterator[TermUse]:
    """TA, TE, TI, TS, TV: what study.yaml says goes into them as it is."""
    guide = sdtmig(plan.study.standards.sdtmig)
    for name in DESIGN_DATASETS:
        for variable in guide.dataset(name).variables:
            there = (code for code in variable.codelists if code in plan.terminology)
            codelists = tuple(map(plan.terminology.codelist, there))
            yield TermUse(name, variable.name, "study.yaml", codelists, beside=variable.beside)


def _use(line: PlannedLine) -> TermUse:
    return TermUse(
        dataset=f"SUPP{line.domain}" if line.supplemental else line.domain,
        variable=line.variable,
        place=line.place,
        codelists=line.codelists,
        rows=line.matcher.rows if line.matcher else (),
        literals=tuple(map(str, literals(line.line))),
        beside=line.facts.beside,
    )
