"""GX's pandas engine for wide tables with many failing rows; every verdict stays GX's own.

GX copies all columns of the table for each expectation that leaves rows out (missing values,
conditions), hashes the whole table, and tells failing rows only as lists of Python objects, which
it copies and serialises several times. This engine gives a metric the columns that its domain
names, and keeps the failing rows of each condition as an array. What is computed on them is GX's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from great_expectations.core.batch import BatchMarkers
from great_expectations.core.batch_spec import RuntimeDataBatchSpec
from great_expectations.datasource.fluent import PandasDatasource
from great_expectations.execution_engine import ExecutionEngine, PandasExecutionEngine
from great_expectations.execution_engine.pandas_batch_data import PandasBatchData
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.registry import get_expectation_impl, get_metric_kwargs
from great_expectations.expectations.row_conditions import (
    ComparisonCondition,
    deserialize_row_condition,
)
from great_expectations.validator.metric_configuration import MetricConfiguration

from expectations.batch import Positions

_CONDITION = ".condition"
"""How the names of metrics end that say for each row whether it fails."""


class PositionsEngine(PandasExecutionEngine):
    """Pandas as GX uses it, on no more columns than needed, with the failing rows kept aside."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._failing: dict[tuple[str, ...], Positions] = {}
        self._narrow: dict[tuple[str, ...], PandasExecutionEngine] = {}

    def get_batch_data_and_markers(
        self, batch_spec: RuntimeDataBatchSpec
    ) -> tuple[PandasBatchData, BatchMarkers]:
        """The frame as it is: GX would hash it, and nothing reads that."""
        frame: pd.DataFrame = batch_spec.batch_data
        batch_spec.batch_data = "PandasDataFrame"  # GX prints the specification
        return PandasBatchData(self, frame), BatchMarkers({"ge_load_time": "not noted"})

    def get_domain_records(self, domain_kwargs: Mapping[str, Any]) -> pd.DataFrame:
        """GX's answer, with the columns of the domain and of its condition only."""
        columns = _columns(domain_kwargs)
        if not columns:
            return super().get_domain_records(domain_kwargs)
        if columns not in self._narrow:
            batch = domain_kwargs["batch_id"]
            frame = super().get_domain_records({"batch_id": batch})[list(columns)]
            self._narrow[columns] = PandasExecutionEngine(batch_data_dict={batch: frame})
        return self._narrow[columns].get_domain_records(domain_kwargs)

    def resolve_metrics(
        self, metrics_to_resolve: Iterable[MetricConfiguration], *args: Any, **kwargs: Any
    ) -> dict[Any, Any]:
        """What GX resolves; the failing rows of conditions are kept."""
        resolved = super().resolve_metrics(metrics_to_resolve, *args, **kwargs)
        for identity, value in resolved.items():
            if identity[0].endswith(_CONDITION):
                failing = value[0]
                self._failing[identity] = failing.index[failing.to_numpy(bool)].to_numpy()
        return resolved

    def failing(self, expectation: ExpectationConfiguration) -> Positions:
        """The index of the rows that fail an expectation; empty where none is asked by row."""
        condition = _condition_of(expectation)
        nowhere: Positions = np.array([], np.int64)
        return self._failing.get(condition.id, nowhere) if condition else nowhere


class SdtmflowDatasource(PandasDatasource):
    """GX's pandas data source with our engine: ``context.data_sources.add_sdtmflow(name)``."""

    type: Literal["sdtmflow"] = "sdtmflow"
    execution_engine_override: ClassVar[type[ExecutionEngine]] = PositionsEngine


def _columns(domain_kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a domain names, its condition's with them; none where it takes the table."""
    named = [domain_kwargs[name] for name in ("column", "column_A", "column_B") if name in domain_kwargs]
    named += domain_kwargs.get("column_list", ())
    condition = deserialize_row_condition(domain_kwargs.get("row_condition"))
    if condition and not isinstance(condition, ComparisonCondition):
        return ()
    return tuple(dict.fromkeys([*named, condition.column.name] if named and condition else named))


def _condition_of(expectation: ExpectationConfiguration) -> MetricConfiguration | None:
    """The metric that tells which rows fail an expectation, as GX computed it."""
    metric = getattr(get_expectation_impl(expectation.type), "map_metric", None)
    if not metric:
        return None
    name = f"{metric}{_CONDITION}"
    kwargs = get_metric_kwargs(name, expectation)
    return MetricConfiguration(name, kwargs["metric_domain_kwargs"], kwargs["metric_value_kwargs"])
