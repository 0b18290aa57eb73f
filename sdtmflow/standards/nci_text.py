"""The tab-delimited text of a CT package: one row a line, no quoting, UTF-8."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sdtmflow.errors import StudyError
from sdtmflow.standards.nci_rows import COLUMNS, PLACE, Sent, missing_column

_REMEDY = "give the tab-delimited text as NCI EVS publishes it"


def text_rows(path: Path) -> Sent:
    """Every line of ``path``; quotes are letters like any other.

    Raises StudyError for another layout, and for a file that is cut off: a line with too few or
    too many cells, or a last line without its end.
    """
    text, notes = _decoded(path)
    lines = pl.Series(PLACE, text.split("\n"), dtype=pl.String).str.strip_suffix("\r")
    names = lines[0].split("\t")
    lacking = missing_column(names)
    if lacking:
        raise StudyError(
            f"the CT package has no column '{lacking}'", place=path.name, remedy=_REMEDY
        )
    if lines[-1] != "":
        raise StudyError(
            "the last line has no end; the file may be cut off",
            place=f"{path.name}, line {len(lines)}",
            remedy="download it again",
        )
    body = pl.DataFrame({"text": lines, PLACE: range(1, len(lines) + 1)})
    body = body[1:].filter(pl.col("text").str.strip_chars() != "")
    _require_cells(body, len(names), path.name)
    cells = body["text"].str.split_exact("\t", len(names) - 1).struct.rename_fields(names)
    picked = cells.struct.unnest().select(
        pl.col(sent).fill_null("").alias(name) for sent, name in COLUMNS.items()
    )
    return Sent(picked.with_columns(body[PLACE]), "line", notes=notes)


def _decoded(path: Path) -> tuple[str, tuple[str, ...]]:
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), ("the file is UTF-16, not UTF-8",)
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), ("the file is not UTF-8; it is read as Windows-1252",)
    except UnicodeDecodeError:
        raise StudyError("this is no text file", place=path.name, remedy=_REMEDY) from None


def _require_cells(body: pl.DataFrame, expected: int, file: str) -> None:
    found = pl.col("text").str.count_matches("\t", literal=True) + 1
    for row in body.filter(found != expected).head(1).iter_rows(named=True):
        raise StudyError(
            f"the line has {row['text'].count(chr(9)) + 1} cells instead of {expected}; "
            "the file is cut off or was changed",
            place=f"{file}, line {row[PLACE]}",
            remedy="download it again",
        )
