"""Which record a record is: the columns that are kept beside every dataset as its lineage."""

from __future__ import annotations

import polars as pl

from sdtmflow.sources.raw import FILE, PLACE, ROW, SOURCE

LINEAGE = (SOURCE, FILE, ROW, PLACE)
"""The raw row that a record comes from."""
SET = "_set"
"""Position of the record set that a record comes from."""
PART = "_part"
"""Which of the records that one raw row gives: the position of its value in ``unpivot``, from 0; of
a record that the engine makes itself, its number within the subject (or the design dataset)."""
IDENTITY = (*LINEAGE, SET, PART)
"""One record of a dataset, within its subject."""
IDENTITY_TYPES: dict[str, pl.DataType] = {
    **dict.fromkeys(LINEAGE, pl.String()),
    ROW: pl.Int64(),
    SET: pl.Int8(),
    PART: pl.Int16(),
}


def identified(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with all columns of ``IDENTITY``; those that it lacks are missing."""
    return frame.with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in IDENTITY_TYPES.items()
        if name not in frame.columns
    )


def numbered(frame: pl.DataFrame, by: str = "") -> pl.DataFrame:
    """Records that no raw row made: ``PART`` is their number, from 1 (within ``by``)."""
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int16)
    return frame.with_columns((number.over(by) if by else number).alias(PART))
