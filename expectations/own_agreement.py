"""Expectations that values agree: with one another, with a codelist's spelling, with an order.

As those of ``own.py``: a metric and an expectation each, in the way GX documents; importing this
module registers them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, ClassVar

import pandas as pd
import polars as pl
from great_expectations.core.suite_parameters import SuiteParameterDict
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import (
    BatchExpectation,
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

from expectations.iso8601 import agree
from expectations.own import EITHER, ColumnPairDatesInOrder, MulticolumnStudyDay, mask, number


class ColumnPairDatesAgree(ColumnPairMapMetricProvider):
    """Where two dates are the same, as far as both are known."""

    condition_metric_name = "column_pair_dates.agree"
    condition_domain_keys = ColumnPairDatesInOrder.condition_domain_keys

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: Any, column_B: Any, **_: Any) -> Any:  # noqa: N803 — GX's names
        return mask({"A": column_A, "B": column_B}, agree(pl.col("A"), pl.col("B")))


class ExpectColumnPairDatesToAgree(ColumnPairMapExpectation):
    """The dates of ``column_A`` and ``column_B`` are the same as far as both are known.

    2024-03 agrees with 2024-03-15T10:00, and not with 2024-04-01.
    """

    ignore_row_if: str = EITHER

    map_metric: ClassVar[str] = "column_pair_dates.agree"
    domain_keys: ClassVar[tuple[str, ...]] = ColumnPairDatesInOrder.condition_domain_keys
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


class ColumnPairNumbersEqual(ColumnPairMapMetricProvider):
    """Where A and B say the same number."""

    condition_metric_name = "column_pair_numbers.equal"
    condition_domain_keys = ColumnPairDatesInOrder.condition_domain_keys

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: Any, column_B: Any, **_: Any) -> Any:  # noqa: N803 — GX's names
        first, second = number("A", column_A), number("B", column_B)
        close = (first - second).abs() <= _ROUNDING * first.abs()
        answer = (first == second) | close | first.is_null() & second.is_null()
        return mask({"A": column_A, "B": column_B}, answer)


_ROUNDING = 1e-9
"""A number and its text differ by no more than what a float cannot hold."""


class ExpectColumnPairNumbersToBeEqual(ColumnPairMapExpectation):
    """``column_A`` and ``column_B`` say the same number, or neither says one.

    With ``ignore_row_if: both_values_are_missing``, a number beside a missing value fails.
    """

    ignore_row_if: str = EITHER

    map_metric: ClassVar[str] = "column_pair_numbers.equal"
    domain_keys: ClassVar[tuple[str, ...]] = ColumnPairDatesInOrder.condition_domain_keys
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


class ColumnValuesSpelled(ColumnMapMetricProvider):
    """Which values are spelled as a permitted one, or are like none of them."""

    condition_metric_name = "column_values.spelled_as_in_set"
    condition_value_keys = ("value_set",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: Any, value_set: Any, **_: Any) -> Any:
        terms = pl.Series([str(term) for term in value_set], dtype=pl.String)
        like = terms.to_frame("value").select(_alike(pl.col("value"))).to_series()
        value = pl.col("value").cast(pl.String)
        known = value.is_in(terms.implode())
        return mask({"value": column}, known | ~_alike(value).is_in(like.implode()))


def _alike(text: pl.Expr) -> pl.Expr:
    """What is left of a text without letter case and blanks."""
    return text.str.replace_all(r"\s+", "").str.to_uppercase()


class ExpectColumnValuesToBeSpelledAsInSet(ColumnMapExpectation):
    """No value differs from one of ``value_set`` in letter case or blanks alone.

    For codelists that a sponsor may extend: a new term may be, another spelling of a known one not.
    """

    value_set: list[Any] | SuiteParameterDict

    map_metric: ClassVar[str] = "column_values.spelled_as_in_set"
    success_keys: ClassVar[tuple[str, ...]] = ("value_set", "mostly")


class MulticolumnOneLast(MulticolumnMapMetricProvider):
    """Where the last column has the value that it mostly has beside the same other values."""

    condition_metric_name = "multicolumn_values.one_last"
    condition_domain_keys = MulticolumnStudyDay.condition_domain_keys

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: Any, **_: Any) -> Any:
        names = [str(name) for name in column_list.columns]
        frame = pl.DataFrame({name: pl.from_pandas(column_list[name]) for name in names})
        answer = as_most(frame, names[:-1], names[-1])
        return pd.Series(answer.to_numpy(), index=column_list.index, dtype=bool)


def as_most(frame: pl.DataFrame, groups: Sequence[str], last: str) -> pl.Series:
    """Row by row, whether ``last`` is missing, or what most rows of the same ``groups`` have.

    Of values that are as frequent, the one that stands first counts.
    """
    counted = frame.drop_nulls(last).group_by(*groups, last, maintain_order=True).len()
    most = counted.sort("len", descending=True, maintain_order=True).unique(
        groups, keep="first", maintain_order=True
    )
    usual = most.select(*groups, pl.col(last).alias(_USUAL))
    beside = frame.join(usual, on=list(groups), how="left", nulls_equal=True, maintain_order="left")
    same = pl.col(last) == pl.col(_USUAL)
    return beside.select((same | pl.col(last).is_null()).alias("answer")).to_series()


_USUAL = "usual value"


class ExpectMulticolumnValuesToHaveOneLast(MulticolumnMapExpectation):
    """The last column has one value for equal values of the other ones.

    ``column_list: [VISITNUM, VISIT]``: a visit number has one name. Where there are several, the
    records fail that have another one than most.
    """

    ignore_row_if: str = "never"

    map_metric: ClassVar[str] = "multicolumn_values.one_last"
    domain_keys: ClassVar[tuple[str, ...]] = MulticolumnOneLast.condition_domain_keys
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


class ExpectTableColumnsToBeInOrder(BatchExpectation):
    """Those columns of ``column_list`` that the table has stand in that order.

    Other columns may stand anywhere, and columns may be missing.
    """

    column_list: list[str] | SuiteParameterDict

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.columns",)
    success_keys: ClassVar[tuple[str, ...]] = ("column_list",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: Any = None,  # noqa: ARG002 — GX passes both
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        order = list(self.column_list)
        found = [name for name in metrics["table.columns"] if name in order]
        pairs = itertools.pairwise(found)
        late = [f"{b} after {a}" for a, b in pairs if order.index(b) < order.index(a)]
        return {"success": not late, "result": {"observed_value": ", ".join(late) or "in order"}}
