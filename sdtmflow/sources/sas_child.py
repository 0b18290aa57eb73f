"""The process that reads SAS files: ``python -m sdtmflow.sources.sas_child < request``.

ReadStat is C code that a damaged file can crash or keep busy for ever; neither may happen to the
process that runs the study. The request is JSON: files, encoding, folder for the parts. Every
chunk becomes an Arrow file there and one JSON line on standard output; the parent does the rest.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyreadstat
from pyarrow import ipc

from sdtmflow.sources import xpt_layout

CHUNK = 100_000
"""Rows in one part."""
MISSING = "_missing"
_PARTS = itertools.count()


def main() -> None:
    """Answer the request on standard input, file by file."""
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    for number, file in enumerate(request["files"]):
        for answer in _answers(Path(file["path"]), file["nature"], request["encoding"], folder):
            sys.stdout.write(json.dumps({"file": number} | answer) + "\n")
            sys.stdout.flush()


def _answers(
    path: Path, nature: str, encoding: str | None, folder: Path
) -> Iterator[dict[str, Any]]:
    try:
        if nature == "sas7bcat":
            _, meta = pyreadstat.read_sas7bcat(str(path), encoding=encoding)
            yield {"catalog": {name: _codes(codes) for name, codes in meta.value_labels.items()}}
        elif nature == "xpt":
            yield from _transport(path, encoding, folder)
        else:
            yield from _dataset(path, encoding, folder)
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


def _transport(path: Path, encoding: str | None, folder: Path) -> Iterator[dict[str, Any]]:
    content = xpt_layout.mapped(path)
    members = xpt_layout.members_of(content)
    if not members:
        yield {"error": "no member header"}
    for number, member in enumerate(members):
        if not member.is_whole(content):
            yield {"error": "cut off"}
            return
        alone = path if len(members) == 1 else member.as_file(content, folder / f"member{number}")
        for first, values, meta in _chunks(pyreadstat.read_xport, alone, encoding):
            count = len(next(iter(values.values()), []))
            special = member.special_missing(content, first, count)
            yield _part(values, meta, first, special, folder)


def _dataset(path: Path, encoding: str | None, folder: Path) -> Iterator[dict[str, Any]]:
    for first, values, meta in _chunks(pyreadstat.read_sas7bdat, path, encoding, user_missing=True):
        yield _part(values, meta, first, _letters(values, meta), folder)


def _chunks(
    read: Any, path: Path, encoding: str | None, **options: Any
) -> Iterator[tuple[int, dict[str, list[Any]], Any]]:
    first, count = 0, CHUNK
    while count == CHUNK:
        values, meta = read(
            str(path),
            encoding=encoding,
            disable_datetime_conversion=True,
            output_format="dict",
            row_offset=first,
            row_limit=CHUNK,
            **options,
        )
        count = len(next(iter(values.values()), []))
        if count or not first:
            yield first, values, meta
        first += count


def _letters(values: dict[str, list[Any]], meta: Any) -> dict[int, dict[str, str]]:
    """Take the letters of special missing values out of the numbers."""
    found: dict[int, dict[str, str]] = {}
    for name in meta.missing_user_values:
        for row, value in enumerate(values[name]):
            if isinstance(value, str):
                values[name][row] = None
                found.setdefault(row, {})[name] = f".{value}"
    return found


def _part(
    values: dict[str, list[Any]],
    meta: Any,
    first: int,
    special: dict[int, dict[str, str]],
    folder: Path,
) -> dict[str, Any]:
    count = len(next(iter(values.values()), []))
    missing = [
        ";".join(f"{name}={kind}" for name, kind in special[row].items())
        if row in special
        else None
        for row in range(count)
    ]
    columns = {name: pa.array(column, _type(meta, name)) for name, column in values.items()}
    table = pa.table(columns | {MISSING: pa.array(missing, pa.string())})
    path = folder / f"part{next(_PARTS)}"
    with ipc.new_file(path, table.schema) as out:
        out.write_table(table)
    return {
        "part": str(path),
        "first": first,
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
