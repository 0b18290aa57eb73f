"""Variables that the SDTM model allows in a domain though the IG does not list them there.

A general observation class may take any variable of its class, and every timing variable (SDTMIG
2.7, SDTM 3.1): VISITNUM belongs to no IG table of CM, yet CM may have it. What the IG says of it in
another domain then counts here, as permissible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sdtmflow.standards.sdtmig import DatasetFacts, SdtmIg, VariableFacts

ORDER_STEP = 1000
"""Room between two variables of the IG for those that the model adds."""
_GENERAL = ("INTERVENTIONS", "EVENTS", "FINDINGS")


def borrowed(ig: SdtmIg, facts: DatasetFacts, name: str) -> VariableFacts | None:
    """The variable as another domain has it, placed among the variables of this one."""
    if facts.cls not in _GENERAL:
        return None
    for other, variable in _candidates(ig, facts):
        if _here(variable.name, other, facts) == name:
            order = _last_before(other, variable, facts) * ORDER_STEP + variable.order
            return replace(variable, name=name, core="Perm", order=order)
    return None


def borrowable(ig: SdtmIg, facts: DatasetFacts) -> frozenset[str]:
    """The names of all variables that ``borrowed`` finds."""
    if facts.cls not in _GENERAL:
        return frozenset()
    return frozenset(_here(each.name, other, facts) for other, each in _candidates(ig, facts))


def _candidates(ig: SdtmIg, facts: DatasetFacts) -> Iterator[tuple[DatasetFacts, VariableFacts]]:
    """The class's own domains first, then the timing variables of the other general classes."""
    general = [other for other in ig.datasets.values() if other.cls in _GENERAL]
    for other in sorted(general, key=lambda other: other.cls != facts.cls):
        for variable in other.variables:
            if other.cls == facts.cls or variable.role == "Timing":
                yield other, variable


def _here(name: str, other: DatasetFacts, facts: DatasetFacts) -> str:
    """A variable of the other domain by its name in this one (VSDTC → CMDTC)."""
    if name.startswith(other.name):
        return facts.name + name.removeprefix(other.name)
    return name


def _last_before(other: DatasetFacts, variable: VariableFacts, facts: DatasetFacts) -> int:
    """The place in this domain after which the variable stands.

    Timing variables stand among the timing variables, all others before them.
    """
    timing = variable.role == "Timing"
    places = {v.name: v.order for v in facts.variables}
    before = (_here(v.name, other, facts) for v in other.variables if v.order < variable.order)
    found = [places[name] for name in before if name in places]
    others = [v.order for v in facts.variables if v.role != "Timing"]
    return max([*found, *others]) if timing else min(max(found), max(others))
