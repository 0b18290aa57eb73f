"""Texts longer than SAS XPT version 5 can hold go on in supplemental qualifiers.

SDTMIG 4.5.3.2: the variable keeps the first 200 bytes (cut at a blank), the rest goes to SUPP--
as AETERM1, AETERM2 …, with the variable's own label. A long qualifier goes on in the same way.
Comments and trial summary values go on beside themselves: COVAL1, TSVAL1 … (SDTMIG 5.1, 7.4.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from sdtmflow.mapping.design.datasets import TEXT_LIMIT, split_text
from sdtmflow.mapping.planning.plan import PlannedDomain, PlannedLine
from sdtmflow.mapping.records.columns import Records

_NAME_LIMIT = 8
_LABEL_LIMIT = 40
_BESIDE = ("COVAL", "TSVAL")
"""Variables that go on in variables of their own dataset."""


def shortened(records: Records, domain: PlannedDomain) -> tuple[PlannedLine, ...]:
    """Leave no text over 200 bytes; the lines of the qualifiers that this adds to the records."""
    added: list[PlannedLine] = []
    for column in domain.columns:
        held = records.held(column)
        texts = held.values
        if texts.dtype == pl.String and not held.is_empty and _longest(texts) > TEXT_LIMIT:
            line = domain.lines_of(column)[0]
            pieces = _pieces(texts)
            rest = [continued(line, n) for n in range(1, max(map(len, pieces.values())))]
            for at, name in reversed([*enumerate([column, *(more.column for more in rest)])]):
                records.change(column, name, partial(_piece, pieces=pieces, at=at))
            added += rest
    return tuple(added)


def continued(line: PlannedLine, number: int) -> PlannedLine:
    """The qualifier, or variable, that holds the ``number``-th continuation of the line's."""
    name = continued_name(line.variable, number)
    label = line.line.label or line.facts.label
    if line.variable not in _BESIDE:
        spec = line.line.model_copy(update={"label": label})
        return replace(line, variable=name, supplemental=True, line=spec)
    spec = line.line.model_copy(update={"label": numbered_label(label, number)})
    facts = replace(line.facts, name=name, core="Perm", order=line.facts.order + number)
    return replace(line, variable=name, line=spec, facts=facts)


def continuation(domain: PlannedDomain, name: str) -> PlannedLine:
    """The line of a continuation by its name; StopIteration for a name that is none."""
    number = int(name.removeprefix(name.rstrip("0123456789")) or 0)
    continuations = (continued(line, number) for line in domain.lines)
    return next(line for line in continuations if line.variable == name)


def in_place(names: Sequence[str]) -> list[str]:
    """The names with COVAL1, COVAL2 … behind COVAL, wherever partitions had them."""
    places = {name: (at, 0) for at, name in enumerate(names)}
    for name in names:
        base = name.rstrip("0123456789")
        if base in _BESIDE and base != name:
            places[name] = (places[base][0], int(name.removeprefix(base)))
    return sorted(names, key=places.__getitem__)


def numbered_label(label: str, number: int) -> str:
    """``Race 1``, within the forty characters of a label."""
    end = f" {number}"
    return label[: _LABEL_LIMIT - len(end)].rstrip() + end


def continued_name(variable: str, number: int) -> str:
    """``AETERM1``; of a name with eight letters as many as there is room for."""
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
