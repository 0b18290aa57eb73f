"""Write Dataset-JSON 1.1, as one JSON document or as NDJSON, plain or compressed, block by block.

Rules of the standard: missing text is "", a missing number is null; numbers are written as the
shortest decimal text that gives the same double again; dates are ``date`` only where every value is
a complete date, else ``string``. A compressed file (``.dsjc``) is the NDJSON form as a gzip stream.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

import sdtmflow
from sdtmflow.dataset import Dataset, Variable
from sdtmflow.formats import oids
from sdtmflow.formats.atomic import written
from sdtmflow.formats.texts import used_bytes, without_nulls
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
_ESCAPES = {chr(code): f"\\u{code:04x}" for code in (*range(32), ord('"'), ord("\\"))}
"""What JSON does not hold as it is. A quotation mark by its number: in CSV it would be doubled."""
_LAST_CONTROL = 31
_LEVEL = 6
"""Of gzip: more costs much time and saves little."""


@dataclass(frozen=True, slots=True)
class Layout:
    """JSON or NDJSON: what stands before, between and after the rows."""

    before: bytes
    between: bytes
    after: bytes


_JSON = Layout(b',"rows":[\n', b",\n", b"\n]}\n")
_NDJSON = Layout(b"}\n", b"\n", b"\n")
_LAYOUTS = {".json": _JSON, ".ndjson": _NDJSON, ".dsjc": _NDJSON}


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
    of metadata, ``.dsjc`` the same compressed. ``created`` is the only clock of the file.
    """
    layout = _LAYOUTS[path.suffix]
    head = json.dumps(metadata(study, dataset, rows, created), separators=(",", ":"))
    start = layout.before
    with written(path) as plain, _compressed(plain, path) as file:
        file.write(head[:-1].encode())
        for block in blocks:
            if block.num_rows:
                file.write(start)
                file.write(_rows(block, dataset, layout))
                start = layout.between
        file.write(start if start == layout.before else b"")
        file.write(layout.after if rows or layout is _JSON else b"")


@contextmanager
def _compressed(file: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """The file to write to; a gzip stream tells neither a clock nor a name."""
    if path.suffix != ".dsjc":
        yield file
        return
    with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as stream:
        yield cast("BinaryIO", stream)


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


def _rows(block: pa.RecordBatch, dataset: Dataset, layout: Layout) -> memoryview:
    """One JSON array a row: a line of CSV with every text quoted, in brackets."""
    cells = pl.DataFrame([_cells(block, variable) for variable in dataset.variables])
    between = b"]" + layout.between + b"["
    lines = io.BytesIO()
    lines.write(b"[")
    cells.write_csv(
        lines,
        include_header=False,
        quote_style="non_numeric",
        null_value="null",
        line_terminator=between.decode(),
    )
    lines.truncate(lines.seek(-len(between), io.SEEK_END))
    lines.write(b"]")
    return lines.getbuffer()


def _cells(block: pa.RecordBatch, variable: Variable) -> pl.Series:
    """A variable's values, ready to be written: no text is null, and none needs an escape."""
    column = block.column(variable.name)
    if variable.numeric:
        numbers = pl.Series(variable.name, column).cast(pl.Float64)
        whole = numbers.cast(pl.Int64, strict=False)
        exact = whole.cast(pl.Float64).eq_missing(numbers).all()
        return whole if variable.type == "integer" and exact else numbers
    texts = without_nulls(column.cast(pa.large_string()))
    cells = pl.Series(variable.name, texts, dtype=pl.String)
    if not _escaped(used_bytes(texts)):
        return cells
    return cells.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def _escaped(data: NDArray[np.uint8]) -> bool:
    """Whether any byte is one that JSON does not hold as it is."""
    special = (ord('"'), ord("\\"))
    return bool(data.size) and (
        int(data.min()) <= _LAST_CONTROL or any(bool((data == one).any()) for one in special)
    )
