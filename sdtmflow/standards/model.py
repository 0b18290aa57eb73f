"""The SDTM model behind the guides: the variables that a general observation class may have."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal, cast

from sdtmflow.standards.facts import DATA, read_table

MODEL_OF = {"3.3": "1.7", "3.4": "2.0"}
"""SDTMIG version → the version of the SDTM that it implements."""

GENERAL_CLASSES = ("INTERVENTIONS", "EVENTS", "FINDINGS", "FINDINGS ABOUT")
"""The general observation classes, of which a study may make domains of its own."""

_GENERAL = "GENERAL"
_OBJECT, _BEFORE_OBJECT = "--OBJ", "--TEST"


@dataclass(frozen=True, slots=True)
class ModelVariable:
    """One variable of a class; ``name`` begins with ``--`` where the domain's code stands."""

    name: str
    label: str
    type: Literal["Char", "Num"]
    role: str
    only: frozenset[str] = frozenset()
    """The domains to which it is restricted; empty: any."""
    never: frozenset[str] = frozenset()
    """The domains, or the class, that must not have it."""

    def of(self, domain: str) -> str:
        """Its name in a domain: ``--DTC`` of VS is VSDTC."""
        return self.name.replace("--", domain)


@functools.cache
def class_variables(sdtmig: str, cls: str) -> tuple[ModelVariable, ...]:
    """All variables of a general class, in the model's order: identifiers, own ones, timing.

    Findings About is Findings with --OBJ after --TEST (SDTM 3.1.3.1). Variables that SDTM keeps
    from human clinical trials are not among them.
    """
    own = _of("FINDINGS" if cls == "FINDINGS ABOUT" else cls, sdtmig)
    if cls == "FINDINGS ABOUT":
        at = [variable.name for variable in own].index(_BEFORE_OBJECT) + 1
        own = (*own[:at], *_of(cls, sdtmig), *own[at:])
    general = [each for each in _of(_GENERAL, sdtmig) if cls not in each.never]
    identifiers = [each for each in general if each.role == "Identifier"]
    return (*identifiers, *own, *(each for each in general if each.role != "Identifier"))


@functools.cache
def _of(cls: str, sdtmig: str) -> tuple[ModelVariable, ...]:
    rows = read_table(DATA / f"sdtm-{MODEL_OF[sdtmig]}.csv").iter_rows(named=True)
    return tuple(_variable(row) for row in rows if row["class"] == cls)


def _variable(row: dict[str, str]) -> ModelVariable:
    return ModelVariable(
        name=row["variable"],
        label=row["label"],
        type=cast("Literal['Char', 'Num']", row["type"]),
        role=row["role"],
        only=frozenset(filter(None, row["only"].split(";"))),
        never=frozenset(filter(None, row["never"].split(";"))),
    )
