"""The verbs that make a value from the record's own raw columns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sdtmflow.mapping.spec.names import Assigned, Condition, Constant, Reference
from sdtmflow.typed_yaml import Strict


class Concat(Strict):
    """The parts joined by the separator; missing parts leave no separator behind.

    | A | B | concat {parts: [A, B], separator: "-"} |
    |---|---|---|
    | x | y | x-y |
    | x |   | x |
    """

    parts: Annotated[list[Reference | Constant], Field(min_length=1)]
    separator: str = ""


class Branch(Strict):
    """One line of a ``case``: ``{when: …, then: …}``, or ``{else: …}`` as the last.

    ``then`` and ``else`` are literals, or ``{assign: NAME}``; ``null`` leaves the value missing.
    """

    when: Condition | None = None
    then: str | int | float | Assigned | None = None
    else_: Annotated[str | int | float | Assigned | None, Field(alias="else")] = None


class Convert(Strict):
    """A result in standard units, by a declared table of factors.

    ``table`` is a CSV in the study's ``terms/`` (else the standard one beside the standard specs)
    with the columns ``test,from,to,factor,offset,decimals``: standard = value × factor + offset,
    rounded half away from zero to ``decimals`` where given. A test that the table does not name
    keeps its value and unit. A unit that the table lacks for a test it names gives the finding
    UNIT_UNMAPPED and no standard result.

    ``give``: ``number`` (--STRESN), ``text`` (--STRESC; ``<5`` keeps its sign, ``NEGATIVE`` stays),
    ``unit`` (--STRESU).
    """

    value: Reference
    unit: Reference
    test: Reference
    table: str = "units"
    give: Literal["number", "text", "unit"] = "number"
