"""Which records a domain has: raw tables, and what becomes of their rows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sdtmflow.mapping.spec.line import Line
from sdtmflow.mapping.spec.names import Condition, Reference, VariableName
from sdtmflow.typed_yaml import Strict


class Unpivot(Strict):
    """One raw row becomes one record per value (wide vital signs → one record a test).

    ``{}`` in a column name stands for the value; the keys of ``columns`` and ``into`` are then
    raw columns like any other, and the row's own columns stay. A record whose ``columns`` are all
    missing is dropped (counted).

    | SYSBP_VSORRES | SYSBP_VSORRESU | PULSE_VSORRES | → | VSTESTCD | RESULT | UNIT |
    |---|---|---|---|---|---|---|
    | 120 | mmHg | 61 | | SYSBP | 120 | mmHg |
    |     |      |    | | PULSE | 61 |  |
    """

    into: Reference
    values: Annotated[list[str], Field(min_length=1)]
    columns: Annotated[dict[Reference, str], Field(min_length=1)]
    labels: dict[str, str] = {}
    """Value: text for the column ``<into>_LABEL`` (``SYSBP: Systolic Blood Pressure``)."""


class RecordSet(Strict):
    """Records of a domain that come from one raw table (or a built-in maker)."""

    from_: Annotated[str, Field(alias="from", min_length=1)]
    where: Condition | None = None
    unpivot: Unpivot | None = None
    variables: dict[VariableName, Line | None] = {}
    """Added to, and before, the domain's common ``variables``; ``null`` leaves one out."""
