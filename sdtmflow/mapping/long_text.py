"""Texts longer than SAS XPT version 5 can hold go on in supplemental qualifiers.

SDTMIG 4.5.3.2: the variable keeps the first 200 bytes (cut at a blank), the rest goes to SUPP--
as AETERM1, AETERM2 …, with the variable's own label. A long qualifier goes on in the same way.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from sdtmflow.mapping.design import TEXT_LIMIT, split_text
from sdtmflow.mapping.plan import PlannedDomain, PlannedLine

_NAME_LIMIT = 8


def shortened(
    frame: pl.DataFrame, domain: PlannedDomain
) -> tuple[pl.DataFrame, tuple[PlannedLine, ...]]:
    """The frame with no text over 200 bytes, and the lines of the qualifiers that this adds."""
    added: list[PlannedLine] = []
    for column in domain.columns:
        if frame[column].dtype == pl.String and _longest(frame[column]) > TEXT_LIMIT:
            line = domain.lines_of(column)[0]
            pieces = _pieces(frame[column])
            rest = [continued(line, n) for n in range(1, max(map(len, pieces.values())))]
            frame = frame.with_columns(
                _piece(frame[column], pieces, at).alias(name)
                for at, name in enumerate([column, *(line.column for line in rest)])
            )
            added += rest
    return frame, tuple(added)


def continued(line: PlannedLine, number: int) -> PlannedLine:
    """The qualifier that holds the ``number``-th continuation of the line's variable."""
    name = continued_name(line.variable, number)
    label = line.line.label or line.facts.label
    spec = line.line.model_copy(update={"label": label})
    return replace(line, variable=name, supplemental=True, line=spec)


def continued_name(variable: str, number: int) -> str:
    """AETERM1: where AETERM goes on."""
    return f"{variable[: _NAME_LIMIT - len(str(number))]}{number}"


def _longest(values: pl.Series) -> int:
    return int(values.str.len_bytes().max() or 0)  # type: ignore[arg-type]


def _pieces(values: pl.Series) -> dict[str, list[str]]:
    """Each distinct long text → its pieces."""
    long = values.drop_nulls().unique()
    long = long.filter(long.str.len_bytes() > TEXT_LIMIT)
    return {text: split_text(text) for text in long}


def _piece(values: pl.Series, pieces: dict[str, list[str]], at: int) -> pl.Series:
    """The piece number ``at`` of long texts; of the others the text itself (0) or nothing."""
    parts = {text: (cut[at] if at < len(cut) else None) for text, cut in pieces.items()}
    if at == 0:
        return values.replace(parts)
    return values.replace_strict(parts, default=None, return_dtype=pl.String)
