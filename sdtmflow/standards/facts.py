"""Where the carried tables are, how they are read, and the error for a name they lack."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from sdtmflow.errors import StudyError

DATA = Path(__file__).parent / "data"


def read_table(path: Path) -> pl.DataFrame:
    """A CSV of facts with every column as text; an empty cell is an empty text."""
    return pl.read_csv(path, infer_schema=False).fill_null("")


def unknown(what: str, name: str, known: Iterable[str], *, place: str) -> StudyError:
    """The error for ``name``, with the nearest of the ``known`` names."""
    near = difflib.get_close_matches(name.upper(), sorted(known), n=3, cutoff=0.5)
    remedy = f"did you mean {' or '.join(near)}?" if near else "correct the name"
    return StudyError(f"there is no {what} '{name}'", place=place, remedy=remedy)
