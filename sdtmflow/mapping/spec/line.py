"""One variable: its verb, and what define.xml says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from sdtmflow.dataset import DataType, OriginType
from sdtmflow.mapping.spec.described import Dictionary, OriginSpec, Permitted, ValueSpec
from sdtmflow.mapping.spec.names import Condition, Constant, Reference
from sdtmflow.mapping.spec.subjects import (
    Age,
    Baseline,
    Epoch,
    Extreme,
    Lookup,
    Sequence,
    StudyDay,
    Visit,
)
from sdtmflow.mapping.spec.values import (
    Branch,
    Concat,
    Convert,
    DateParts,
    Duration,
    Multiple,
    RangeIndicator,
)
from sdtmflow.typed_yaml import PlacedError, Strict
from sdtmflow.yaml_words import Said


class Verbs(Strict):
    """The ways to make a variable, of which a line has one."""

    assign: Reference | None = None
    """The raw text as sent, without surrounding blanks; a numeric variable reads it as a number."""
    assign_ct: Reference | None = None
    """The submission value: *Terms* below tells the order in which texts are matched."""
    constant: str | int | float | None = None
    """The same value on every record."""
    concat: Concat | None = None
    coalesce: Annotated[list[Reference | Constant], Field(min_length=1)] | None = None
    """The first of these that is not missing; with ``codelist`` or ``terms`` it is matched."""
    case: Annotated[list[Branch], Field(min_length=1)] | None = None
    """The first branch whose condition is true; unknown (a missing operand) is not true.
    With ``codelist`` or ``terms`` the result is matched."""
    datetime: (
        Reference | Annotated[list[Reference], Field(min_length=1, max_length=2)] | DateParts | None
    ) = None
    """ISO 8601 text of a date column, of a date and a time column, or of columns with its parts;
    see *Dates* below."""
    number: Reference | None = None
    """The number that the raw text says; other text gives the finding NUMBER_UNREADABLE."""
    multiple: Multiple | None = None
    convert: Convert | None = None
    range_indicator: RangeIndicator | None = None
    duration: Duration | None = None
    lookup: Lookup | None = None
    earliest: Reference | Extreme | None = None
    latest: Reference | Extreme | None = None
    sequence: Sequence | None = None
    study_day: Reference | StudyDay | None = None
    age: Age | None = None
    epoch: Reference | Epoch | None = None
    visit: Visit | None = None
    baseline: Baseline | None = None
    derive: (
        Annotated[
            str,
            Field(pattern=r"^[a-z_][a-z0-9_]*$"),
            Said("the name of a function in mappings/*.py"),
        ]
        | None
    ) = None
    """A function of the study's ``mappings/*.py``: DataFrame in, Series out (*Functions* below)."""


VERBS = tuple(Verbs.model_fields)
OF_THE_VARIABLE = (
    "label",
    "type",
    "length",
    "dictionary",
    "role",
    "mandatory",
    "permitted",
    "values",
    "evaluator",
)
"""What a line says of the variable, not of one way to make it; lines inside take it over."""


class Line(Verbs):
    """A variable: exactly one verb, and what define.xml says of it."""

    said: ClassVar[str] = "a line such as {assign: AETERM}"

    needs: list[Reference] = []
    """derive: the columns the function reads; default: the raw columns and the lines above."""
    formats: list[str] = []
    """datetime, lookup, coalesce: in the words of study.yaml; default: the source's, else ISO."""
    unknown: list[str] = []
    """datetime: texts that stand for an unknown part, besides UN, UNK, UNKN, NK and dashes."""
    year_cutoff: Annotated[int, Field(ge=1, le=9899)] | None = None
    """datetime, lookup: what years of two digits mean; default: the source's. See *Dates* below."""
    codelist: str | None = None
    """NCI code or submission name; default: what the SDTMIG says of the variable."""
    terms: str | None = None
    """The ``terms/NAME.csv`` to use; default: the one named like the codelist or the variable."""
    pattern: str | None = None
    """assign, coalesce, concat, lookup: keep the first group of this regular expression."""
    upper: bool = False
    """assign, coalesce, concat, lookup: in capitals, where the sponsor's convention says so."""
    when: Condition | None = None
    """Only on records where this is true; missing on the others."""
    otherwise: Line | None = None
    """The line for the records on which this one has nothing to say (it may have one in turn).
    A value that could not be read is a finding, and is not replaced."""

    origin: OriginType | OriginSpec | list[OriginSpec] | None = None
    """Default: what the verb implies. Several, where records have the values from several."""
    method: str = ""
    """The derivation in words; default: the verb's own words."""
    comment: str = ""
    label: str = ""
    type: DataType | None = None
    length: Annotated[int, Field(ge=0, le=200)] = 0
    significant_digits: int | None = None
    display_format: str = ""
    dictionary: Dictionary | None = None
    role: str = ""
    mandatory: bool | None = None
    """Default: whether the SDTMIG requires the variable."""
    permitted: Permitted | list[str] | None = None
    """The codelist of define.xml as it is to be listed; default: what the data use."""
    values: list[ValueSpec] = []
    """Value-level metadata; default: results by test, qualifiers by name, as the data have them."""
    evaluator: str = ""
    """supplemental: QEVAL."""

    @model_validator(mode="before")
    @classmethod
    def _one_verb(cls, data: Any) -> Any:
        if isinstance(data, dict):
            named = [verb for verb in VERBS if verb in data]
            strangers = [key for key in data if key not in cls.model_fields]
            if len(named) != 1 and not strangers:
                found = " and ".join(named) or "no verb"
                raise ValueError(
                    f"a line has exactly one verb, found {found}; write one of: {', '.join(VERBS)}"
                )
            if len(named) == 1 and data[named[0]] is None:
                raise PlacedError(f"'{named[0]}' says nothing; write what it takes", named[0])
        return data

    def alternatives(self) -> Iterator[Line]:
        """The line itself, and those to be asked where it has nothing to say.

        What they say of the variable, not of one way to make it, they take over from the first.
        """
        line: Line | None = self
        while line is not None:
            own = {name: getattr(line, name) or getattr(self, name) for name in OF_THE_VARIABLE}
            yield line.model_copy(update={**own, "otherwise": None})
            line = line.otherwise

    @property
    def verb(self) -> str:
        """The name of the line's verb."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)
