"""From profiles to expectations: what most records meet, with how many do not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from expectations.drafting.keys import Key
from expectations.drafting.profile import MET, ColumnProfile, Kind
from expectations.iso8601 import on_or_before
from expectations.reading import UNREADABLE, as_dates, by_source
from expectations.suite import Join
from sdtmflow.sources.raw import SOURCE
from sdtmflow.study import Source
from sdtmflow.wording import counted

_HALF = 0.5
_STEP = 0.05
_PAIRS = 5
"""Two dates are only compared where so many records have both."""
_ONE = "The subject has two records"
_START = re.compile(r"START|BEGIN|ST")
_ENDS = {"START": "END", "BEGIN": "END", "ST": "EN"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One expectation with what speaks for it."""

    expectation: str
    arguments: Mapping[str, Any]
    rule: str
    severity: str
    message: str
    evidence: str
    query: str = ""
    variable: str = ""
    optional: bool = False
    """Not every source delivers the column."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        named = [value for name, value in self.arguments.items() if name.startswith("column")]
        return tuple(
            name for each in named for name in (each if isinstance(each, list) else [each])
        )


def of_column(column: ColumnProfile, *, counts: bool = False) -> Iterator[Proposal]:
    """What one column shows: that it is filled, and what it is filled with.

    Of one that ``counts`` a subject's records the next delivery has other numbers.
    """
    said, empty = _said(column), column.rows - column.filled
    if column.share >= MET:
        yield Proposal(
            "expect_column_values_to_not_be_null",
            {"column": column.name},
            f"{column.name}_MISSING",
            "minor" if empty else "major",
            f"There is no {said}",
            f"filled in {_so_many(column.filled, column.rows, 'records')}",
            f"Please enter {said}.",
        )
    elif column.share >= _HALF:
        least = math.floor(column.share / _STEP) * _STEP
        yield Proposal(
            "expect_column_proportion_of_non_null_values_to_be_between",
            {"column": column.name, "min_value": round(least, 2)},
            f"{column.name}_SELDOM",
            "minor",
            f"{_capital(said)} is filled less often than it was",
            f"filled in {_so_many(column.filled, column.rows, 'records')}",
        )
    if not (counts and all(value.isdecimal() for value in column.values)):
        yield from _of_kind(column, said)


def _of_kind(column: ColumnProfile, said: str) -> Iterator[Proposal]:
    evidence = _so_many(column.fitting, column.filled, "texts")
    shown = f"{{{column.name}}}"
    check = f"Please check {said}."
    if column.kind is Kind.DATE:
        yield Proposal(
            "expect_column_values_to_be_date",
            {"column": column.name},
            f"{column.name}_NO_DATE",
            "major",
            f"{_capital(said)} {shown} is no date",
            f"{evidence} are dates",
            check,
        )
    elif column.kind is Kind.NUMBER:
        yield Proposal(
            "expect_column_values_to_be_number_between",
            {
                "column": column.name,
                "min_value": _plain(column.low),
                "max_value": _plain(column.high),
            },
            f"{column.name}_RANGE",
            "minor",
            f"{_capital(said)} {shown} is out of the usual range",
            f"{evidence} are numbers within these bounds",
            check,
        )
    elif column.kind is Kind.CODE and column.distinct > 1:
        others = column.distinct - len(column.values)
        rest = f"; {counted(others, 'rarer one')} not written: complete the set" if others else ""
        yield Proposal(
            "expect_column_values_to_be_in_set",
            {"column": column.name, "value_set": list(column.values)},
            f"{column.name}_UNKNOWN",
            "minor",
            f"{_capital(said)} {shown} is none of the known ones",
            f"{counted(len(column.values), 'value')} of several subjects{rest}",
            check,
        )
    elif column.pattern:
        yield Proposal(
            "expect_column_values_to_match_regex",
            {"column": column.name, "regex": column.pattern},
            f"{column.name}_FORM",
            "minor",
            f"{_capital(said)} {shown} is not written like the others",
            f"{evidence} have this form",
            check,
        )


def of_dates(
    rows: pl.DataFrame, columns: Sequence[ColumnProfile], sources: dict[str, Source], cutoff: str
) -> Iterator[Proposal]:
    """No date after the cut-off, no start after its end: where the data say so."""
    dates = {column.name: column for column in columns if column.kind is Kind.DATE}
    read = {name: _read(rows, name, sources) for name in dates}
    for name, column in dates.items():
        yield from _before_cutoff(column, read[name], cutoff)
    for name, column in dates.items():
        end = _end_of(name, dates)
        if end:
            yield from _in_order(column, dates[end], read)


def _read(rows: pl.DataFrame, name: str, sources: dict[str, Source]) -> pl.Series:
    read = by_source(rows[name], rows[SOURCE], sources, as_dates)
    return read.set(read == UNREADABLE, None)


def _before_cutoff(column: ColumnProfile, read: pl.Series, cutoff: str) -> Iterator[Proposal]:
    known = read.drop_nulls().to_frame("date")
    kept = known.select(on_or_before(pl.col("date"), pl.lit(cutoff))).to_series()
    met = int(kept.sum())
    if met >= MET * len(kept):
        yield Proposal(
            "expect_column_values_to_be_date_between",
            {"column": column.name, "max_value": {"$PARAMETER": "cutoff"}},
            f"{column.name}_LATE",
            "major",
            f"{_capital(_said(column))} {{{column.name}}} is after the data cut-off",
            f"{_so_many(met, len(kept), 'dates')} are on or before it",
            f"Please check {_said(column)}.",
        )


def _end_of(name: str, dates: Mapping[str, ColumnProfile]) -> str:
    """The column that is called like ``name``, with the end in place of the start."""
    for found in _START.finditer(name.upper()):
        end = name[: found.start()] + _ENDS[found.group()] + name[found.end() :]
        if end in dates and end != name:
            return end
    return ""


def _in_order(
    start: ColumnProfile, end: ColumnProfile, read: Mapping[str, pl.Series]
) -> Iterator[Proposal]:
    both = pl.DataFrame({"start": read[start.name], "end": read[end.name]}).drop_nulls()
    kept = int(both.select(on_or_before(pl.col("start"), pl.col("end"))).to_series().sum())
    if both.height < _PAIRS or kept < MET * both.height:
        return
    yield Proposal(
        "expect_column_pair_dates_a_to_be_on_or_before_b",
        {"column_A": start.name, "column_B": end.name},
        f"{end.name}_BEFORE_START",
        "major",
        f"{_capital(_said(end))} {{{end.name}}} is before {_said(start)} {{{start.name}}}",
        f"{_so_many(kept, both.height, 'records with both dates')} are in this order",
        f"Please check {_said(start)} and {_said(end)}.",
        variable=end.name,
    )


def of_key(key: Key | None, subject: str, rows: int) -> Iterator[Proposal]:
    """No two records of a subject have the same key."""
    if key is None:
        return
    names = [subject, *(name for name in key.columns if name != subject)]
    one: dict[str, Any] = {"column": names[0]} if len(names) == 1 else {"column_list": names}
    what = "column_values" if len(names) == 1 else "compound_columns"
    yield Proposal(
        f"expect_{what}_to_be_unique",
        one,
        "TWICE",
        "major",
        "Two records of the subject have the same key" if key.columns else _ONE,
        f"{_so_many(rows - key.repeated, rows, 'records')} have a key of their own",
        "Please correct one of the records, or say that both are meant.",
    )


def of_subjects(join: Join, known: int, rows: int, variable: str) -> Iterator[Proposal]:
    """Every subject is in demographics."""
    if known >= MET * rows:
        yield Proposal(
            "expect_column_values_to_not_be_null",
            {"column": join.found},
            "SUBJECT_UNKNOWN",
            "major",
            f"The subject is not in {join.to}",
            f"{_so_many(known, rows, 'records')} are of subjects there",
            "Please check the subject number.",
            variable=variable,
        )


def _so_many(met: int, of: int, what: str) -> str:
    """``all 82 records``, ``81 of 82 records``."""
    return f"all {of:,} {what}" if met == of else f"{met:,} of {of:,} {what}"


def _said(column: ColumnProfile) -> str:
    """What people call the column, safe in a message."""
    label = column.label.strip().rstrip("?:. ").replace("{", "{{").replace("}", "}}")
    return f"{column.name} ({label})" if label else column.name


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(number: float | None) -> float | int:
    value = number or 0.0
    return int(value) if value == int(value) else value
