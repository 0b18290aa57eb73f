"""What the data say of their own columns: lengths, decimals, kinds of dates, values used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from sdtmflow.dataset import DataType
from sdtmflow.mapping.values.dates import COMPLETE_DATE
from sdtmflow.mapping.values.numbers import NUMBER, text_of

_COMPLETE_TIME = r"T\d{2}:\d{2}(:\d{2})?"
_RIGHT_CUT = r"^\d{4}(-\d{2})?$"
"""A date that is only cut short (2019-02), as against one with a hole (2019---20)."""


@dataclass(frozen=True, slots=True)
class Content:
    """One column (of one test, for value-level metadata)."""

    filled: bool
    length: int = 0
    """Bytes of the longest text; 8 for numbers."""
    type: DataType = "text"
    significant_digits: int | None = None
    """Digits after the decimal point, for ``float``."""


def contents(frame: pl.LazyFrame, columns: Sequence[str]) -> dict[str, Content]:
    """The content of each column; dates are those named --DTC."""
    if not columns:
        return {}
    return next(
        iter(_by(frame, (), columns).values()), dict.fromkeys(columns, Content(filled=False))
    )


def contents_by(
    frame: pl.LazyFrame, by: str, columns: Sequence[str]
) -> dict[str, dict[str, Content]]:
    """The content of each column per value of ``by``, sorted by it."""
    return {str(key): found for key, found in sorted(_by(frame, (by,), columns).items())}


def used_values(frame: pl.LazyFrame, column: str) -> tuple[str, ...]:
    """The distinct values of a column as text, sorted."""
    values = frame.select(pl.col(column).cast(pl.String)).drop_nulls().unique().collect()
    return tuple(values.to_series().sort())


def _by(
    frame: pl.LazyFrame, by: tuple[str, ...], columns: Sequence[str]
) -> Mapping[str, dict[str, Content]]:
    schema = frame.collect_schema()
    numeric = {name: schema[name].is_numeric() for name in columns}
    measures = [
        expr.alias(f"{name}\x1f{key}")
        for name in columns
        for key, expr in (_of_number(name) if numeric[name] else _of_text(name)).items()
    ]
    grouped = frame.group_by(by).agg(measures) if by else frame.select(measures)
    return {
        row[by[0]] if by else "": {
            name: _content(name, row, numeric=numeric[name], conditional=bool(by))
            for name in columns
        }
        for row in grouped.collect().to_dicts()
    }


def _of_number(name: str) -> dict[str, pl.Expr]:
    column = pl.col(name)
    decimals = text_of(column).str.extract(r"\.(\d+)$").str.len_bytes().max()
    return {"filled": column.count() > 0, "decimals": decimals}


def _of_text(name: str) -> dict[str, pl.Expr]:
    column = pl.col(name)
    measures = {"filled": column.count() > 0, "length": column.str.len_bytes().max()}
    if name.endswith("DTC"):
        timed = column.str.contains("T")
        day = column.str.contains(COMPLETE_DATE)
        whole = day & (~timed | column.str.contains(_COMPLETE_TIME))
        measures |= {
            "any_time": timed.any(),
            "all_time": timed.all(),
            "all_whole": whole.all(),
            "all_cut": (whole | column.str.contains(_RIGHT_CUT)).all(),
        }
    elif name.endswith(("ORRES", "STRESC")):
        measures["all_numbers"] = column.str.contains(NUMBER).all()
        measures["decimals"] = column.str.extract(r"\.(\d+)$").str.len_bytes().max()
    return measures


def _content(name: str, row: Mapping[str, object], *, numeric: bool, conditional: bool) -> Content:
    """A text variable stays text as a whole; under a condition its values may all be numbers."""
    found = {
        key.partition("\x1f")[2]: value
        for key, value in row.items()
        if key.startswith(f"{name}\x1f")
    }
    decimals = int(str(found.get("decimals") or 0))
    length = 8 if numeric else int(str(found.get("length") or 0))
    if not found["filled"]:
        return Content(filled=False, length=length, type="integer" if numeric else _empty(name))
    if numeric or (conditional and found.get("all_numbers")):
        number: DataType = "float" if decimals else "integer"
        return Content(filled=True, length=length, type=number, significant_digits=decimals or None)
    kind = _date_type(found) if name.endswith("DTC") else "text"
    return Content(filled=True, length=length, type=kind)


def _empty(name: str) -> DataType:
    return "date" if name.endswith("DTC") else "text"


def _date_type(found: Mapping[str, object]) -> DataType:
    """Define-XML's type: whole dates and times, only cut short, or with holes."""
    if found["all_whole"] and not found["any_time"]:
        return "date"
    if found["all_whole"] and found["all_time"]:
        return "datetime"
    if not found["all_cut"]:
        return "incompleteDatetime"
    return "partialDatetime" if found["any_time"] else "partialDate"
