"""The numbers that a bundle carries: those of earlier bundles, and those of its own records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from sdtmflow.mapping.records.numbering import NUMBERS, SEQUENCE, SUBJECTS


def remember(before: Path | None, partitions: Sequence[Path], out: Path) -> None:
    """Write ``<DATASET>.parquet`` (``NUMBERS``) for every dataset that ever had a --SEQ.

    ``before`` is the folder of the last bundle's numbers, ``partitions`` are folders that
    ``map_partition`` filled.
    """
    given = [partition / SEQUENCE for partition in partitions]
    subjects = pl.concat(
        [pl.Series("USUBJID", [], pl.String), *(_column(folder) for folder in given)]
    )
    folders = [before, *given] if before else given
    for name in sorted({path.name for folder in folders for path in folder.glob("*.parquet")}):
        if name != _SUBJECTS:
            known = _table([before / name] if before else [])
            now = _table([folder / name for folder in given])
            merged(known, now, subjects).write_parquet(out / name, compression_level=3)


_SUBJECTS = f"{SUBJECTS}.parquet"


def _column(folder: Path) -> pl.Series:
    return pl.read_parquet(folder / _SUBJECTS)["USUBJID"]


def _table(paths: Sequence[Path]) -> pl.DataFrame:
    found = [pl.read_parquet(path) for path in paths if path.is_file()]
    return pl.concat([pl.DataFrame(schema=NUMBERS), *found])


def merged(before: pl.DataFrame, now: pl.DataFrame, subjects: pl.Series) -> pl.DataFrame:
    """What is known after a bundle: ``before``, and the numbers ``now`` of its records.

    ``subjects`` are the USUBJIDs of the bundle; what is known of others stays as it was.
    """
    one = now.unique(["USUBJID", "number"], keep="first", maintain_order=True)
    others = before.join(one, on=["USUBJID", "number"], how="anti").with_columns(
        current=pl.col("current") & ~pl.col("USUBJID").is_in(subjects.implode())
    )
    return pl.concat([others, one.select(list(NUMBERS))]).sort("USUBJID", "number")
