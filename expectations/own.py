"""Expectations that GX lacks, written as GX documents custom ones: a metric and an expectation.

They read staged text and ISO 8601 dates, column by column, never row by row. Importing this
module registers them; it imports Great Expectations, so only ``gx.py`` imports it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
import polars as pl
from great_expectations.core.suite_parameters import SuiteParameterDict
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import (
    ColumnMapExpectation,
    ColumnPairMapExpectation,
    MulticolumnMapExpectation,
)
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    ColumnPairMapMetricProvider,
    MulticolumnMapMetricProvider,
    column_condition_partial,
    column_pair_condition_partial,
    multicolumn_condition_partial,
)

from expectations.iso8601 import day_of, is_complete, is_iso, on_or_before, study_day
from sdtmflow.mapping.values.numbers import number_of

EITHER = "either_value_is_missing"


def mask(columns: dict[str, pd.Series], condition: pl.Expr) -> pd.Series:
    """The condition over pandas columns, answered by Polars; rows it cannot answer fail."""
    frame = pl.DataFrame({name: pl.from_pandas(column) for name, column in columns.items()})
    answer = frame.select(condition.fill_null(value=False).alias("answer"))["answer"]
    index = next(iter(columns.values())).index
    return pd.Series(answer.to_numpy(), index=index, dtype=bool)


def number(name: str, column: pd.Series) -> pl.Expr:
    """The numbers of a column of ``mask``: its own, or those that its texts say."""
    if pd.api.types.is_numeric_dtype(column):
        return pl.col(name).cast(pl.Float64)
    return number_of(pl.col(name).cast(pl.String))


class ColumnValuesDate(ColumnMapMetricProvider):
    """Which values are ISO 8601 dates."""

    condition_metric_name = "column_values.date"
    condition_value_keys = ("complete",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: Any, complete: Any, **_: Any) -> Any:
        value = pl.col("value")
        return mask({"value": column}, is_complete(value) if complete else is_iso(value))


class ExpectColumnValuesToBeDate(ColumnMapExpectation):
    """Every value is a date that exists.

    A raw table's value is read in its source's date formats, an SDTM value as ISO 8601. Partial
    dates pass unless ``complete`` is true.
    """

    complete: bool = False

    map_metric: ClassVar[str] = "column_values.date"
    success_keys: ClassVar[tuple[str, ...]] = ("complete", "mostly")


class ColumnValuesDateBetween(ColumnMapMetricProvider):
    """Which dates are within bounds."""

    condition_metric_name = "column_values.date_between"
    condition_value_keys = ("min_value", "max_value")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: Any, min_value: Any, max_value: Any, **_: Any) -> Any:
        value, within = pl.col("value"), pl.lit(value=True)
        if min_value is not None:
            within &= on_or_before(pl.lit(str(min_value)), value)
        if max_value is not None:
            within &= on_or_before(value, pl.lit(str(max_value)))
        return mask({"value": column}, within)


class ExpectColumnValuesToBeDateBetween(ColumnMapExpectation):
    """No date lies surely outside ``min_value`` … ``max_value`` (ISO 8601, inclusive).

    ``{$PARAMETER: cutoff}`` as a bound is the study's data cut-off. What is no date passes here:
    ``expect_column_values_to_be_date`` tells.
    """

    min_value: str | SuiteParameterDict | None = None
    max_value: str | SuiteParameterDict | None = None

    map_metric: ClassVar[str] = "column_values.date_between"
    success_keys: ClassVar[tuple[str, ...]] = ("min_value", "max_value", "mostly")


class ColumnValuesNumberBetween(ColumnMapMetricProvider):
    """Which texts are numbers within bounds."""

    condition_metric_name = "column_values.number_between"
    condition_value_keys = ("min_value", "max_value", "strict_min", "strict_max")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(
        cls,
        column: Any,
        min_value: Any,
        max_value: Any,
        strict_min: Any,
        strict_max: Any,
        **_: Any,
    ) -> Any:
        said = number("value", column)
        within = said.is_not_null()
        if min_value is not None:
            within &= said > min_value if strict_min else said >= min_value
        if max_value is not None:
            within &= said < max_value if strict_max else said <= max_value
        return mask({"value": column}, within)


class ExpectColumnValuesToBeNumberBetween(ColumnMapExpectation):
    """Every value says a number, within the bounds where given (staged values are text)."""

    min_value: float | SuiteParameterDict | None = None
    max_value: float | SuiteParameterDict | None = None
    strict_min: bool = False
    strict_max: bool = False

    map_metric: ClassVar[str] = "column_values.number_between"
    success_keys: ClassVar[tuple[str, ...]] = (
        "min_value",
        "max_value",
        "strict_min",
        "strict_max",
        "mostly",
    )


class ColumnPairDatesInOrder(ColumnPairMapMetricProvider):
    """Where A is on or before B."""

    condition_metric_name = "column_pair_dates.a_on_or_before_b"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_A",
        "column_B",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )

    condition_value_keys = ("tolerance_days",)

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: Any, column_B: Any, **kwargs: Any) -> Any:  # noqa: N803 — GX's names
        first, second = pl.col("A"), pl.col("B")
        answer = on_or_before(first, second)
        if days := kwargs.get("tolerance_days"):
            answer |= (day_of(first) - day_of(second)).dt.total_days() <= days
        return mask({"A": column_A, "B": column_B}, answer)


class ExpectColumnPairDatesAToBeOnOrBeforeB(ColumnPairMapExpectation):
    """No date of ``column_A`` lies surely after the date of ``column_B`` in its row.

    ``tolerance_days``: so many days after it are let pass, where both are known to the day.
    """

    tolerance_days: int = 0
    ignore_row_if: str = EITHER

    map_metric: ClassVar[str] = "column_pair_dates.a_on_or_before_b"
    domain_keys: ClassVar[tuple[str, ...]] = ColumnPairDatesInOrder.condition_domain_keys
    success_keys: ClassVar[tuple[str, ...]] = ("tolerance_days", "mostly")


class ColumnPairNumbersGreater(ColumnPairMapMetricProvider):
    """Where A, as a number, is greater than B."""

    condition_metric_name = "column_pair_numbers.a_greater_than_b"
    condition_domain_keys = ColumnPairDatesInOrder.condition_domain_keys
    condition_value_keys = ("or_equal",)

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: Any, column_B: Any, **kwargs: Any) -> Any:  # noqa: N803
        first, second = number("A", column_A), number("B", column_B)
        greater = first >= second if kwargs.get("or_equal") else first > second
        return mask({"A": column_A, "B": column_B}, greater.fill_null(value=True))


class ExpectColumnPairNumbersAToBeGreaterThanB(ColumnPairMapExpectation):
    """``column_A`` is greater than ``column_B`` wherever both texts say a number."""

    or_equal: bool = False
    ignore_row_if: str = EITHER

    map_metric: ClassVar[str] = "column_pair_numbers.a_greater_than_b"
    domain_keys: ClassVar[tuple[str, ...]] = ColumnPairDatesInOrder.condition_domain_keys
    success_keys: ClassVar[tuple[str, ...]] = ("or_equal", "mostly")


class MulticolumnStudyDay(MulticolumnMapMetricProvider):
    """Where the study day agrees with the date and the reference date."""

    condition_metric_name = "multicolumn_values.study_day"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_list",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: Any, **_: Any) -> Any:
        day, date, reference = column_list.columns
        columns = {name: column_list[name] for name in (day, date, reference)}
        start, known = pl.col(reference), day_of(pl.col(date)).is_not_null()
        expected = study_day(pl.col(date), start)
        return mask(
            columns, pl.col(day).cast(pl.Float64, strict=False).eq_missing(expected) | ~known
        )


class ExpectMulticolumnStudyDayToAgree(MulticolumnMapExpectation):
    """``column_list: [--DY, --DTC, reference date]``: the day is the one that SDTM computes."""

    ignore_row_if: str = "never"

    map_metric: ClassVar[str] = "multicolumn_values.study_day"
    domain_keys: ClassVar[tuple[str, ...]] = MulticolumnStudyDay.condition_domain_keys
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)
