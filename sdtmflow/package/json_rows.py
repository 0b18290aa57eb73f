"""Read Dataset-JSON record by record: every line of ours is a complete JSON value."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable

import polars as pl

from sdtmflow.package.compare import NextRecords


def json_records(lines: Iterable[str]) -> NextRecords:
    """The records as frames: String columns, and Float64 for integer and double.

    The document is read line by line (its metadata, then one record a line), so that memory is
    bounded; each line goes through Python's own JSON parser.
    """
    remaining = iter(lines)
    head = json.loads(next(remaining).rstrip("\n") + "]}")
    schema = {
        column["name"]: pl.Float64 if column["dataType"] in {"integer", "double"} else pl.String
        for column in head["columns"]
    }
    records = (json.loads(line.rstrip(",\n")) for line in remaining if line.startswith("["))

    def following(count: int) -> pl.DataFrame:
        block = list(itertools.islice(records, count))
        return pl.DataFrame(block, schema=schema, orient="row", strict=False)

    return following
