"""GX's pandas engine for large tables with many failing rows; every verdict stays GX's own.

GX asks a condition of every row, copies all columns of the table for each expectation that leaves
rows out, hashes the whole table, and tells failing rows only as lists of Python objects, which it
copies and serialises several times. This engine gives a metric the columns that its domain names
and, where a condition asks of each record alone, each distinct record once; it keeps the failing
rows as an array. What is computed on them is GX's own: every metric is resolved by its own engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from great_expectations.core.batch import BatchMarkers
from great_expectations.core.batch_spec import RuntimeDataBatchSpec
from great_expectations.datasource.fluent import PandasDatasource
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.pandas_batch_data import PandasBatchData
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.registry import get_expectation_impl, get_metric_kwargs
from great_expectations.expectations.row_conditions import (
    ComparisonCondition,
    deserialize_row_condition,
)
from great_expectations.validator.metric_configuration import MetricConfiguration

from expectations.batch import Positions
from expectations.distinct import DistinctRecords

_CONDITION = ".condition"
"""How the names of metrics end that say for each row whether it fails."""
_EXAMPLES = (".unexpected_values", ".unexpected_index_list")
_ROWS = "table.row_count"
_COUNTS = (".filtered_row_count", _ROWS)
_OF_EQUALITY = frozenset({"column_values.unique", "compound_columns.unique"})
"""Conditions that ask which values are equal, and nothing else of them."""
_OF_MANY_ROWS = _OF_EQUALITY | {
    "column_values.z_score.under_threshold",
    "column_values.not_outliers",
    "multicolumn_values.one_last",
}
"""Conditions that ask of all rows together."""

Resolved = dict[Any, Any]
"""Identity of a metric → its value."""
Condition = tuple[Any, ...]
"""What GX makes of a condition: a mask, True where a row fails, and two parts of the domain."""


class PositionsEngine(PandasExecutionEngine):
    """Pandas as GX uses it, on no more rows and columns than needed; failing rows as positions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._resolved: Resolved = {}
        self._narrow: dict[tuple[str, ...], PandasExecutionEngine] = {}
        self._distinct = DistinctRecords(pd.DataFrame())

    def get_batch_data_and_markers(
        self, batch_spec: RuntimeDataBatchSpec
    ) -> tuple[PandasBatchData, BatchMarkers]:
        """The frame as it is: GX would hash it, and nothing reads that."""
        frame: pd.DataFrame = batch_spec.batch_data
        self._distinct = DistinctRecords(frame)
        batch_spec.batch_data = "PandasDataFrame"  # GX prints the specification
        return PandasBatchData(self, frame), BatchMarkers({"ge_load_time": "not noted"})

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: Resolved | None = None,
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002 — GX passes it
    ) -> Resolved:
        """What GX resolves; a condition with its failing rows only, in place of all rows.

        Where one metric raises, GX asks for all of them again: each is resolved once.
        """
        asked = list(metrics_to_resolve)
        for metric in asked:
            if metric.id not in self._resolved:
                self._resolved[metric.id] = self._value(metric, metrics or {})
        return {metric.id: self._resolved[metric.id] for metric in asked}

    def failing(self, expectation: ExpectationConfiguration) -> Positions:
        """The positions of the rows that fail an expectation; none where it asks no row."""
        if metric := row_metric(expectation):
            kwargs = get_metric_kwargs(f"{metric}{_CONDITION}", expectation)
            domain, values = kwargs["metric_domain_kwargs"], kwargs["metric_value_kwargs"]
            condition = MetricConfiguration(f"{metric}{_CONDITION}", domain, values)
            if condition.id in self._resolved:
                found: Positions = self._resolved[condition.id][0].index.to_numpy()
                return found
        return np.array([], np.int64)

    def _value(self, metric: MetricConfiguration, metrics: Resolved) -> Any:
        name, columns = metric.metric_name, _columns(metric.metric_domain_kwargs)
        if name == _ROWS and (condition := _condition_column(metric.metric_domain_kwargs)):
            columns = (condition,)
        if not columns:
            return super().resolve_metrics([metric], metrics)[metric.id]
        if name.endswith(_CONDITION):
            return self._condition(metric, metrics, columns)
        if name.endswith(_EXAMPLES):
            return self._examples(metric, metrics, columns)
        if name.endswith(_COUNTS) and (distinct := self._distinct.of(columns)):
            engine = _engine(metric, distinct.records)
            return distinct.count(engine.get_domain_records(metric.metric_domain_kwargs).index)
        return self._narrowed(metric, columns).resolve_metrics([metric], metrics)[metric.id]

    def _condition(
        self, metric: MetricConfiguration, metrics: Resolved, columns: tuple[str, ...]
    ) -> Condition:
        """GX's answer, of the rows that fail: True at their positions."""
        name = metric.metric_name.removesuffix(_CONDITION)
        if name not in _OF_MANY_ROWS and (distinct := self._distinct.of(columns)):
            mask, *domain = _resolved(metric, _engine(metric, distinct.records))
            return _failing(distinct.rows(mask.index[mask.to_numpy(bool)]), *domain)
        if name in _OF_EQUALITY:
            condition = _condition_column(metric.metric_domain_kwargs)
            numbers = self._distinct.numbered([column for column in columns if column != condition])
            if condition:
                numbers[condition] = self.dataframe[condition]
            answer = _engine(metric, numbers).resolve_metrics([metric], metrics)
        else:
            answer = self._narrowed(metric, columns).resolve_metrics([metric], metrics)
        mask, *domain = answer[metric.id]
        return _failing(mask.index[mask.to_numpy(bool)].to_numpy(), *domain)

    def _examples(
        self, metric: MetricConfiguration, metrics: Resolved, columns: tuple[str, ...]
    ) -> Any:
        """GX's answer from the first of the failing rows: it shows no more."""
        condition = metric.metric_dependencies["unexpected_condition"].id
        failing, *domain = metrics[condition]
        shown = failing[: metric.metric_value_kwargs["result_format"]["partial_unexpected_count"]]
        rows = {name: self.dataframe[name].loc[shown.index] for name in columns}
        engine = _engine(metric, pd.DataFrame(rows))
        known = {**metrics, condition: (shown, *domain)}
        return engine.resolve_metrics([metric], known)[metric.id]

    def _narrowed(
        self, metric: MetricConfiguration, columns: tuple[str, ...]
    ) -> PandasExecutionEngine:
        if columns not in self._narrow:
            self._narrow[columns] = _engine(metric, self.dataframe[list(columns)])
        return self._narrow[columns]


class SdtmflowDatasource(PandasDatasource):
    """GX's pandas data source with our engine: ``context.data_sources.add_sdtmflow(name)``."""

    type: Literal["sdtmflow"] = "sdtmflow"
    execution_engine_override: ClassVar[Any] = PositionsEngine


def row_metric(expectation: ExpectationConfiguration) -> str:
    """The metric that asks an expectation's question of each row; empty where none does."""
    return getattr(get_expectation_impl(expectation.type), "map_metric", None) or ""


def _columns(domain: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a domain names, its condition's with them; none where it takes the table."""
    named = [domain[name] for name in ("column", "column_A", "column_B") if name in domain]
    named += domain.get("column_list", ())
    condition = _condition_column(domain)
    return tuple(dict.fromkeys([*named, condition] if named and condition else named))


def _condition_column(domain: Mapping[str, Any]) -> str:
    """The column of a domain's row condition; ours are always ``Column(name) == True``."""
    condition = deserialize_row_condition(domain.get("row_condition"))
    return condition.column.name if isinstance(condition, ComparisonCondition) else ""


def _engine(metric: MetricConfiguration, frame: pd.DataFrame) -> PandasExecutionEngine:
    """GX's own engine on a frame that stands for the metric's batch."""
    return PandasExecutionEngine(batch_data_dict={metric.metric_domain_kwargs["batch_id"]: frame})


def _resolved(metric: MetricConfiguration, engine: PandasExecutionEngine) -> Any:
    """The metric's value on an engine that knows no other value yet."""
    needed = {needs.id: _resolved(needs, engine) for needs in metric.metric_dependencies.values()}
    return engine.resolve_metrics([metric], needed)[metric.id]


def _failing(positions: Positions, *domain: dict[str, Any]) -> Condition:
    return pd.Series(data=True, index=positions), *domain
