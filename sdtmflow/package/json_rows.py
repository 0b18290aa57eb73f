"""Read Dataset-JSON block by block: every line of ours is a complete JSON value."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl

BLOCK_ROWS = 65_536


def json_blocks(path: Path) -> Iterator[pl.DataFrame]:
    """The rows as frames: String columns, and Float64 for integer and double.

    The document is read line by line (its metadata, then one record a line), so that memory is
    bounded; each line goes through Python's own JSON parser.
    """
    with path.open(encoding="utf-8") as lines:
        head = json.loads(next(lines).rstrip("\n") + "]}")
        schema = {
            column["name"]: pl.Float64 if column["dataType"] in {"integer", "double"} else pl.String
            for column in head["columns"]
        }
        records = (json.loads(line.rstrip(",\n")) for line in lines if line.startswith("["))
        while block := list(itertools.islice(records, BLOCK_ROWS)):
            yield pl.DataFrame(block, schema=schema, orient="row", strict=False)
