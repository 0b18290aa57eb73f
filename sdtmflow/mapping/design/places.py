"""Where each record of the trial design is written: study.yaml or the USDM file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from sdtmflow.study import Study

Place = Callable[..., str]
"""Keys of the study → ``study.yaml:12``."""
_Loc = tuple[str | int, ...]


def design_places(study: Study, place: Place, name: str, frame: pl.DataFrame) -> pl.Series:
    """The place of each record of the dataset ``name``, row for row."""
    keys = _KEYS[name]
    places = [place(*keys(study, row)) for row in frame.iter_rows(named=True)]
    return pl.Series(places, dtype=pl.String)


def _visit(study: Study, row: Mapping[str, Any]) -> _Loc:
    numbers = [visit.visitnum for visit in study.visits]
    return ("visits", numbers.index(row["VISITNUM"]))


_KEYS: Mapping[str, Callable[[Study, Mapping[str, Any]], _Loc]] = {
    "TA": lambda _, row: ("design", "arms", row["ARMCD"], "elements", int(row["TAETORD"]) - 1),
    "TE": lambda _, row: ("design", "elements", row["ETCD"]),
    "TI": lambda _, row: ("design", "criteria", row["IETESTCD"]),
    "TS": lambda _, row: ("design", "summary", row["TSPARMCD"]),
    "TV": _visit,
}
