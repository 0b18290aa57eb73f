"""Suites in YAML: what is expected of a table, in Great Expectations' own names and arguments.

version: 1
table: ae                       # a staged raw table, or an SDTM dataset
stage: raw                      # raw | sdtm
key: [AESPID]                   # columns that name a record within its subject
join: {to: dm, on: SUBJID, take: [RFICDAT]}     # optional: columns of another table
expectations:
  - expect_column_values_to_not_be_null: {column: AETERM}
    rule: AE001
    severity: major
    message: Adverse event {AESPID} has no term
    query: Please enter the adverse event term.
    when: "AEYN = 'Y'"          # optional: only these rows, in the mapping's condition grammar
    passes: [{AETERM: Cold, AEYN: Y}]           # optional: examples, for `sdtmflow suite test`
    fails: [{AETERM: , AEYN: Y}]
"""

from __future__ import annotations

import datetime as dt
import string
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from expectations.arguments import mistake
from expectations.vocabulary import (
    COLUMN_ARGUMENTS,
    EXPECTATIONS,
    NUMERIC,
    RAW_NUMBERS,
    REFUSED,
    nearest,
)
from sdtmflow.finding import Severity
from sdtmflow.mapping.values import conditions
from sdtmflow.typed_yaml import PlacedError, Strict
from sdtmflow.yaml_words import Said

Column = Annotated[str, Field(min_length=1), Said("the name of a column or table")]
Rule = Annotated[
    str,
    Field(pattern=r"^[A-Z][A-Z0-9_-]*$", max_length=32),
    Said("an id of capitals, digits, _ and -, such as AE001"),
]
Value = str | int | float | dt.date | None
Row = Annotated[dict[Column, Value], Said("a record such as {AETERM: Cold}")]
Example = Annotated[
    list[Row],
    BeforeValidator(lambda rows: [rows] if isinstance(rows, dict) else rows),
    Field(min_length=1),
    Said("a record such as {AETERM: Cold}, or a list of records"),
]
"""Records as the expectation reads them: joined columns stand beside the table's own."""


class During(Strict):
    """Which records of the joined table count: those whose span may contain a date of the row.

    ``{date: AESTDTC, start: SESTDTC, end: SEENDTC}``. Partial dates are compared as far as both are
    known, and a missing start or end is open.
    """

    date: Column
    """The date, a column of the table itself."""
    start: Column
    """The first day of the span, a column of ``to``."""
    end: Column
    """Its last day, a column of ``to``."""


class Join(Strict):
    """Columns of another table of the same partition, looked up before the expectations run.

    Every row of the table stays, once; of several matching rows of ``to`` the first one counts.
    The table also gets ``IN_<TO>`` (``Y`` where a row was found), so that "this subject is in dm"
    is ``expect_column_values_to_not_be_null: {column: IN_DM}``.
    """

    to: Column
    on: Column | list[Column] | dict[Column, Column] = []
    """Column or columns that both tables have; as a mapping, own name: name in ``to``; default:
    the subject."""
    take: list[Column] | dict[Column, Column] = []
    """Columns of ``to``; as a mapping, new name: name in ``to``."""
    where: str = ""
    """Only the rows of ``to`` that meet this condition: ``DSDECOD = 'DEATH'``."""
    during: During | None = None
    """Only the rows of ``to`` whose span of time contains a date of the table's row."""
    name: str = ""
    """What ``IN_…`` ends with, where a table is joined more than once: ``DEATH`` gives
    ``IN_DEATH``."""

    @field_validator("where")
    @classmethod
    def _is_a_condition(cls, text: str) -> str:
        if text:
            conditions.parse(text)
        return text

    @property
    def columns(self) -> dict[str, str]:
        """New name: name in ``to``."""
        if isinstance(self.take, dict):
            return dict(self.take)
        return {name: name for name in self.take}

    @property
    def found(self) -> str:
        """The column that says where a row was found: ``IN_DM``."""
        return f"IN_{(self.name or self.to).upper()}"

    @property
    def keys(self) -> dict[str, str]:
        """The columns to join on, own name: name in ``to``; empty for the subject."""
        if isinstance(self.on, dict):
            return dict(self.on)
        return {name: name for name in ([self.on] if isinstance(self.on, str) else self.on)}


class Check(Strict):
    """One expectation with what makes a finding of it.

    ``message`` and ``query`` may hold ``{COLUMN}``: the record's own value stands there.
    """

    said: ClassVar[str] = "an expectation such as expect_column_to_exist: {column: AETERM}"

    expectation: str
    arguments: dict[str, Any]
    rule: Rule
    severity: Severity
    message: Annotated[str, Field(min_length=1)]
    query: str = ""
    """The text that goes to the site."""
    when: str = ""
    """Only rows that meet this condition are checked."""
    variable: str = ""
    """The variable that the finding names; default: the first column of the expectation."""
    optional: bool = False
    """A table without the column is as it should be (no COLUMN_MISSING)."""
    passes: list[Example] = []
    """Examples of records that meet the expectation."""
    fails: list[Example] = []
    """Examples of records at least one of which does not."""

    @model_validator(mode="before")
    @classmethod
    def _name_is_a_key(cls, item: Any) -> Any:
        """Take ``expect_…: {arguments}`` apart."""
        if not isinstance(item, dict) or "expectation" in item:
            return item
        unknown = [key for key in item if key not in cls.model_fields]
        names = [key for key in unknown if str(key).startswith("expect")] or unknown
        if len(names) != 1:
            found = f"found {', '.join(map(repr, names))}" if names else "found none"
            raise ValueError(
                f"an item names one expectation, {found}; write '- expect_…: {{arguments}}' "
                f"with {', '.join(sorted(set(cls.model_fields) - {'expectation', 'arguments'}))}"
            )
        rest = {key: value for key, value in item.items() if key != names[0]}
        return rest | {"expectation": names[0], "arguments": item[names[0]] or {}}

    @field_validator("expectation")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name in REFUSED:
            raise ValueError(f"'{name}' is not for clinical tables; {REFUSED[name]}")
        if name not in EXPECTATIONS:
            raise ValueError(f"unknown expectation '{name}'; {nearest(name, EXPECTATIONS)}")
        return name

    @field_validator("message", "query")
    @classmethod
    def _is_a_template(cls, text: str) -> str:
        placeholders(text)
        return text

    @field_validator("when")
    @classmethod
    def _is_a_condition(cls, text: str) -> str:
        if text:
            conditions.parse(text)
        return text

    @model_validator(mode="after")
    def _arguments_fit(self) -> Check:
        signature = EXPECTATIONS[self.expectation]
        for name in self.arguments:
            if name not in signature.arguments:
                raise ValueError(
                    f"unknown argument '{name}' of {self.expectation}; "
                    f"{nearest(name, signature.arguments)}"
                )
        missing = sorted(signature.required - self.arguments.keys())
        if missing:
            raise ValueError(f"{self.expectation} needs '{missing[0]}'; add it")
        for name, value in self.arguments.items():
            if told := mistake(self.expectation, name, value):
                raise PlacedError(told, self.expectation, name)
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that the expectation reads."""
        named = [self.arguments[name] for name in COLUMN_ARGUMENTS if name in self.arguments]
        if self.expectation.startswith("expect_table_") or self.expectation == _EXISTS:
            return ()
        return tuple(
            str(column)
            for value in named
            for column in (value if isinstance(value, list) else [value])
        )

    @property
    def condition_columns(self) -> tuple[str, ...]:
        """The columns that ``when`` reads."""
        return (
            tuple(dict.fromkeys(conditions.names(conditions.parse(self.when)))) if self.when else ()
        )

    @property
    def subject_of_finding(self) -> str:
        """The variable that the finding names; empty for an expectation about the table."""
        return self.variable or next(iter(self.columns), str(self.arguments.get("column", "")))


_EXISTS = "expect_column_to_exist"


class TableSuite(Strict):
    """Everything that is expected of one table."""

    said: ClassVar[str] = "a map with version, table, stage and expectations"

    version: Literal[1]
    table: Column
    stage: Literal["raw", "sdtm"]
    key: list[Column] = []
    """Columns that name a record within its subject; without one, its place in the file does."""
    required: bool = False
    """Every site must deliver this table (TABLE_MISSING where one does not)."""
    join: Join | list[Join] = []
    pointer: bool = False
    """The rows point to records by RDOMAIN, USUBJID, IDVAR and IDVARVAL, as those of SUPP--, RELREC
    and CO. The table gets ``POINTS_TO``: ``record`` where there is one, else ``no record``,
    ``no variable`` or ``no dataset``."""
    expectations: Annotated[list[Check], Field(min_length=1)]

    @model_validator(mode="after")
    def _raw_is_text(self) -> TableSuite:
        wrong = [
            InitErrorDetails(
                type=PydanticCustomError(
                    "numbers_on_text", "{problem}", {"problem": _numbers_on_text(check.expectation)}
                ),
                loc=("expectations", number),
                input=check.expectation,
            )
            for number, check in enumerate(self.expectations)
            if self.stage == "raw" and check.expectation in NUMERIC
        ]
        if wrong:
            raise ValidationError.from_exception_data("TableSuite", wrong)
        return self

    @property
    def joins(self) -> tuple[Join, ...]:
        """The joins in the order given."""
        return (self.join,) if isinstance(self.join, Join) else tuple(self.join)

    @property
    def name(self) -> str:
        """What GX and the Data Docs call the suite: ``raw.ae``."""
        return f"{self.stage}.{self.table}"


def _numbers_on_text(name: str) -> str:
    remedy = RAW_NUMBERS.get(name, "expect_column_values_to_be_number_between")
    return f"{name} compares numbers, and every value of a raw table is text; use {remedy}"


def placeholders(text: str) -> tuple[tuple[str, str], ...]:
    """The literal texts of a message and the column after each (empty after the last).

    Raises ValueError for a brace that opens nothing.
    """
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        raise ValueError(
            f"'{text}' has a single brace; write {{COLUMN}} for a value, {{{{ or }}}} for a brace"
        ) from None
    return tuple((literal, name or "") for literal, name, _, _ in parts)
