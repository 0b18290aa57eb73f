"""--SEQ that stays: a record keeps the number that it had in an earlier bundle.

A bundle carries the numbers of every record that was ever published. A record is recognised by its
natural key and the raw row that it was made from; where only one of both is as it was, by that one
(the key first). A record that nobody knows gets the next number of its subject, in the order of the
natural key. A number is never given twice, and a record that comes back gets its old one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from sdtmflow.mapping.planning.plan import PlannedDomain
from sdtmflow.mapping.records.sorting import numbered

NUMBERS: Mapping[str, pl.DataType] = {
    "USUBJID": pl.String(),
    "number": pl.Int64(),
    "key": pl.UInt64(),
    "row": pl.UInt64(),
    "spec": pl.String(),
    "current": pl.Boolean(),
}
"""One remembered record: its --SEQ, the identities of its natural key and of its raw row, the
digest of the spec that made both, and whether the subject's last bundle has it."""
SEQUENCE = "sequence"
"""The folder of the numbers, one file a dataset: beside a partition's records, and in a bundle's
lineage."""
SUBJECTS = "subjects"
"""The file beside the datasets' numbers that lists the subjects of a partition."""

_WAYS = (("subject", "key", "row"), ("subject", "key"), ("subject", "row"))
"""How a record is recognised, the surest way first."""
_SPREAD = 0x9E3779B1
"""An odd number: places among equal records differ in many bits."""


def spec_digest(domain: PlannedDomain) -> str:
    """Over all that the domain's specs say; the same text elsewhere has the same digest."""
    lines = [
        [line.variable, line.record_set, line.line.model_dump(mode="json", exclude_defaults=True)]
        for line in domain.lines
    ]
    sets = [each.model_dump(mode="json", exclude_defaults=True) for each in domain.record_sets]
    text = json.dumps([domain.keys, lines, sets], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def remembered(folder: Path | None, dataset: str, subjects: pl.DataFrame) -> pl.DataFrame:
    """The known numbers of these subjects (``usubjid``, sorted): ``NUMBERS`` and ``subject``.

    ``subject`` is the position in ``subjects``. Where a number stands twice, one of them counts.
    """
    path = folder / f"{dataset}.parquet" if folder else None
    if path is None or not path.is_file() or subjects.is_empty():
        return pl.DataFrame(schema={**NUMBERS, "subject": pl.UInt32()})
    first, last = pl.lit(subjects["usubjid"][0]), pl.lit(subjects["usubjid"][-1])
    own = subjects.lazy().select(USUBJID="usubjid").with_row_index("subject").unique("USUBJID")
    known = pl.scan_parquet(path).filter(pl.col("USUBJID").is_between(first, last))
    return (
        known.join(own, on="USUBJID", maintain_order="left")
        .unique(["subject", "number"], keep="first", maintain_order=True)
        .collect()
    )


def allotted(records: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """``number`` of each record, and whether it is ``new``; row for row of ``records``.

    ``records`` (``subject``, ``key``, ``row``) stand in the order in which new numbers are given,
    one subject's together; ``known`` is what ``remembered`` gives.
    """
    if known.is_empty():
        first = numbered(records["subject"], pl.int_range(records.height, eager=True))
        return pl.DataFrame({"number": first.cast(pl.Int64)}).with_columns(new=pl.lit(value=True))
    found = recognised(records, known)
    numbers = np.zeros(records.height, dtype=np.int64)
    numbers[found["at"].to_numpy()] = found["number"].to_numpy()
    new = numbers == 0
    fresh = records["subject"].filter(pl.Series(new))
    last = pl.DataFrame({"subject": fresh}).join(
        known.group_by("subject").agg(last=pl.col("number").max()),
        on="subject",
        how="left",
        maintain_order="left",
    )["last"]
    counted = numbered(fresh, pl.int_range(len(fresh), eager=True)).cast(pl.Int64)
    numbers[new] = (counted + last.fill_null(0)).to_numpy()
    return pl.DataFrame({"number": numbers, "new": new})


def recognised(records: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The records that have a number: ``at`` (their position) and ``number``.

    Both frames have ``subject``, ``key`` and ``row``. Among records that say the same, the first
    takes the number that is in the last bundle, and the smallest of several.
    """
    left = records.with_row_index("at")
    free = known.sort(["current", "number"], descending=[True, False]).with_row_index("entry")
    found = [pl.DataFrame(schema={"at": pl.UInt32, "number": pl.Int64})]
    for way in _WAYS:
        if left.is_empty() or free.is_empty():
            break
        pairs = _pairs(left, free, way)
        found.append(pairs.select("at", "number"))
        left, free = _without(left, "at", pairs), _without(free, "entry", pairs)
    return pl.concat(found)


def _pairs(left: pl.DataFrame, free: pl.DataFrame, way: Sequence[str]) -> pl.DataFrame:
    """The first of one side with the first of the other that says the same, and so on.

    One number stands for the columns, since joins on several are slow; so every pair is looked at
    again.
    """
    pairs = _told(left, way).join(_told(free, way), on="said", suffix="_known")
    same = (pl.col(name) == pl.col(f"{name}_known") for name in (*way, "nth"))
    return pairs.filter(*same)


def _told(frame: pl.DataFrame, way: Sequence[str]) -> pl.DataFrame:
    """With ``nth``, the place among those that say the same, and both as one number: ``said``."""
    said = frame.select(way).hash_rows()
    nth = pl.repeat(0, frame.height, dtype=pl.UInt32, eager=True)
    repeated = said.is_duplicated()
    if repeated.any():
        several = pl.DataFrame({"said": said.filter(repeated)})
        places = several.select(pl.int_range(pl.len(), dtype=pl.UInt32).over("said"))
        nth = nth.scatter(repeated.arg_true(), places.to_series())
        said = said ^ (nth.cast(pl.UInt64) * _SPREAD)
    return frame.with_columns(nth=nth, said=said)


def _without(frame: pl.DataFrame, index: str, pairs: pl.DataFrame) -> pl.DataFrame:
    if pairs.height == frame.height:
        return frame.clear()
    return frame.join(pairs.select(index), on=index, how="anti", maintain_order="left")


def entries(found: pl.DataFrame, subjects: pl.DataFrame, spec: str) -> pl.DataFrame:
    """The numbers of a partition's records as they are kept: ``NUMBERS``.

    ``found`` has ``subject``, ``number``, ``key`` and ``row``.
    """
    return found.select(
        subjects["usubjid"][found["subject"]].alias("USUBJID"),
        "number",
        "key",
        "row",
        spec=pl.lit(spec),
        current=pl.lit(value=True),
    )


def renumbered(records: pl.DataFrame, known: pl.DataFrame, spec: str) -> pl.DataFrame:
    """Subjects with records that a changed spec made unrecognisable: ``subject``, ``count``.

    ``records`` has ``subject``, ``number`` and ``new``. As many records count as are both gone from
    the subject's last bundle and new in this one; with an unchanged spec that is what was sent.
    """
    before = known.filter(pl.col("current") & (pl.col("spec") != spec))
    if before.is_empty():
        return pl.DataFrame(schema={"subject": pl.UInt32, "count": pl.UInt32})
    gone = before.join(records, on=["subject", "number"], how="anti").group_by("subject")
    fresh = records.filter("new").group_by("subject")
    return (
        gone.agg(gone=pl.len())
        .join(fresh.agg(fresh=pl.len()), on="subject")
        .select("subject", count=pl.min_horizontal("gone", "fresh"))
        .sort("subject")
    )
