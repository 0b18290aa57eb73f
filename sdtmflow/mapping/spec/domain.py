"""A spec file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sdtmflow.mapping.spec.line import Line
from sdtmflow.mapping.spec.names import Condition, VariableName
from sdtmflow.mapping.spec.records import RecordSet, Unpivot
from sdtmflow.typed_yaml import Strict


class DomainSpec(Strict):
    """A mapping spec file."""

    version: Literal[1]
    domain: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
    extends: Literal["standard"] | None = None
    """A study's spec: ``standard`` overrides and adds lines to the standard spec; without it the
    file replaces the standard spec. ``AEREL: null`` removes a line. ``from``, ``where``,
    ``unpivot`` and ``keys`` take the place of the standard's; where the standard has several
    record sets and it is not clear which is meant, ``records`` replaces them all."""
    from_: Annotated[str, Field(alias="from")] = ""
    """A staged table, ``builtin.subject_elements`` (SE) or ``builtin.subject_visits`` (SV)."""
    where: Condition | None = None
    unpivot: Unpivot | None = None
    records: list[RecordSet] = []
    """Several record sets instead of ``from``; their rows are united."""
    keys: list[VariableName] = []
    variables: dict[VariableName, Line | None] = {}
    supplemental: dict[VariableName, Line | None] = {}
    label: str = ""
    structure: str = ""
    comment: str = ""

    @model_validator(mode="after")
    def _records_or_from(self) -> DomainSpec:
        if self.records and (self.from_ or self.where or self.unpivot):
            raise ValueError(
                "'from', 'where' and 'unpivot' belong inside 'records' where there are several; "
                "move them there"
            )
        if not self.extends and not (self.records or self.from_):
            raise ValueError("nothing to read from; add 'from: <raw table>' or 'records:'")
        return self

    def record_sets(self) -> tuple[RecordSet, ...]:
        """The record sets, also where the file uses the short form ``from``."""
        if self.records:
            return tuple(self.records)
        return (
            RecordSet.model_validate(
                {"from": self.from_, "unpivot": self.unpivot}
                | ({"where": self.where} if self.where else {})
            ),
        )
