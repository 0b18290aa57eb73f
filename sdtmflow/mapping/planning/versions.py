"""Standard specs are written once, to the newest IG; a study's IG may lack a variable of theirs."""

from __future__ import annotations

from sdtmflow.mapping.planning.borrowing import borrowable
from sdtmflow.standards.sdtmig import VERSIONS, DatasetFacts, SdtmIg, sdtmig


def not_carried(ig: SdtmIg, domain: str) -> frozenset[str]:
    """The domain's variables that another carried IG has and this one has no place for.

    SVPRESP, for SDTMIG 3.3. The SDTM model may allow a variable in a domain whose table in the IG
    does not list it; such a variable has a place.
    """
    facts = ig.datasets.get(domain)
    if facts is None:
        return frozenset()
    return _places_elsewhere(ig, domain) - _places(ig, facts)


def _places_elsewhere(ig: SdtmIg, domain: str) -> frozenset[str]:
    others = (sdtmig(version) for version in VERSIONS if version != ig.version)
    found = [_places(other, other.datasets[domain]) for other in others if domain in other.datasets]
    return frozenset[str]().union(*found)


def _places(ig: SdtmIg, facts: DatasetFacts) -> frozenset[str]:
    """The variables that the domain's table lists, and those that the model allows beside them."""
    return borrowable(ig, facts) | {variable.name for variable in facts.variables}
