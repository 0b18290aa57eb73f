"""The small CSV files beside the specs (terms, conversions): every cell with its place."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.errors import StudyError


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: its columns, and each line's cells (without surrounding blanks) and place."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, Mapping[str, str]], ...] = ()


def read_csv(path: Path, name: str, problems: list[StudyError]) -> Table:
    """The table of ``path``; what is no CSV in UTF-8 is added to ``problems``.

    ``name`` is what messages call the file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problems.append(
            StudyError("the file is not UTF-8 text", place=name, remedy="save it as UTF-8")
        )
        return Table()
    reader = csv.DictReader(text.splitlines(keepends=True))
    rows = []
    for row in reader:
        place = f"{name}:{reader.line_num}"
        if None in row:
            problems.append(_too_long(place))
        else:
            rows.append((place, {name: (text or "").strip() for name, text in row.items()}))
    return Table(tuple(reader.fieldnames or ()), tuple(rows))


def _too_long(place: str) -> StudyError:
    return StudyError(
        "the line has more cells than there are columns",
        place=place,
        remedy="put a text that has a comma into quotes",
    )
