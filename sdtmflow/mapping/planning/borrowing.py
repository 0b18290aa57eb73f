"""Variables that the SDTM model allows in a domain though the IG does not list them there.

A general observation class may take any variable of its class, and every timing variable (SDTMIG
2.7, SDTM 3.1): VISITNUM belongs to no IG table of CM, yet CM may have it. What the model says of it
counts then, as permissible; its codelist is the one that most of the IG's domains give it.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator

from sdtmflow.standards.model import GENERAL_CLASSES, ModelVariable, class_variables
from sdtmflow.standards.sdtmig import DatasetFacts, SdtmIg, VariableFacts, sdtmig

ORDER_STEP = 1000
"""Room between two variables of the IG for those that the model adds."""


def borrowed(ig: SdtmIg, facts: DatasetFacts, name: str) -> VariableFacts | None:
    """The variable as the model has it, placed among the variables of this domain."""
    for place, variable in enumerate(_allowed(ig, facts)):
        if variable.of(facts.domain) == name:
            codelists, described = _domains_say(ig.version, variable.name)
            return VariableFacts(
                name=name,
                label=variable.label,
                type=variable.type,
                role=variable.role,
                core="Perm",
                order=_order(ig, facts, place),
                codelists=codelists,
                described=described,
            )
    return None


def borrowable(ig: SdtmIg, facts: DatasetFacts) -> frozenset[str]:
    """The names of all variables that ``borrowed`` finds."""
    return frozenset(variable.of(facts.domain) for variable in _allowed(ig, facts))


def _allowed(ig: SdtmIg, facts: DatasetFacts) -> Iterator[ModelVariable]:
    """The variables of the class in the model's order, without those kept from the domain."""
    if facts.cls in GENERAL_CLASSES:
        for variable in class_variables(ig.version, facts.cls):
            kept_from = facts.domain in variable.never
            if not kept_from and (not variable.only or facts.domain in variable.only):
                yield variable


def _order(ig: SdtmIg, facts: DatasetFacts, place: int) -> int:
    """Behind the variable of the domain that comes last before it in the model."""
    names = [variable.of(facts.domain) for variable in _allowed(ig, facts)]
    orders = {variable.name: variable.order for variable in facts.variables}
    before = next((orders[name] for name in reversed(names[:place]) if name in orders), 0)
    return before * ORDER_STEP + place


@functools.cache
def _domains_say(version: str, name: str) -> tuple[tuple[str, ...], str]:
    """The codelists and the value domain that most of the IG's domains with the variable name."""
    found = [
        (variable.codelists, variable.described)
        for facts in sdtmig(version).datasets.values()
        if facts.cls in GENERAL_CLASSES
        for variable in facts.variables
        if variable.name == name.replace("--", facts.domain)
    ]
    most, count = Counter(found).most_common(1)[0] if found else (((), ""), 0)
    return most if 2 * count > len(found) else ((), "")
