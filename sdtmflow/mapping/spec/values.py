"""The verbs that make a value from the record's own raw columns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

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
    UNIT_UNMAPPED and no standard result. A text that is no number is not converted and keeps its
    unit; where it begins as one in a unit of the table (``98,1``), NUMBER_UNREADABLE tells.

    ``give``: ``number`` (--STRESN), ``text`` (--STRESC; ``<5`` keeps its sign, ``NEGATIVE`` stays),
    ``unit`` (--STRESU).
    """

    value: Reference
    unit: Reference
    test: Reference
    table: str = "units"
    give: Literal["number", "text", "unit"] = "number"


class DateParts(Strict):
    """A date whose parts stand in columns of their own (CDASH AESTYY, AESTMO, AESTDD).

    A part that is missing or unknown (``UN``, ``UNK``, …) is left out. The month may be a number or
    an English name. ``time`` is a column that holds the whole time of day instead of its parts.
    """

    year: Reference | None = None
    month: Reference | None = None
    day: Reference | None = None
    time: Reference | None = None
    hour: Reference | None = None
    minute: Reference | None = None
    second: Reference | None = None

    @model_validator(mode="after")
    def _says_a_date(self) -> DateParts:
        if not (self.year or self.month or self.day):
            raise ValueError("the parts name no date; give at least 'year'")
        if self.time and (self.hour or self.minute or self.second):
            raise ValueError("'time' is the whole time of day; give it, or its parts")
        return self

    def columns(self) -> dict[str, str]:
        """Part → column, of the parts that have one; without ``time``."""
        named = {part: getattr(self, part) for part in type(self).model_fields if part != "time"}
        return {part: column for part, column in named.items() if column}


class Duration(Strict):
    """An ISO 8601 duration: between two dates, or of a collected number and its unit.

    Between dates (``start``, ``end``): hours, minutes and seconds as far as both have them, else
    days; ``both_days: true`` counts the first and the last day (1 to 3 May is P3D, not P2D).
    Missing where a date is not complete to the day, or where only one has a time zone; an end
    before its start gives the finding DURATION_NEGATIVE and stays missing.

    Of a number (``value``, ``unit``): years, months, weeks, days, hours, minutes, seconds, in words
    or their usual short forms. Another unit gives the finding UNIT_UNMAPPED, another text the
    finding NUMBER_UNREADABLE; a text that is an ISO 8601 duration already is kept.
    """

    start: Reference | None = None
    end: Reference | None = None
    both_days: bool = False
    value: Reference | None = None
    unit: Reference | Constant | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Duration:
        dates, number = (self.start, self.end), (self.value, self.unit)
        if not ((all(dates) and not any(number)) or (all(number) and not any(dates))):
            raise ValueError("a duration has 'start' and 'end', or 'value' and 'unit'")
        return self


class Multiple(Strict):
    """The answer of a question that takes several: the one given, or MULTIPLE and the answers.

    ``answers`` is a column that holds them one behind the other (with its ``separator``), a list
    of columns with an answer each, or tick boxes (``{RACE_WHITE: WHITE, RACE_ASIAN: ASIAN}``: any
    text ticks the box but 0, N, NO, FALSE, OFF, UNCHECKED, dashes). Each answer is matched with
    the variable's codelist; a repeated one counts once, and the word ``several`` beside two others
    not at all. Where there are several, the variable is
    ``several`` and they go to the qualifiers NAME1, NAME2, … (RACE1, RACE2) by themselves, labelled
    with the variable's label and the number (SDTMIG 4.2.8.3). ``most`` bounds their number; more
    give the finding ANSWERS_LEFT_OUT.
    """

    answers: (
        Reference
        | Annotated[list[Reference], Field(min_length=1)]
        | Annotated[dict[Reference, str], Field(min_length=1)]
    )
    separator: str = ""
    several: str = "MULTIPLE"
    most: Annotated[int, Field(ge=2, le=99)] = 9
    number: Annotated[int, Field(ge=1, le=99)] | None = None
    """Give this answer of several, instead of the variable (what NAME1, NAME2 … do)."""

    @model_validator(mode="after")
    def _separated(self) -> Multiple:
        if isinstance(self.answers, str) and not self.separator:
            raise ValueError(
                "one column holds several answers only with a separator; "
                "add 'separator: \",\"', or name a list of columns"
            )
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns that hold the answers."""
        return (self.answers,) if isinstance(self.answers, str) else tuple(self.answers)


class RangeIndicator(Strict):
    """LOW, NORMAL or HIGH: a result compared with its reference range.

    ``<5`` and ``>100`` are compared as what they say: ``<5`` is LOW from a lower limit of 5 on,
    NORMAL where all of it lies in the range, and missing where it may be either. Where the range
    has one limit, the other side is open. A result that is no number is compared with ``text``
    (--STNRC): NORMAL where it is the same, any letter case, else ABNORMAL; missing without.
    """

    result: Reference
    low: Reference
    high: Reference
    text: Reference | None = None
