"""The Excel workbook of a CT package (.xlsx): the sheet that has the text's columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from sdtmflow.damage import refused_if_damaged
from sdtmflow.errors import StudyError
from sdtmflow.standards.nci_rows import COLUMNS, PLACE, Sent, missing_column

_LOOK_AHEAD = 20
"""Rows among which the header is looked for."""
_REMEDY = "give the workbook as NCI EVS publishes it, saved as .xlsx"


def excel_rows(path: Path) -> Sent:
    """Every row below the header of the first sheet with the columns; the sheet names the version.

    Raises StudyError where it is no workbook or no sheet has the columns.
    """
    refusal = StudyError(
        "the workbook is damaged, or this is another zip file", place=path.name, remedy=_REMEDY
    )
    # Not opened by name: it may end otherwise than Excel's do.
    with path.open("rb") as stream, refused_if_damaged(refusal):
        workbook = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        sent = _first_sheet(workbook)
    if sent is None:
        raise StudyError(
            f"no sheet has the columns {', '.join(COLUMNS)}", place=path.name, remedy=_REMEDY
        )
    return sent


def _first_sheet(workbook: Any) -> Sent | None:
    for sheet in workbook.worksheets:
        for number, names in enumerate(islice(_texts(sheet), _LOOK_AHEAD), start=1):
            if missing_column(names) is None:
                return Sent(_rows(sheet, number, names), "row", titles=(sheet.title,))
    return None


def _rows(sheet: Any, header: int, names: list[str]) -> pl.DataFrame:
    at = {name: names.index(sent) for sent, name in COLUMNS.items()}
    rows = [
        (*(row[column] if column < len(row) else "" for column in at.values()), number)
        for number, row in enumerate(_texts(sheet), start=1)
        if number > header and any(row)
    ]
    schema = dict.fromkeys(at, pl.String) | {PLACE: pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _texts(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True):
        yield ["" if value is None else str(value) for value in row]
