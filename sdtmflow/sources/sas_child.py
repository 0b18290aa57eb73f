"""The process that reads SAS files: ``python -m sdtmflow.sources.sas_child < request``.

ReadStat is C code that a damaged file can crash or keep busy for ever; neither may happen to the
process that runs the study. The request is JSON: files, encoding, rows in a chunk,
folder for the parts. Every chunk becomes an Arrow file there and one JSON line on standard output;
the parent does the rest.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyreadstat
from pyarrow import ipc

from sdtmflow.sources import sas7bdat_layout, xpt_layout

MISSING = "_missing"
_PARTS = itertools.count()


def main() -> None:
    """Answer the request on standard input, file by file."""
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    for number, file in enumerate(request["files"]):
        reading = _Reading(Path(file["path"]), request["encoding"], request["chunk"], folder)
        for answer in _answers(reading, file["nature"]):
            sys.stdout.write(json.dumps({"file": number} | answer) + "\n")
            sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file that is to be read."""

    path: Path
    encoding: str | None
    chunk: int
    folder: Path

    def chunks(self, read: Any, path: Path, **options: Any) -> Iterator[_Chunk]:
        """What ``read`` gives of ``path``; the first chunk even where it has no rows."""
        first, count = 0, self.chunk
        while count == self.chunk:
            values, meta = read(
                str(path),
                encoding=self.encoding,
                disable_datetime_conversion=True,
                output_format="dict",
                row_offset=first,
                row_limit=self.chunk,
                **options,
            )
            count = len(next(iter(values.values()), []))
            if count or not first:
                yield _Chunk(first, count, values, meta)
            first += count


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Rows from ``first`` (0-based) on, by column, with pyreadstat's metadata."""

    first: int
    count: int
    values: dict[str, list[Any]]
    meta: Any


def _answers(reading: _Reading, nature: str) -> Iterator[dict[str, Any]]:
    try:
        if nature != "xpt" and not sas7bdat_layout.is_whole(reading.path):
            yield {"error": "cut off"}
        elif nature == "sas7bcat":
            _, meta = pyreadstat.read_sas7bcat(str(reading.path), encoding=reading.encoding)
            yield {"catalog": {name: _codes(codes) for name, codes in meta.value_labels.items()}}
        elif nature == "xpt":
            yield from _transport(reading)
        else:
            for chunk in reading.chunks(pyreadstat.read_sas7bdat, reading.path, user_missing=True):
                yield _part(chunk, _letters(chunk), reading.folder)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
        yield {"error": f"{type(error).__name__}: {error}"}
    except (ValueError, OverflowError, MemoryError) as error:
        yield {"error": type(error).__name__}


def _codes(codes: dict[Any, str]) -> dict[str, str]:
    """SAS's codes as the text that the data have: 1.0 is sent as ``1``."""
    return {
        str(int(code)) if isinstance(code, float) and code.is_integer() else str(code): label
        for code, label in codes.items()
    }


def _transport(reading: _Reading) -> Iterator[dict[str, Any]]:
    content = xpt_layout.mapped(reading.path)
    members = xpt_layout.members_of(content)
    if not members:
        yield {"error": "no member header"}
    for number, member in enumerate(members):
        if not member.is_whole(content):
            yield {"error": "cut off"}
            return
        alone = reading.path
        if len(members) > 1:
            alone = member.as_file(content, reading.folder / f"member{number}")
        for chunk in reading.chunks(pyreadstat.read_xport, alone):
            special = member.special_missing(content, chunk.first, chunk.count)
            yield _part(chunk, special, reading.folder)


def _letters(chunk: _Chunk) -> dict[int, dict[str, str]]:
    """Take the letters of special missing values out of the numbers."""
    found: dict[int, dict[str, str]] = {}
    for name in chunk.meta.missing_user_values:
        for row, value in enumerate(chunk.values[name]):
            if isinstance(value, str):
                chunk.values[name][row] = None
                found.setdefault(row, {})[name] = f".{value}"
    return found


def _part(chunk: _Chunk, special: dict[int, dict[str, str]], folder: Path) -> dict[str, Any]:
    values, meta = chunk.values, chunk.meta
    missing = [
        ";".join(f"{name}={kind}" for name, kind in special[row].items())
        if row in special
        else None
        for row in range(chunk.count)
    ]
    columns = {name: pa.array(column, _type(meta, name)) for name, column in values.items()}
    table = pa.table(columns | {MISSING: pa.array(missing, pa.string())})
    path = folder / f"part{next(_PARTS)}"
    with ipc.new_file(path, table.schema) as out:
        out.write_table(table)
    return {
        "part": str(path),
        "first": chunk.first,
        "table": meta.table_name or "",
        "label": meta.file_label or "",
        "encoding": meta.file_encoding or "",
        "columns": [
            {
                "name": name,
                "label": meta.column_names_to_labels.get(name) or "",
                "format": meta.original_variable_types.get(name) or "",
                "number": meta.readstat_variable_types.get(name) != "string",
            }
            for name in values
        ],
    }


def _type(meta: Any, name: str) -> pa.DataType:
    return pa.string() if meta.readstat_variable_types.get(name) == "string" else pa.float64()


if __name__ == "__main__":
    main()
