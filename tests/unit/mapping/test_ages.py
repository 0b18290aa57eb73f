"""Ages: completed units, leap days, partial births that leave no doubt."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from sdtmflow.mapping.values.ages import Unit, completed

DAY = dt.date(2024, 3, 1)


@pytest.mark.parametrize(
    ("born", "at", "unit", "age"),
    [
        ("1969-05-14", DAY, "YEARS", 54),
        ("1969-03-01", DAY, "YEARS", 55),
        ("1969-03-02", DAY, "YEARS", 54),
        ("1969-03-01T08:30", DAY, "YEARS", 55),
        ("2000-02-29", dt.date(2023, 2, 28), "YEARS", 22),
        ("2000-02-29", dt.date(2023, 3, 1), "YEARS", 23),
        ("2023-12-31", DAY, "MONTHS", 2),
        ("2024-01-05", DAY, "WEEKS", 8),
        ("2024-02-28", DAY, "DAYS", 2),
        # Any day of May 1969 is after the 1st of March: no doubt. Of March there is.
        ("1969-05", DAY, "YEARS", 54),
        ("1969-03", DAY, "YEARS", None),
        ("1969", DAY, "YEARS", None),
        ("1969", dt.date(2024, 12, 31), "YEARS", 55),
        ("1969---14", DAY, "YEARS", None),
        ("2024-03-02", DAY, "YEARS", None),
        (None, DAY, "YEARS", None),
        ("1969-05-14", None, "YEARS", None),
    ],
)
def test_completed(born: str | None, at: dt.date | None, unit: Unit, age: int | None) -> None:
    births = pl.Series([born], dtype=pl.String)
    assert completed(births, pl.Series([at], dtype=pl.Date), unit).to_list() == [age]
