"""What a record says, as one number that is the same everywhere and for good.

The numbers are kept in bundles and compared years later, so they must not depend on the version of
a library or on the machine: SipHash-2-4 with a fixed key, as ``pandas.util.hash_array`` has it.
Polars' own hash changes with its version.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.records.columns import Block, Level, Records

_SEPARATOR = "\x1f"
"""Between a column's name and its value; no export sends it."""


def hashed(records: Records, columns: Sequence[str]) -> pl.Series:
    """One UInt64 a record: over the names and values of the columns.

    The order of the columns does not count, and a missing value adds nothing: a further column
    that is nowhere filled changes no record.
    """
    return _joined([_of_block(block, columns) for block in records.blocks])


def hashed_rows(records: Records) -> pl.Series:
    """One UInt64 a record: over its record set, and the raw values that the specs read for it."""
    found = []
    for at, block in enumerate(records.blocks):
        raw = [name for name in block.columns if name.startswith(f"{RAW}.")]
        own = [name for name in raw if not name.startswith(f"{RAW}._")]
        found.append(_of_block(block, own, f"{at}."))
    return _joined(found)


def _joined(parts: Sequence[pl.Series]) -> pl.Series:
    return pl.concat([pl.Series([], dtype=pl.UInt64), *parts])


def _of_block(block: Block, columns: Sequence[str], prefix: str = "") -> pl.Series:
    """The columns of each level are hashed where they are held, and spread once."""
    levels: dict[Level, pl.Series] = {}
    for column in columns:
        values, level = block.held(column)
        found = hashed_values(values, f"{prefix}{column}{_SEPARATOR}")
        levels[level] = levels[level] ^ found if level in levels else found
    total = pl.repeat(0, block.height, dtype=pl.UInt64, eager=True)
    for level, found in levels.items():
        total = total ^ level.spread(found)
    return total


def hashed_values(values: pl.Series, name: str) -> pl.Series:
    """Each distinct value is hashed once, after ``name``: clinical columns repeat themselves."""
    from pandas.util import hash_array

    encoded = values.to_arrow().dictionary_encode()
    texts = name + pl.Series(encoded.dictionary).cast(pl.String)
    hashes = hash_array(texts.to_numpy().astype(object), categorize=False)
    return pl.Series(hashes, dtype=pl.UInt64).gather(pl.Series(encoded.indices)).fill_null(0)
