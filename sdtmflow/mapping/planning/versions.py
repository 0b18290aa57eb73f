"""Standard specs are written once, to the newest IG; a study's IG may lack a variable of theirs."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.mapping.planning.borrowing import borrowed
from sdtmflow.standards.sdtmig import VERSIONS, DatasetFacts, SdtmIg, sdtmig


def not_carried(ig: SdtmIg, domain: str) -> frozenset[str]:
    """The domain's variables that another carried IG has and this one has no place for.

    SVPRESP, for SDTMIG 3.3. The SDTM model may allow a variable in a domain whose table in the IG
    does not list it; such a variable has a place.
    """
    facts = ig.datasets.get(domain)
    if facts is None:
        return frozenset()
    here = {variable.name for variable in facts.variables}
    elsewhere = {name for other in _of_other_versions(ig, domain) for name in _names(other)}
    return frozenset(name for name in elsewhere - here if borrowed(ig, facts, name) is None)


def _of_other_versions(ig: SdtmIg, domain: str) -> Iterator[DatasetFacts]:
    for version in VERSIONS:
        if version != ig.version and domain in (datasets := sdtmig(version).datasets):
            yield datasets[domain]


def _names(facts: DatasetFacts) -> Iterator[str]:
    return (variable.name for variable in facts.variables)
