"""``privacy`` of study.yaml: which identifiers of people may be in what the sites send."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sdtmflow.finding import Severity
from sdtmflow.typed_yaml import PlacedError, Strict
from sdtmflow.yaml_words import Said


class Kind(StrEnum):
    """What tells who a person is: the identifiers of HIPAA 164.514(b)(2) that exports hold."""

    NAME = "name"
    INITIALS = "initials"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    POSTAL_CODE = "postal_code"
    RECORD_NUMBER = "record_number"
    NATIONAL_ID = "national_id"
    IP_ADDRESS = "ip_address"
    MARKED = "marked"
    """The source's own metadata mark the column as identifying; nothing says as what."""

    @property
    def rule(self) -> str:
        """The id of the findings of this kind."""
        return f"PRIVACY_{self.name}"

    @property
    def words(self) -> str:
        """What people call several of them."""
        return _WORDS[self]


_WORDS = {
    Kind.NAME: "names of people",
    Kind.INITIALS: "initials",
    Kind.BIRTH_DATE: "birth dates",
    Kind.PHONE: "telephone numbers",
    Kind.EMAIL: "e-mail addresses",
    Kind.ADDRESS: "addresses",
    Kind.POSTAL_CODE: "postal codes",
    Kind.RECORD_NUMBER: "numbers of medical records or insurances",
    Kind.NATIONAL_ID: "national identity numbers",
    Kind.IP_ADDRESS: "IP addresses",
    Kind.MARKED: "values that the source itself marks as identifying",
}
_INDIRECT = {Kind.INITIALS, Kind.POSTAL_CODE, Kind.IP_ADDRESS, Kind.MARKED}
"""Kinds that name nobody by themselves."""

Precision = Literal["full", "year-month", "year"]
_COLUMN = re.compile(r"[a-z][a-z0-9_]*\..+")


class ColumnRule(Strict):
    """What the study does with a raw column that identifies people, and why."""

    said: ClassVar[str] = "a map such as {do: drop, reason: not needed for the analysis}"

    do: Literal["allow", "drop", "mask"]
    """``allow``: it stays as it is, and the report says so. ``drop``: it is never staged.
    ``mask``: each of its values is staged as ``MASK``, so that only its being there is known."""
    reason: Annotated[str, Field(min_length=1), Said("the reason in a few words")]


class Privacy(Strict):
    """Identifiers are looked for in every delivery; this says what the study makes of them."""

    said: ClassVar[str] = "a map such as {birth_date: year, columns: {dm.INITIALS: {do: drop, …}}}"

    birth_date: Precision = "full"
    """How much of a birth date may be sent; more is a finding."""
    severities: dict[str, Severity] = {}
    """Where not major (direct identifiers) or minor (initials, postal codes, IP addresses,
    columns that only the source marks)."""
    columns: dict[str, ColumnRule] = {}
    """By raw table and column in the study's own words: ``dm.INITIALS``."""

    @model_validator(mode="after")
    def _keys_are_known(self) -> Privacy:
        for name in self.severities:
            if name not in {*Kind}:
                raise PlacedError(
                    f"'{name}' is no kind of identifier; write one of {', '.join(Kind)}",
                    "severities",
                    name,
                )
        for name in self.columns:
            if not _COLUMN.fullmatch(name):
                raise PlacedError(
                    f"'{name}' is no column of a raw table; write both, such as dm.INITIALS",
                    "columns",
                    name,
                )
        return self

    def severity(self, kind: Kind) -> Severity:
        """How much it matters that such a thing was sent."""
        usual = Severity.MINOR if kind in _INDIRECT else Severity.MAJOR
        return self.severities.get(kind, usual)

    def rule_for(self, table: str, column: str) -> ColumnRule | None:
        """What is said of a column, whatever the letter case."""
        wanted = f"{table}.{column}".casefold()
        rules = (rule for name, rule in self.columns.items() if name.casefold() == wanted)
        return next(rules, None)


MASK = "[masked]"
"""What stands for each value of a column that the study masks."""
