"""LB of many subjects, with about one mistake in a hundred rows for every expectation of the suite.

The same number of rows is always the same rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from benchmarks.xpt import laboratory

SHARE = 0.01
"""Share of rows that each mistake is made in."""
_TESTS = {
    "ALT": "Alanine Aminotransferase",
    "AST": "Aspartate Aminotransferase",
    "BILI": "Bilirubin",
    "GLUC": "Glucose",
    "SODIUM": "Sodium",
}
_MISTAKES: tuple[tuple[str, Any], ...] = (
    *((column, None) for column in ("STUDYID", "DOMAIN", "USUBJID", "LBSEQ", "LBTESTCD", "LBTEST")),
    *((column, None) for column in ("VISITNUM", "LBDTC", "LBSTRESC", "LBNRIND")),
    *((column, "OTHER") for column in ("LBCAT", "LBSPEC", "LBBLFL", "LBFAST", "VISIT", "EPOCH")),
    *((column, "unit") for column in ("LBORRESU", "LBSTRESU")),
    ("DOMAIN", "lb"),
    ("LBTESTCD", "ALBUMINURIA"),
    ("LBTEST", "A Test Whose Name Is Longer Than Forty Letters"),
    ("LBNRIND", "ABNORMAL"),
    ("STUDYID", "DEMO"),
    ("USUBJID", "DEMO01-12"),
    ("LBREFID", "A12"),
    ("LBREFID", "ACC000000001"),
    ("LBSTRESN", -1.0),
    ("VISITNUM", 999.0),
    ("LBDY", 5000.0),
    ("LBSEQ", 0.0),
    ("LBORRES", "hemolyzed"),
    ("LBSTNRHI", 0.0),
    ("LBDTC", "2024-02-31"),
    ("LBDTC", "2031-01-01"),
)


def laboratory_with_mistakes(rows: int) -> pl.DataFrame:
    """A laboratory's rows with reference date and end of collection, and the mistakes."""
    frame = _consistent(laboratory(rows))
    random = np.random.default_rng(11)
    for column, value in _MISTAKES:
        wrong = pl.Series(random.random(rows) < SHARE)
        literal = pl.lit(value, frame.schema[column])
        frame = frame.with_columns(pl.when(wrong).then(literal).otherwise(column).alias(column))
    return frame


def _consistent(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows that meet every expectation."""
    day = pl.col("LBDTC").str.head(10).str.to_date() - pl.date(2024, 3, 1)
    return frame.with_columns(
        LBTEST=pl.col("LBTESTCD").replace_strict(_TESTS),
        LBNRIND=pl.lit("NORMAL"),
        LBENDTC=pl.col("LBDTC"),
        LBDY=day.dt.total_days().cast(pl.Float64) + 1,
        RFSTDTC=pl.lit("2024-03-01"),
    )
