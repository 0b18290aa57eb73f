"""Clinical columns repeat themselves: what is made of a value is made once for all its rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import polars as pl
import pyarrow as pa


def encoded(column: pl.Series) -> pa.DictionaryArray:
    """Each distinct value once, as it first comes, and each row's position among them."""
    return column.to_arrow().dictionary_encode()


def once_each(column: pl.Series, make: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """What ``make`` makes of the distinct values, row for row; of missing ones nothing."""
    values = encoded(column)
    made = make(pl.Series(column.name, values.dictionary, dtype=column.dtype))
    return made[pl.Series(values.indices)]


def repeated(value: str | float | None, height: int, dtype: pl.DataType) -> pl.Series:
    """The same value on every row."""
    return _once(value, dtype).new_from_index(0, height)


@lru_cache
def _once(value: str | float | None, dtype: pl.DataType) -> pl.Series:
    return pl.Series([value], dtype=dtype)
