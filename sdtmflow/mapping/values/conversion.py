"""Declared tables of unit conversion: ``test,from,to,factor,offset,decimals``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import polars as pl

from sdtmflow.errors import StudyError
from sdtmflow.mapping.values.csv_files import read_csv
from sdtmflow.mapping.values.numbers import number_of, rounded, text_of, tidy

_COLUMNS = ("test", "from", "to", "factor")


@dataclass(frozen=True, slots=True)
class Conversions:
    """A table of conversions; one row a test and unit sent.

    Columns: ``test``, ``unit``, ``standard``, ``factor``, ``offset``, ``decimals`` (null: as is).
    """

    name: str
    rows: pl.DataFrame

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that the table names."""
        return tuple(self.rows["test"].unique().sort())


def read_conversions(path: Path, problems: list[StudyError]) -> Conversions:
    """The table of a CSV file; what is no conversion is added to ``problems``."""
    table = read_csv(path, path.name, problems)
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        problems.append(
            StudyError(
                f"the conversions lack the column '{missing[0]}'",
                place=f"{path.name}:1",
                remedy="the columns are test,from,to,factor[,offset,decimals]",
            )
        )
        return Conversions(path.stem, pl.DataFrame(schema=_SCHEMA))
    placed = [(place, row) for place, cells in table.rows if (row := _row(cells, place, problems))]
    problems += _contradictions(placed)
    rows = pl.DataFrame([row for _, row in placed], schema=_SCHEMA)
    return Conversions(path.stem, _with_identities(rows))


def _contradictions(placed: list[tuple[str, dict[str, object]]]) -> Iterator[StudyError]:
    """Two conversions of one unit of a test, and two standard units of a test."""
    units: dict[object, str] = {}
    standards: dict[object, tuple[str, object]] = {}
    for place, row in placed:
        test, unit, standard = row["test"], row["unit"], row["standard"]
        first = units.setdefault((test, unit), place)
        if first != place:
            message = f"{test} in '{unit}' is converted already at {first}"
            yield StudyError(message, place=place, remedy="keep one of the two lines")
        other, known = standards.setdefault(test, (place, standard))
        if known != standard:
            message = f"{test} has the standard unit '{known}' at {other}"
            yield StudyError(message, place=place, remedy="give a test one standard unit")


_SCHEMA = {
    "test": pl.String,
    "unit": pl.String,
    "standard": pl.String,
    "factor": pl.Float64,
    "offset": pl.Float64,
    "decimals": pl.Int64,
}


def _row(
    cells: Mapping[str, str], place: str, problems: list[StudyError]
) -> dict[str, object] | None:
    if not (cells["test"] and cells["to"]):
        problems.append(StudyError("'test' and 'to' are needed", place=place, remedy="fill both"))
        return None
    numbers = {
        name: _decimal(cells.get(name) or default, place, problems)
        for name, default in (("factor", "1"), ("offset", "0"), ("decimals", "0"))
    }
    if numbers["decimals"] != int(numbers["decimals"]) or numbers["decimals"] < 0:
        problems.append(
            StudyError("'decimals' is no number of digits", place=place, remedy="write 0 or more")
        )
    return {
        "test": cells["test"],
        "unit": cells["from"],
        "standard": cells["to"],
        "factor": float(numbers["factor"]),
        "offset": float(numbers["offset"]),
        "decimals": int(numbers["decimals"]) if cells.get("decimals") else None,
    }


def _decimal(text: str, place: str, problems: list[StudyError]) -> Decimal:
    """The number that the text says; 1 and a problem where it says none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite():
        return number
    problems.append(StudyError(f"'{text}' is no number", place=place, remedy="write 0.4536"))
    return Decimal(1)


def _with_identities(rows: pl.DataFrame) -> pl.DataFrame:
    """The table, and for each test its standard unit sent as such."""
    same = rows.select(
        "test",
        pl.col("standard").alias("unit"),
        "standard",
        pl.lit(1.0).alias("factor"),
        pl.lit(0.0).alias("offset"),
        pl.lit(None, pl.Int64).alias("decimals"),
    )
    return pl.concat([rows, same]).unique(["test", "unit"], keep="first", maintain_order=True)


def standard_results(values: pl.DataFrame, conversions: Conversions) -> pl.DataFrame:
    """``value, unit, test, comma`` → ``number, text, unit, unmapped, unreadable``.

    ``comma`` says that the value has a decimal comma, ``unmapped`` that the table names the test
    of a number, but not its unit, ``unreadable`` that a result in a unit of the table begins as a
    number and is none (``98,1``). Each distinct result is converted once.
    """
    keys = ["value", "unit", "test", "comma"]
    distinct = values.unique(keys)
    results = distinct.hstack(_converted_results(distinct, conversions), in_place=False)
    found = values.join(results, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return found.select("number", "text", "unmapped", "unreadable", unit=pl.col("standard_unit"))


def _converted_results(values: pl.DataFrame, conversions: Conversions) -> pl.DataFrame:
    named = pl.col("test").is_in(conversions.tests).fill_null(value=False)
    rules = conversions.rows.with_columns(found=True)
    found = values.with_columns(pl.col("unit").fill_null("")).join(
        rules, on=["test", "unit"], how="left", maintain_order="left"
    )
    sign = pl.col("value").str.extract(r"^(<=|>=|<|>)").fill_null("")
    digits = pl.col("value").str.strip_prefix(sign).str.strip_chars_start()
    found = found.with_columns(
        sign=sign,
        said=pl.when("comma").then(number_of(digits, ",")).otherwise(number_of(digits)),
    )
    strange = named & pl.col("found").is_null() & pl.col("said").is_not_null()
    # Only in a unit of the table a result must be a number: 1+ and 3-5 without a unit are texts.
    broken = (
        pl.col("found").is_not_null()
        & (pl.col("unit") != "")
        & pl.col("said").is_null()
        & digits.str.contains(r"^[0-9]")
    )
    return _results(
        found.with_columns(
            made=_converted(found), unmapped=strange, unreadable=broken.fill_null(value=False)
        )
    )


def _converted(found: pl.DataFrame) -> pl.Expr:
    """Value × factor + offset, rounded as declared; as said where nothing is converted."""
    computed = tidy(pl.col("said") * pl.col("factor") + pl.col("offset"))
    for digits in found["decimals"].drop_nulls().unique().sort():
        computed = (
            pl.when(pl.col("decimals") == digits)
            .then(rounded(computed, digits))
            .otherwise(computed)
        )
    return pl.when(_unchanged()).then("said").otherwise(computed)


def _unchanged() -> pl.Expr:
    return pl.col("found").is_null() | ((pl.col("factor") == 1) & (pl.col("offset") == 0))


def _results(found: pl.DataFrame) -> pl.DataFrame:
    """A result that stays as it is keeps its text (``37.0``); a computed one gets the number's.

    A text that is no number cannot be converted: it keeps the unit that it was sent in.
    """
    kept = pl.col("made") == pl.col("said")
    text = (
        pl.when(pl.col("said").is_null())
        .then("value")
        .when(kept)
        .then(
            pl.when("comma")
            .then(pl.col("value").str.replace(",", ".", literal=True))
            .otherwise("value")
        )
        .otherwise(pl.concat_str("sign", text_of(pl.col("made"))))
    )
    there = ~pl.col("unmapped") & pl.col("value").is_not_null()
    return found.select(
        number=pl.when(there & (pl.col("sign") == "")).then("made"),
        text=pl.when(there).then(text),
        standard_unit=pl.when(there & (pl.col("said").is_not_null() | _unchanged()))
        .then(pl.coalesce("standard", _blank_is_missing()))
        .when(there)
        .then(_blank_is_missing()),
        unmapped="unmapped",
        unreadable="unreadable",
    )


def _blank_is_missing() -> pl.Expr:
    return pl.when(pl.col("unit") != "").then("unit")
