"""A spec file."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sdtmflow.mapping.spec.line import Line
from sdtmflow.mapping.spec.names import Condition, VariableName
from sdtmflow.mapping.spec.parts import Part, PartName
from sdtmflow.mapping.spec.records import (
    ROW_KEYS,
    Collapse,
    Duplicates,
    Link,
    RecordSet,
    Split,
    Unpivot,
)
from sdtmflow.typed_yaml import PlacedError, Strict
from sdtmflow.yaml_words import Said

OwnClass = Literal["INTERVENTIONS", "EVENTS", "FINDINGS", "FINDINGS ABOUT"]


class DomainSpec(Strict):
    """A mapping spec file."""

    said: ClassVar[str] = "a map with version, domain, from, keys and variables"

    version: Literal[1]
    domain: Annotated[
        str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}$"), Said("the name of a dataset such as AE")
    ]
    extends: Literal["standard"] | None = None
    """A study's spec: ``standard`` changes and adds to the standard spec; without it the file takes
    its place. A line takes the place of the standard's line, in every record set that has one;
    ``AEREL: null`` leaves it out. Where the record sets of the standard have different lines for
    it, say which is meant: ``records`` with a ``name`` change the standard's set of that name
    (``records: [{name: not_done, variables: {VSREASND: {assign: WHY}}}]``), or add one; ``records``
    without names replace them all. ``keys``, and ``from``, ``where``, ``unpivot`` … beside it where
    it is clear which set is meant, take the place of the standard's."""
    from_: Annotated[str, Field(alias="from")] = ""
    """A staged table, or what the engine makes itself: ``builtin.subject_elements`` (SE),
    ``builtin.subject_visits`` (SV), ``builtin.collected_exposure`` (EX: the doses of EC that were
    given, with EC's variables as raw columns), ``builtin.comments`` (CO: the column COVAL of any
    raw table), ``builtin.related_records`` (RELREC, by ``links``)."""
    split: Split | None = None
    duplicates: Duplicates | None = None
    collapse: Collapse | None = None
    unpivot: Unpivot | None = None
    where: Condition | None = None
    records: list[RecordSet] = []
    """Several record sets instead of ``from``; their rows are united."""
    links: list[Link] = []
    """RELREC: what relates records; a study's links are added to the standard's."""
    keys: list[VariableName] = []
    variables: dict[VariableName, Line | None] = {}
    supplemental: dict[VariableName, Line | None] = {}
    label: str = ""
    structure: str = ""
    comment: str = ""
    cls: Annotated[OwnClass | None, Field(alias="class")] = None
    """A domain that the SDTMIG does not have: its general observation class. It has the class's
    variables under its own two letters, and needs a ``label``."""
    datasets: dict[PartName, Part] = {}
    """The datasets that the domain is split into: ``QSPH: {label: PHQ, where: "QSCAT = 'PHQ'"}``.
    All have the domain's code in DOMAIN, and --SEQ is unique over them. A record belongs to the
    first dataset whose condition (on the domain's variables) holds."""

    @model_validator(mode="after")
    def _records_or_from(self) -> DomainSpec:
        beside = [key for key in ROW_KEYS if getattr(self, key)]
        if self.records and (self.from_ or beside):
            raise ValueError(
                f"'from', {', '.join(map(repr, ROW_KEYS))} belong inside 'records' "
                "where there are several; move them there"
            )
        if not self.extends and not (self.records or self.from_):
            raise ValueError("nothing to read from; add 'from: <raw table>' or 'records:'")
        for at, records in enumerate(self.records):
            if not records.from_ and not (self.extends and records.name):
                raise PlacedError(
                    "the record set says no table; add 'from: <raw table>'", "records", at
                )
        return self

    def record_sets(self) -> tuple[RecordSet, ...]:
        """The record sets, also where the file uses the short form ``from``."""
        if self.records:
            return tuple(self.records)
        alone = {key: value for key in ROW_KEYS if (value := getattr(self, key))}
        return (RecordSet.model_validate({"from": self.from_, **alone}),)
