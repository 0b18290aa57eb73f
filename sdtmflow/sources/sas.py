"""SAS transport files (XPT version 5 and 8) and SAS7BDAT, read by pyreadstat in a child process.

Text is as sent (trailing blanks are SAS's padding), numbers are their shortest exact text, dates
and times are ISO 8601 where the SAS format says so, ``.A`` to ``.Z`` and ``._`` are kinds of
missing. A transport file gives one table a member, a SAS7BDAT file one table named by its stem.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.raw import (
    FILE,
    MISSING,
    PLACE,
    ROW,
    DeliveredFile,
    FileRead,
    Item,
    RawBatch,
    RawColumn,
    TableFacts,
)
from sdtmflow.sources.sas_values import text_of
from sdtmflow.sources.sniff import identify
from sdtmflow.study import Source

CHUNK = 100_000
"""Rows that are held at a time."""
PATIENCE = 300.0
"""Seconds that reading one chunk may take before the file counts as damaged."""

_REASONS = (
    ("cut off", "the file is cut off", "ask for it again"),
    (
        "character set",
        "the file declares an encoding that cannot be read",
        "declare the source's 'encoding'",
    ),
    (
        "convert string",
        "the text is not in the encoding that the file declares",
        "declare the source's 'encoding'",
    ),
    (
        "UnicodeDecodeError",
        "the text is not in the encoding that the file declares",
        "declare the source's 'encoding'",
    ),
    ("allocate memory", "the file holds no variables, or is damaged", "ask for it again"),
    ("no member header", "the file holds no dataset, or is damaged", "ask for it again"),
)


def read_sas(files: tuple[DeliveredFile, ...], source: Source) -> Iterator[Item]:
    """Read the files; catalogs among them give the columns' codes. Raises DeliveryError."""
    natures = {file.sha256: identify(file.path).kind for file in files}
    _require_data(files, natures)
    ordered = sorted(files, key=lambda file: natures[file.sha256] != "sas7bcat")
    codes: dict[str, dict[str, str]] = {}
    counts = {file.name: 0 for file in ordered}
    encodings: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="sdtmflow-sas-") as folder:
        for file, answer in _answers(ordered, natures, source.encoding, Path(folder)):
            if "catalog" in answer:
                codes |= answer["catalog"]
                continue
            batch = _batch(file, answer, codes)
            counts[file.name] += batch.rows.height
            encodings[file.name] = answer["encoding"]
            yield batch
    for file in files:
        count = counts[file.name]
        encoding = source.encoding or encodings.get(file.name, "")
        yield FileRead(file, natures[file.sha256], count, count, {}, encoding)


def _require_data(files: tuple[DeliveredFile, ...], natures: dict[str, str]) -> None:
    if all(nature == "sas7bcat" for nature in natures.values()):
        raise DeliveryError(
            "this is a SAS format catalog: it holds labels, not data",
            place=files[0].name,
            remedy="put it beside the sas7bdat files that it belongs to",
        )


def _answers(
    files: list[DeliveredFile], natures: dict[str, str], encoding: str, folder: Path
) -> Iterator[tuple[DeliveredFile, dict[str, Any]]]:
    request = {
        "folder": str(folder),
        "encoding": encoding or None,
        "chunk": CHUNK,
        "files": [{"path": str(file.path), "nature": natures[file.sha256]} for file in files],
    }
    last = files[0]
    for line in _child_lines(json.dumps(request)):
        answer = json.loads(line)
        last = files[answer["file"]]
        if "exit" in answer:
            raise DeliveryError(
                "the file is damaged: reading it failed or did not end",
                place=_next_place(files, last),
                remedy="ask for it again",
            )
        if "error" in answer:
            raise _refused(last, answer["error"])
        yield last, answer


def _next_place(files: list[DeliveredFile], last: DeliveredFile) -> str:
    """The file that was being read when the child ended: the last one answered for, or the next."""
    rest = files[files.index(last) :]
    return " or ".join(file.name for file in rest[:2])


def _child_lines(request: str) -> Iterator[str]:
    """The child's answers; a last one with ``exit`` where it crashed or took too long."""
    command = [sys.executable, "-m", "sdtmflow.sources.sas_child"]
    with subprocess.Popen(  # noqa: S603 — our own module, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        if child.stdin is None or child.stdout is None:  # PIPE was asked for
            return
        try:
            child.stdin.write(request)
            child.stdin.close()
            last = 0
            while line := _line_in_time(child):
                last = json.loads(line)["file"]
                yield line
            if child.wait():
                yield json.dumps({"file": last, "exit": child.returncode})
        finally:
            child.kill()


def _line_in_time(child: subprocess.Popen[str]) -> str:
    timer = threading.Timer(PATIENCE, child.kill)
    timer.start()
    try:
        return child.stdout.readline() if child.stdout else ""
    finally:
        timer.cancel()


def _refused(file: DeliveredFile, error: str) -> DeliveryError:
    for mark, message, remedy in _REASONS:
        if mark in error:
            return DeliveryError(message, place=file.name, remedy=remedy)
    return DeliveryError(
        "the file is damaged or no SAS file that can be read",
        place=file.name,
        remedy="ask for it again",
    )


def _batch(
    file: DeliveredFile, answer: dict[str, Any], catalog: dict[str, dict[str, str]]
) -> RawBatch:
    stem = PurePosixPath(file.name).stem
    table = (answer["table"] if identify(file.path).kind == "xpt" else "") or stem
    columns = answer["columns"]
    texts = [
        text_of(column["name"], column["format"]).alias(column["name"])
        if column["number"]
        else pl.when(pl.col(column["name"]) != "").then(pl.col(column["name"]))
        for column in columns
    ]
    first = answer["first"] + 1
    frame = pl.read_ipc(answer["part"])
    Path(answer["part"]).unlink()
    rows = frame.select(
        *texts,
        pl.lit(file.sha256).alias(FILE),
        pl.int_range(first, first + frame.height, dtype=pl.Int64).alias(ROW),
        (pl.lit(f"{table} row ") + pl.int_range(first, first + frame.height).cast(pl.String)).alias(
            PLACE
        ),
        pl.col(MISSING),
    )
    described = tuple(_column(column, catalog) for column in columns)
    return RawBatch(table, rows, described, TableFacts(label=answer["label"]))


def _column(column: dict[str, Any], catalog: dict[str, dict[str, str]]) -> RawColumn:
    return RawColumn(
        name=column["name"],
        label=column["label"],
        type=column["format"],
        codes=catalog.get(column["format"].rstrip("0123456789."), {}),
    )
