"""Write Dataset-JSON 1.1, as one JSON document or as NDJSON, from blocks of rows.

Rules of the standard: missing text is "", a missing number is null; numbers are written as the
shortest decimal text that gives the same double again; dates are ``date`` only where every value is
a complete date, else ``string``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

import sdtmflow
from sdtmflow.dataset import Dataset, Variable
from sdtmflow.formats import oids
from sdtmflow.formats.atomic import written
from sdtmflow.formats.numbers import number_text
from sdtmflow.study import Study

VERSION = "1.1.0"

_NUMBERS = frozenset({"integer", "double"})
_TYPES = {
    "integer": "integer",
    "float": "double",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
}
_ESCAPES = {
    character: json.dumps(character)[1:-1]
    for character in ['"', "\\", *map(chr, range(32)), "\x7f"]
}
"""What JSON does not hold as it is. Backslash first or last makes no difference: one pass."""


@dataclass(frozen=True, slots=True)
class Layout:
    """JSON or NDJSON: what stands before, between and after the rows."""

    before: bytes
    between: bytes
    after: bytes


_JSON = Layout(b',"rows":[\n', b",\n", b"\n]}\n")
_NDJSON = Layout(b"}\n", b"\n", b"\n")


def write_dataset_json(
    path: Path,
    study: Study,
    dataset: Dataset,
    rows: int,
    blocks: Iterable[pa.RecordBatch],
    *,
    created: dt.datetime,
) -> None:
    """Write ``blocks`` (the columns of ``dataset``; ``rows`` records in all) to ``path``.

    The form follows the name: ``.json`` is one document, ``.ndjson`` one line a record after a line
    of metadata. ``created`` is the only clock of the file.
    """
    layout = _NDJSON if path.suffix == ".ndjson" else _JSON
    head = json.dumps(metadata(study, dataset, rows, created), separators=(",", ":"))
    start = layout.before
    with written(path) as file:
        file.write(head.encode()[:-1])
        for block in blocks:
            lines = _lines(pl.DataFrame(pl.from_arrow(block)), dataset)
            file.write(start + lines.str.join(layout.between.decode()).item().encode())
            start = layout.between
        file.write(start if start == layout.before else b"")
        file.write(layout.after if rows or layout is _JSON else b"")


def metadata(study: Study, dataset: Dataset, rows: int, created: dt.datetime) -> dict[str, Any]:
    """Everything of a Dataset-JSON document but its rows."""
    moment = created.strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "datasetJSONCreationDateTime": moment,
        "datasetJSONVersion": VERSION,
        "fileOID": oids.file_oid(study, dataset.name.lower()),
        "dbLastModifiedDateTime": moment,
        "originator": study.study,
        "sourceSystem": {"name": "sdtmflow", "version": sdtmflow.__version__},
        "studyOID": oids.study_oid(study),
        "metaDataVersionOID": oids.metadata_oid(study),
        "metaDataRef": "define.xml",
        "itemGroupOID": oids.dataset_oid(dataset),
        "records": rows,
        "name": dataset.name,
        "label": dataset.label,
        "columns": [_column(dataset, variable) for variable in dataset.variables],
    }


def _column(dataset: Dataset, variable: Variable) -> dict[str, Any]:
    kind = _TYPES.get(variable.type, "string")
    if variable.numeric != (kind in _NUMBERS):
        kind = "double" if variable.numeric else "string"
    column: dict[str, Any] = {
        "itemOID": oids.variable_oid(dataset, variable),
        "name": variable.name,
        "label": variable.label,
        "dataType": kind,
    }
    if kind == "string" and variable.length:
        column["length"] = variable.length
    if variable.display_format:
        column["displayFormat"] = variable.display_format
    if variable.name in dataset.keys:
        column["keySequence"] = dataset.keys.index(variable.name) + 1
    return column


def _lines(block: pl.DataFrame, dataset: Dataset) -> pl.Series:
    """One JSON array a row."""
    cells = [_cell(variable) for variable in dataset.variables]
    joined = pl.concat_str(cells, separator=",")
    return block.select(pl.concat_str(pl.lit("["), joined, pl.lit("]"))).to_series()


def _cell(variable: Variable) -> pl.Expr:
    value = pl.col(variable.name)
    if variable.numeric:
        return number_text(value).fill_null("null")
    escaped = (
        value.cast(pl.String)
        .fill_null("")
        .str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    )
    return pl.concat_str(pl.lit('"'), escaped, pl.lit('"'))
