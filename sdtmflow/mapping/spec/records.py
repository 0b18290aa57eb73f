"""Which records a domain has: raw tables, and what becomes of their rows."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from sdtmflow.mapping.spec.line import Line
from sdtmflow.mapping.spec.names import Condition, Reference, VariableName
from sdtmflow.typed_yaml import Strict
from sdtmflow.yaml_words import Said


class Unpivot(Strict):
    """One raw row becomes one record per value (wide vital signs → one record a test).

    ``{}`` in a column name stands for the value; names that have no form in common are written
    value by value (``RESULT: {SYSBP: BP_S1, DIABP: BP_D1}``), and then say the ``values`` too. The
    keys of ``columns`` and ``into`` are then raw columns like any other, and the row's own columns
    stay. A record whose ``columns`` are all missing is dropped (counted).

    | SYSBP_VSORRES | SYSBP_VSORRESU | PULSE_VSORRES | → | VSTESTCD | RESULT | UNIT |
    |---|---|---|---|---|---|---|
    | 120 | mmHg | 61 | | SYSBP | 120 | mmHg |
    |     |      |    | | PULSE | 61 |  |
    """

    into: Reference
    values: Annotated[list[str], Field(min_length=1)]
    columns: Annotated[dict[Reference, str | dict[str, Reference]], Field(min_length=1)]
    labels: dict[str, str] = {}
    """Value: text for the column ``<into>_LABEL`` (``SYSBP: Systolic Blood Pressure``)."""

    @model_validator(mode="before")
    @classmethod
    def _values_of_the_columns(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "values" in data:
            return data
        columns = data.get("columns")
        forms = columns.values() if isinstance(columns, dict) else ()
        said = (value for form in forms if isinstance(form, dict) for value in form)
        values = list(dict.fromkeys(said))
        return {**data, "values": values} if values else data

    def column(self, name: str, value: str) -> str:
        """The table's column behind a raw name for one value; "" where that has none."""
        form = self.columns[name]
        return form.replace("{}", value) if isinstance(form, str) else form.get(value, "")

    def sent(self) -> tuple[str, ...]:
        """The table's columns that become records."""
        found = (self.column(name, value) for value in self.values for name in self.columns)
        return tuple(filter(None, found))


class Link(Strict):
    """RELREC: a raw column that names a record of another domain.

    ``{from: CM.CMAENO, to: AE.AESPID}``: the rows of CM hold in the column CMAENO the AESPID of the
    adverse events that they belong to; several stand with commas, semicolons or blanks between.
    The records of CM that name one record of AE are one relationship with it.

    | CM: CMSEQ | CMAENO | AE: AESEQ | AESPID | → | RDOMAIN | IDVAR | IDVARVAL | RELID |
    |---|---|---|---|---|---|---|---|---|
    | 1 | 7 | 2 | 7 | | CM | CMSEQ | 1 | CMAE2 |
    |   |   |   |   | | AE | AESEQ | 2 | CMAE2 |
    """

    from_: Annotated[
        str,
        Field(alias="from", pattern=r"^[A-Z][A-Z0-9]\.\S+$"),
        Said("CM.CMAENO: dataset and raw column"),
    ]
    """Dataset and raw column."""
    to: Annotated[
        str,
        Field(pattern=r"^[A-Z][A-Z0-9]\.[A-Z][A-Z0-9]*$"),
        Said("AE.AESPID: dataset and variable"),
    ]
    """Dataset and the variable that the column names."""

    @property
    def origin(self) -> tuple[str, str]:
        """Dataset and raw column that name the other record."""
        dataset, _, column = self.from_.partition(".")
        return dataset, column

    @property
    def target(self) -> tuple[str, str]:
        """Dataset and variable of the record that is named."""
        dataset, _, variable = self.to.partition(".")
        return dataset, variable


class Split(Strict):
    """One raw row becomes a record per text between the separators of one column.

    The column then holds one of the texts, without blanks around it; the row's other columns stay.
    Blank texts make no record; a row whose column is missing stays as it is.
    """

    column: Reference
    separator: Annotated[str, Field(min_length=1)]


class Duplicates(Strict):
    """What becomes of a row that repeats another of the same subject.

    Two rows are the same where they agree in the columns ``by``, a missing one with a missing one;
    without ``by`` in every column that the specs read from the table. ``collapse`` keeps one of
    them (``take``), counts the others as merged, and the lineage names them all; ``keep`` keeps
    all. ``report: true`` tells each that repeats another as the finding ROW_REPEATED. Short forms:
    ``duplicates: collapse``, and ``duplicates: report`` (all are kept and told).
    """

    action: Literal["keep", "collapse"] = "keep"
    by: list[Reference] = []
    take: Literal["first", "last"] = "first"
    report: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        if data == "report":
            return {"report": True}
        return {"action": data} if isinstance(data, str) else data


class Joined(Strict):
    """The different texts one behind the other: ``{join: "; "}``."""

    join: str


Taken = Literal["only", "first", "last", "min", "max", "earliest", "latest", "count"]


class Collapse(Strict):
    """Many raw rows of a subject become one: one for each combination of the columns ``by``.

    ``columns`` says how the others are brought together: ``first`` and ``last`` (that there is, in
    the order of ``order``, else as delivered), ``min`` and ``max`` of numbers, ``earliest`` and
    ``latest`` of dates (in the source's formats; a partial one where it is certainly that, or no
    date is complete), ``count`` (of those that are there), ``{join: "; "}`` (the different texts).
    ``only``, the default, is the one text that there is; where rows differ it is missing, with the
    finding ROWS_DIFFER. ``where`` restricts the rows; the others are dropped, and counted. The
    lineage of the record names all its rows.
    """

    by: Annotated[list[Reference], Field(min_length=1)]
    columns: dict[Reference, Taken | Joined] = {}
    order: list[Reference] = []
    where: Condition | None = None


class RecordSet(Strict):
    """Records of a domain that come from one raw table (or a built-in maker).

    What becomes of the rows, in this order: ``split``, ``duplicates``, ``collapse``, ``unpivot``,
    ``where``.
    """

    said: ClassVar[str] = "a map such as {from: vs, variables: {…}}"

    from_: Annotated[str, Field(alias="from")] = ""
    """A staged table, ``builtin.subject_elements`` (SE) or ``builtin.subject_visits`` (SV)."""
    name: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_]*$"), Said("a name in small letters such as not_done")
    ] = ""
    """How a study's spec says which set of the standard spec it changes (see ``extends``)."""
    having: list[Reference] = []
    """Raw columns: the records are made only where the table was delivered with one of them
    (``VSTESTCD`` of a form with one row a test, beside the form with one row a visit)."""
    unless: str = ""
    """Another raw table: where it was delivered with rows, these records are not made (EX from
    the doses as collected, unless there is a form of exposure)."""
    split: Split | None = None
    duplicates: Duplicates | None = None
    collapse: Collapse | None = None
    unpivot: Unpivot | None = None
    where: Condition | None = None
    """Records where this is not true (false, or unknown) are dropped, and counted."""
    variables: dict[VariableName, Line | None] = {}
    """Added to, and before, the domain's common ``variables``; ``null`` leaves one out."""

    @model_validator(mode="after")
    def _split_or_unpivot(self) -> RecordSet:
        if self.split and self.unpivot:
            raise ValueError(
                "'split' and 'unpivot' both make several records of a row; use one of them"
            )
        return self


ROW_KEYS = ("split", "duplicates", "collapse", "unpivot", "where")
"""What may stand in a record set, and beside ``from`` where there is one."""
