"""Answers out of the files that came back, each held against what was asked."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

from sdtmflow.damage import refused_if_damaged
from sdtmflow.errors import StudyError
from sdtmflow.queries.asking import Query
from sdtmflow.queries.columns import ANSWER, FINDING, ID, NEEDED
from sdtmflow.standing import Status

_SHEET = "Queries"
_DELIMITERS = (",", ";", "\t")
"""Excel writes CSV with what the machine's language separates lists with."""

Row = Mapping[str, str]


@dataclass(slots=True)
class Answers:
    """What came back."""

    new: dict[str, str] = field(default_factory=dict)
    """Fingerprint → the answer, where it is another one than is known."""
    known: int = 0
    """Answers that say what is known already."""
    refused: list[str] = field(default_factory=list)
    """Rows that could not be taken, one line each: where, why, and what to do."""


def read_answers(
    paths: Sequence[Path], queries: Sequence[Query], former: Mapping[str, str] | None = None
) -> Answers:
    """The answers of ``paths`` (.xlsx, .csv) to ``queries``.

    ``former`` has the ids that were asked before the queries' own (``followed_by``). No answer of a
    row that does not fit is taken, and each is told. Raises StudyError for a file that is no query
    list.
    """
    asked = _Asked({query.id: query for query in queries}, former or {})
    found = Answers()
    for path in paths:
        for place, row in _rows(path):
            if row[ANSWER]:
                _take(found, row, asked, place)
    return found


@dataclass(slots=True)
class _Asked:
    """What was asked, and where each answer was read first."""

    by_id: Mapping[str, Query]
    former: Mapping[str, str]
    first: dict[str, str] = field(default_factory=dict)


def _take(found: Answers, row: Row, asked: _Asked, place: str) -> None:
    query = asked.by_id.get(row[ID])
    refusal = _refusal(row, query, asked)
    if refusal or query is None:
        found.refused.append(f"{place}: {refusal}")
    elif row[ANSWER] == query.answer:
        found.known += 1
    else:
        asked.first[query.id] = place
        found.new[query.fingerprint] = row[ANSWER]


def _refusal(row: Row, query: Query | None, asked: _Asked) -> str:
    if row[ID] in asked.former:
        return f"query {row[ID]} was asked again as {asked.former[row[ID]]}; answer that one"
    if query is None:
        return f"there is no query '{row[ID]}'; leave the column {ID} as it was sent"
    if row[FINDING] != query.fingerprint:
        return (
            f"query {query.id} is of another finding; leave the columns {ID} and {FINDING} as they "
            "were sent, or send the newest list again"
        )
    if query.id in asked.first:
        return f"query {query.id} is answered twice, first in {asked.first[query.id]}; keep one"
    if query.status not in {Status.QUERIED, Status.ANSWERED}:
        return f"query {query.id} is settled: the finding is {query.status}; nothing is to be done"
    return ""


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Place (``file, row 7``) and cells of each row."""
    if not path.is_file():
        raise StudyError("the file is missing", place=str(path), remedy="correct the name")
    alien = StudyError(
        f"this is no query list: it has no columns {', '.join(NEEDED)}",
        place=path.name,
        remedy="give a file of `sdtmflow queries send` as it came back, .xlsx or .csv",
    )
    with refused_if_damaged(alien):
        lines = list(_sheet(path) if path.suffix.lower() == ".xlsx" else _text(path))
    heads = lines[0] if lines else []
    if not set(NEEDED) <= set(heads):
        raise alien
    for number, cells in enumerate(lines[1:], start=2):
        row = dict.fromkeys(NEEDED, "") | dict(zip(heads, cells, strict=False))
        yield f"{path.name}, row {number}", row


def _sheet(path: Path) -> Iterator[list[str]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        page = book[_SHEET] if _SHEET in book.sheetnames else book.worksheets[0]
        for cells in page.iter_rows(values_only=True):
            yield [_cell(cell) for cell in cells]
    finally:
        book.close()


def _cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):  # Excel makes a date of what looks like one
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return str(cell).replace("_x000D_", "").strip()


def _text(path: Path) -> Iterator[list[str]]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")  # what Excel saves as "CSV" on Windows
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        yield [cell.strip() for cell in cells]
