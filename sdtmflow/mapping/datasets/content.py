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


_OF_ANY_KIND = ("ORRES", "STRESC", "QVAL", "TSVAL")
"""Text variables whose values are numbers, dates or words, as their test or name has it."""


@dataclass(frozen=True, slots=True)
class Content:
    """One column (of one test, for value-level metadata)."""

    filled: bool
    length: int = 0
    """Bytes of the longest text; 8 for numbers."""
    type: DataType = "text"
    significant_digits: int | None = None
    """Digits after the decimal point, where a value has any."""
    number: DataType | None = None
    """``integer`` or ``float`` where every value is a number."""
    date: DataType | None = None
    """The kind of date where every value is one."""


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


def values_by(frame: pl.LazyFrame, by: str, column: str) -> dict[str, tuple[str, ...]]:
    """The distinct words of a text column per value of ``by``; none where any is a number."""
    number = pl.col(column).str.contains(NUMBER)
    words = pl.col(column).filter(~number).drop_nulls().unique()
    rows = frame.group_by(by).agg(words, number.any().alias("numbers")).collect().iter_rows()
    return {str(key): () if numbers else tuple(sorted(values)) for key, values, numbers in rows}


def pairs(frame: pl.LazyFrame, column: str, name: str) -> dict[str, str]:
    """The distinct values of ``column`` as text, sorted, and what ``name`` calls them."""
    text = text_of if frame.collect_schema()[column].is_numeric() else lambda col: col
    found = frame.group_by(column).agg(pl.col(name).drop_nulls().min())
    rows = found.drop_nulls(column).sort(column).select(text(pl.col(column)), name).collect()
    return {value: called or "" for value, called in rows.iter_rows()}


def used_values(frame: pl.LazyFrame, column: str) -> tuple[str, ...]:
    """The distinct values of a column as text, sorted."""
    values = frame.select(pl.col(column).cast(pl.String)).drop_nulls().unique().collect()
    return tuple(values.to_series().sort())


def _by(
    frame: pl.LazyFrame, by: tuple[str, ...], columns: Sequence[str]
) -> dict[str, dict[str, Content]]:
    """Column by column, on its distinct values: each text is looked at once."""
    schema = frame.collect_schema()
    found: dict[str, dict[str, Content]] = {}
    for name in columns:
        numeric = schema[name].is_numeric()
        measures = _of_number(name) if numeric else _of_text(name)
        wanted = [expr.alias(key) for key, expr in measures.items()]
        distinct = frame.select(*by, name).unique().collect(engine="streaming")
        rows = distinct.group_by(by).agg(wanted) if by else distinct.select(wanted)
        for row in rows.iter_rows(named=True):
            group = found.setdefault(str(row[by[0]]) if by else "", {})
            group[name] = _content(name, row, numeric=numeric)
    return found


def _of_number(name: str) -> dict[str, pl.Expr]:
    column = pl.col(name)
    decimals = text_of(column).str.extract(r"\.(\d+)$").str.len_bytes().max()
    return {"filled": column.count() > 0, "decimals": decimals}


def _of_text(name: str) -> dict[str, pl.Expr]:
    column = pl.col(name)
    measures = {"filled": column.count() > 0, "length": column.str.len_bytes().max()}
    if name.endswith(("DTC", "QVAL", "TSVAL")):
        timed = column.str.contains("T")
        day = column.str.contains(COMPLETE_DATE)
        whole = day & (~timed | column.str.contains(_COMPLETE_TIME))
        measures |= {
            "any_time": timed.any(),
            "all_time": timed.all(),
            "all_whole": whole.all(),
            "all_cut": (whole | column.str.contains(_RIGHT_CUT)).all(),
        }
    if name.endswith(_OF_ANY_KIND):
        measures["all_numbers"] = column.str.contains(NUMBER).all()
        measures["decimals"] = column.str.extract(r"\.(\d+)$").str.len_bytes().max()
    return measures


def _content(name: str, found: Mapping[str, object], *, numeric: bool) -> Content:
    """A text variable stays text as a whole; under a condition its values may all be numbers."""
    decimals = int(str(found.get("decimals") or 0)) or None
    length = 8 if numeric else int(str(found.get("length") or 0))
    if not found["filled"]:
        return Content(filled=False, length=length, type="integer" if numeric else _empty(name))
    number: DataType | None = "float" if decimals else "integer"
    if numeric and number:
        return Content(True, length, number, decimals, number)  # noqa: FBT003 — filled
    date = _date_type(found) if "all_cut" in found else None
    return Content(
        filled=True,
        length=length,
        type=date if date and name.endswith("DTC") else "text",
        significant_digits=decimals,
        number=number if found.get("all_numbers") else None,
        date=date if found.get("all_cut") else None,
    )


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
