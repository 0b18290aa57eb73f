"""SDTMIG metadata per version: the datasets carried, their variables, in the IG's order."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from sdtmflow.errors import StudyError
from sdtmflow.standards.facts import DATA, read_table, unknown

VERSIONS = ("3.3", "3.4")

_SUPP = re.compile(r"SUPP[A-Z][A-Z0-9]")
"""A supplemental qualifiers dataset by its parent: SUPPAE."""

_BESIDE = {("DM", "RACE"): ("MULTIPLE",)}
"""DM assumptions on RACE: MULTIPLE where the subject names several, which SUPPDM then holds."""

_ALL_TESTS = {
    "EG": "ECG Test Results",
    "LB": "Laboratory Data",
    "PE": "Physical Examination",
    "QS": "Questionnaires",
    "VS": "Vital Signs",
}
"""Assumptions on tests not done: --TESTCD ``LBALL`` stands for all tests of a domain; its --TEST is
a name of the domain's data (the guide's own example of LB, the domain's label where there is no
shorter one)."""

_RELATIONS = {"SUPPQUAL", "SUPPSUPPQUAL", "SUPPRELREC"}
"""What no study names: the IG's own name of SUPP--, and qualifiers of relationships."""


@dataclass(frozen=True, slots=True)
class VariableFacts:
    """One variable of the IG's specification table."""

    name: str
    label: str
    type: Literal["Char", "Num"]
    role: str
    core: Literal["Req", "Exp", "Perm"]
    order: int
    codelists: tuple[str, ...] = ()
    """C-codes of the CDISC codelists that the IG names."""
    described: str = ""
    """The IG's value domain beyond CDISC codelists: ``ISO 8601 duration``, ``MedDRA``, …"""
    beside: tuple[str, ...] = ()
    """Values that the IG itself asks for and the codelist lacks."""


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """One dataset of the IG; ``cls`` is the class in Define-XML's words."""

    name: str
    label: str
    cls: str
    structure: str
    repeating: bool
    """More than one record a subject (Define-XML ``Repeating``)."""
    reference: bool
    """Holds no subjects' data (Define-XML ``IsReferenceData``)."""
    variables: tuple[VariableFacts, ...]
    own: bool = False
    """A study's own domain, which the IG does not have."""

    @property
    def domain(self) -> str:
        """The code that begins the names of its variables."""
        return self.name

    def variable(self, name: str) -> VariableFacts:
        """The variable called ``name``; StudyError with the nearest names where there is none."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise unknown("variable", name, (v.name for v in self.variables), place=self.name)


@dataclass(frozen=True, slots=True)
class SdtmIg:
    """One version of the SDTM Implementation Guide, as far as it is carried."""

    version: str
    datasets: Mapping[str, DatasetFacts]
    """By name, in the order of the IG's table of datasets; SUPP-- is held as ``SUPPQUAL``."""

    def dataset(self, name: str) -> DatasetFacts:
        """The dataset ``name``; a ``SUPPAE`` is made of the IG's SUPPQUAL and its parent.

        Raises StudyError with the nearest names where the IG subset has no such dataset.
        """
        if name in self.datasets and name != "SUPPQUAL":
            return self.datasets[name]
        if _SUPP.fullmatch(name) and name[4:] in self.datasets:
            return self.supplemental(name)
        known = {*self.datasets, *(f"SUPP{parent}" for parent in self.datasets)} - _RELATIONS
        raise unknown("dataset", name, known, place=f"SDTMIG {self.version}")

    def supplemental(self, name: str) -> DatasetFacts:
        """The IG's SUPPQUAL as ``name``: SUPPAE, or that of a domain the IG does not have."""
        return _supplemental(self.datasets["SUPPQUAL"], name)


@functools.cache
def sdtmig(version: str) -> SdtmIg:
    """SDTMIG ``version`` (``3.3`` or ``3.4``); StudyError for a version that is not carried."""
    if version not in VERSIONS:
        raise StudyError(
            f"SDTMIG {version} is not carried",
            place="standards.sdtmig",
            remedy=f"name one of {', '.join(VERSIONS)}",
        )
    variables = _variables(version)
    rows = read_table(DATA / f"sdtmig-{version}-datasets.csv").iter_rows(named=True)
    datasets = {row["dataset"]: _dataset(row, variables[row["dataset"]]) for row in rows}
    return SdtmIg(version, datasets)


def _dataset(row: dict[str, str], variables: list[VariableFacts]) -> DatasetFacts:
    return DatasetFacts(
        name=row["dataset"],
        label=row["label"],
        cls=row["class"],
        structure=row["structure"],
        repeating=row["repeating"] == "Yes",
        reference=row["reference"] == "Yes",
        variables=tuple(variables),
    )


def _variables(version: str) -> dict[str, list[VariableFacts]]:
    """The variables of each dataset in the IG's order."""
    by_dataset: dict[str, list[VariableFacts]] = {}
    for row in read_table(DATA / f"sdtmig-{version}-variables.csv").iter_rows(named=True):
        by_dataset.setdefault(row["dataset"], []).append(_variable(row))
    return by_dataset


def _variable(row: dict[str, str]) -> VariableFacts:
    return VariableFacts(
        name=row["variable"],
        label=row["label"],
        type=cast("Literal['Char', 'Num']", row["type"]),
        role=row["role"],
        core=cast("Literal['Req', 'Exp', 'Perm']", row["core"]),
        order=int(row["order"]),
        codelists=tuple(row["codelists"].split(";")) if row["codelists"] else (),
        described=row["described"],
        beside=_beside(row["dataset"], row["variable"]),
    )


def _beside(dataset: str, variable: str) -> tuple[str, ...]:
    if variable == f"{dataset}TESTCD":
        return (f"{dataset}ALL",)
    if variable == f"{dataset}TEST" and dataset in _ALL_TESTS:
        return (_ALL_TESTS[dataset],)
    return _BESIDE.get((dataset, variable), ())


@functools.cache
def _supplemental(qualifiers: DatasetFacts, name: str) -> DatasetFacts:
    return DatasetFacts(
        name=name,
        label=f"Supplemental Qualifiers for {name[4:]}",
        cls=qualifiers.cls,
        structure=qualifiers.structure,
        repeating=qualifiers.repeating,
        reference=qualifiers.reference,
        variables=qualifiers.variables,
    )
