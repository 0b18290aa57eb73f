"""Trace: one record's cells back to what was sent."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sdtmflow.errors import StudyError
from sdtmflow.lineage.cells import Cell, RawCell, raw_cells
from sdtmflow.lineage.opening import Opened, Received
from sdtmflow.lineage.raw import RawValue, raw_values
from sdtmflow.lineage.subject import Records
from sdtmflow.lineage.tracing import Tracer, shown
from sdtmflow.mapping.provenance.identity import IDENTITY


@dataclass(frozen=True, slots=True)
class Asked:
    """A record, as a person names it, and perhaps one of its variables."""

    dataset: str
    usubjid: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    """Variable → value, as shown: ``{"AESEQ": "3"}``; of SUPP-- also ``{"QNAM": …}``."""
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A record's cells, with the raw values that they were made from."""

    asked: Asked
    title: str
    """What was traced: ``bundle v0001``."""
    cells: tuple[Cell, ...]
    raw: Mapping[RawCell, RawValue] = field(repr=False)
    """Without the cells whose delivery could not be had."""
    received: Mapping[str, Received] = field(repr=False)
    notes: tuple[str, ...] = ()


def trace(opened: Opened, asked: Asked) -> Trace:
    """The record's cells (or its one variable), each with everything that it was made from.

    Raises StudyError where there is no such dataset, subject, record or variable, and where
    several records are meant; its message never repeats data.
    """
    records = Records(opened.datasets, asked.usubjid)
    domain, at = records.in_domain(asked.dataset, _position(records, asked))
    tracer = Tracer(records)
    cells = tuple(tracer.cell(domain, at, name) for name in _variables(records, asked))
    wanted = {raw for cell in cells for raw in raw_cells(cell)}
    raw = raw_values(wanted, opened)
    received = opened.received if wanted else {}
    return Trace(asked, opened.title, cells, raw, received, (*opened.notes, *_lost(wanted, raw)))


def _lost(wanted: set[RawCell], raw: Mapping[RawCell, RawValue]) -> list[str]:
    sources = sorted({cell.row.source for cell in wanted - set(raw)})
    return [f"the delivery of '{name}' cannot be had here: no raw values" for name in sources]


def _variables(records: Records, asked: Asked) -> list[str]:
    names = _names(records, asked.dataset)
    if not asked.variable:
        return names
    if asked.variable not in names:
        raise _unknown("variable", asked.variable, asked.dataset, names)
    return [asked.variable]


def _names(records: Records, dataset: str) -> list[str]:
    return [name for name in records.columns(dataset) if name not in IDENTITY]


def _position(records: Records, asked: Asked) -> int:
    """Which of the subject's records is meant."""
    if asked.dataset not in records.names:
        raise _unknown("dataset", asked.dataset, "these data", sorted(records.names))
    names = _names(records, asked.dataset)
    for name in asked.where:
        if name not in names:
            raise _unknown("variable", name, asked.dataset, names)
    if "USUBJID" in names and not asked.usubjid:
        raise StudyError(f"whose record of {asked.dataset}?", remedy="add --usubjid")
    rows = records.of(asked.dataset)
    if not rows:
        raise StudyError(
            f"{asked.dataset} has no record of this subject",
            place="--usubjid",
            remedy=f"write the whole USUBJID, as in {asked.dataset}.USUBJID",
        )
    found = [
        at
        for at, row in enumerate(rows)
        if all(shown(row[name]) == value for name, value in asked.where.items())
    ]
    if len(found) == 1:
        return found[0]
    which = "no record of this subject is" if not found else f"{len(found)} records are"
    raise StudyError(f"{which} meant in {asked.dataset}", remedy=_choice(asked.dataset, rows))


def _choice(dataset: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """How to name one record; numbers are told, other values are data."""
    sequence = f"{rows[0].get('DOMAIN') or dataset}SEQ"
    if sequence in rows[0]:
        numbers = sorted(row[sequence] for row in rows)
        return f"--seq is one of {shown(numbers[0])} to {shown(numbers[-1])}"
    if dataset.startswith("SUPP"):
        names = ", ".join(sorted({str(row["QNAM"]) for row in rows}))
        return f"name it with --seq (of its parent record) and --qnam (one of {names})"
    return "name it with --where VARIABLE=VALUE"


def _unknown(what: str, name: str, place: str, known: Sequence[str]) -> StudyError:
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean {near[0]}?" if near else f"it has: {', '.join(known)}"
    return StudyError(f"there is no {what} {name} in {place}", remedy=remedy)
