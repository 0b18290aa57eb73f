"""What a record says, as one number that is the same everywhere and for good.

The numbers are kept in bundles and compared years later, so they must not depend on the version of
a library or on the machine: SipHash-2-4 with a fixed key, as ``pandas.util.hash_array`` has it.
Polars' own hash changes with its version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa

from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.records.columns import Block, Level, Records

_SEPARATOR = "\x1f"
"""Between a column's name and its value; no export sends it."""


def hashed(records: Records, columns: Sequence[str]) -> pl.Series:
    """One UInt64 a record: over the names and values of the columns.

    The order of the columns does not count, and a missing value adds nothing: a further column
    that is nowhere filled changes no record.
    """
    return _hashed(records, {name: name for name in columns})


def hashed_rows(records: Records) -> pl.Series:
    """One UInt64 a record: over its record set, and the raw values that the specs read for it."""
    found = [pl.Series([], dtype=pl.UInt64)]
    for at, block in enumerate(records.blocks):
        raw = [name for name in block.columns if name.startswith(f"{RAW}.")]
        own = {name: f"{at}.{name}" for name in raw if not name.startswith(f"{RAW}._")}
        found.append(_hashed(block, own))
    return pl.concat(found)


def _hashed(records: Records | Block, columns: Mapping[str, str]) -> pl.Series:
    """The columns under these names: hashed where they are held, and spread once a level."""
    levels: dict[Level, pl.Series] = {}
    for column, name in columns.items():
        held = records.held(column)
        if not held.is_empty:
            found = hashed_values(held.encoded, f"{name}{_SEPARATOR}")
            known = levels.get(held.level)
            levels[held.level] = found if known is None else known ^ found
    total = pl.repeat(0, records.height, dtype=pl.UInt64, eager=True)
    for level, found in levels.items():
        total = total ^ level.spread(found)
    return total


def hashed_values(values: pa.DictionaryArray, name: str) -> pl.Series:
    """Each distinct value is hashed once, after ``name``: clinical columns repeat themselves."""
    from pandas.util import hash_array

    texts = name + pl.Series(values.dictionary).cast(pl.String)
    hashes = hash_array(texts.to_numpy().astype(object), categorize=False)
    return pl.Series(hashes, dtype=pl.UInt64)[pl.Series(values.indices)].fill_null(0)
