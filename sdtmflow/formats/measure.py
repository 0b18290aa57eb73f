"""Measure what the rows of a dataset need: lengths, digits, which variables have data at all.

Agencies want a text variable as long as its longest value; define.xml wants the digits of numbers
and the kind of dates. All are known only when all rows are there, so files are written in two
passes: this is the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

import polars as pl

from sdtmflow.dataset import Dataset, DataType, ValueLevel, Variable, Where, equal
from sdtmflow.formats.numbers import number_text

ISO_TYPES: tuple[DataType, ...] = ("date", "datetime", "partialDate", "partialDatetime")
"""Kinds of ISO 8601 text in define.xml, the narrowest first; beyond them is incompleteDatetime."""

_ISO_PATTERNS = (
    r"^\d{4}-\d\d-\d\d$",
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$",
    r"^\d{4}(-\d\d(-\d\d)?)?$",
    r"^\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$",
)
_NUMBERS = frozenset({"integer", "float"})
_DECIMALS = r"^[+-]?\d*\.(\d+)$"


@dataclass(frozen=True, slots=True)
class Measure:
    """A variable's values: how many there are, and how long the longest is.

    ``length`` is in bytes for text; for numbers it is in characters of the shortest decimal text,
    sign and point included. ``decimals`` is the most digits after the point, ``iso`` how many
    values fit each of ``ISO_TYPES``; both are measured only where the metadata ask for them.
    """

    filled: int = 0
    length: int = 0
    decimals: int = 0
    iso: tuple[int, ...] = ()

    def joined(self, other: Measure) -> Measure:
        """Both together."""
        return Measure(
            filled=self.filled + other.filled,
            length=max(self.length, other.length),
            decimals=max(self.decimals, other.decimals),
            iso=tuple(map(sum, zip_longest(self.iso, other.iso, fillvalue=0))),
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """A dataset's rows, measured: by variable, and by (variable, value-level condition)."""

    rows: int
    variables: Mapping[str, Measure]
    values: Mapping[tuple[str, Where], Measure] = field(default_factory=dict)

    def value(self, variable: str, level: ValueLevel) -> Measure:
        """The values of ``variable`` where the condition of ``level`` holds."""
        return self.values.get((variable, level.where), Measure())


def measure(dataset: Dataset, blocks: Iterable[pl.DataFrame]) -> Measured:
    """Measure the rows (the columns of ``dataset``: String, or Float64 where numeric).

    They are looked at block by block, so that memory is a block's.
    """
    rows = 0
    variables = {variable.name: Measure() for variable in dataset.variables}
    values: dict[tuple[str, Where], Measure] = {}
    for block in blocks:
        rows += block.height
        texts = block.select(_text(variable) for variable in dataset.variables)
        found = texts.select(_measure(variable) for variable in dataset.variables)
        for name, one in found.row(0, named=True).items():
            variables[name] = variables[name].joined(_read(one))
        for variable in dataset.variables:
            for key, measured in _by_condition(variable, texts):
                values[key] = values.get(key, Measure()).joined(measured)
    return Measured(rows, variables, values)


def _text(variable: Variable) -> pl.Expr:
    """What will be written, as text; a blank is no value."""
    column = pl.col(variable.name)
    return number_text(column) if variable.numeric else column.replace("", None)


def _measure(variable: Variable) -> pl.Expr:
    text = pl.col(variable.name)
    parts = {"filled": text.count(), "length": text.str.len_bytes().max().fill_null(0)}
    if variable.numeric or any(level.type in _NUMBERS for level in variable.value_level):
        parts["decimals"] = text.str.extract(_DECIMALS).str.len_bytes().max().fill_null(0)
    if is_iso_text(variable):
        counts = [text.str.contains(pattern).sum() for pattern in _ISO_PATTERNS]
        parts["iso"] = pl.concat_list(counts)
    fields = [part.alias(name) for name, part in parts.items()]
    return pl.struct(fields).alias(variable.name)


def is_iso_text(variable: Variable) -> bool:
    """Whether it is ISO 8601 date text, whose exact kind the values decide."""
    return not variable.numeric and variable.type in {*ISO_TYPES, "incompleteDatetime"}


def _by_condition(
    variable: Variable, texts: pl.DataFrame
) -> Iterator[tuple[tuple[str, Where], Measure]]:
    """Simple conditions (one variable, one value) are measured in one pass a variable."""
    simple = [level.where[0].variable for level in variable.value_level if level.value]
    for where in dict.fromkeys(simple):
        grouped = texts.group_by(where).agg(_measure(variable).alias("found"))
        for value, one in grouped.iter_rows():
            yield (variable.name, equal(where, value or "")), _read(one)


def _read(one: dict[str, int | list[int]]) -> Measure:
    return Measure(**(one | {"iso": tuple(one.get("iso", ()))}))  # type: ignore[arg-type]
