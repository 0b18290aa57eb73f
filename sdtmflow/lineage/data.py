"""A trace as plain data, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sdtmflow.lineage.cells import Cell, Given, RawCell, Source
from sdtmflow.lineage.trace import Trace


def as_data(trace: Trace) -> dict[str, Any]:
    """Anything JSON can hold: the cells with their rules, inputs nested, and the raw values."""
    return {
        "dataset": trace.asked.dataset,
        "usubjid": trace.asked.usubjid,
        "from": trace.title,
        "notes": list(trace.notes),
        "cells": [_cell(trace, cell) for cell in trace.cells],
        "deliveries": _deliveries(trace),
    }


def _cell(trace: Trace, cell: Cell) -> dict[str, Any]:
    """A cell; the others that it is compared with are only named."""
    return {
        "dataset": cell.dataset,
        "record": cell.record,
        "variable": cell.variable,
        "value": cell.value,
        "rule": _rule(cell),
        "inputs": [_source(trace, source) for source in cell.inputs],
        "compared_with": [_named(other) for other in cell.others],
        "record_because": [_named(source) for source in cell.because],
    }


def _rule(cell: Cell) -> dict[str, Any] | None:
    rule = cell.rule
    if rule is None:
        return None
    return {
        "verb": rule.verb,
        "line": rule.line,
        "place": rule.place,
        "origin": rule.origin,
        "method": rule.method,
        "codelists": list(rule.codelists),
    }


def _source(trace: Trace, source: Source) -> dict[str, Any]:
    if isinstance(source, Cell):
        return _cell(trace, source)
    if isinstance(source, Given):
        return {"given": source.name, "value": source.value, "place": source.place}
    value = trace.raw.get(source)
    return _named(source) | (asdict(value) if value else {})


def _named(source: Source) -> dict[str, Any]:
    if isinstance(source, RawCell):
        row = asdict(source.row)
        return {
            "raw_table": row.pop("table"),
            "raw_column": source.column,
            "sha256": row["file"],
        } | {name: row[name] for name in ("source", "row", "place")}
    if isinstance(source, Given):
        return {"given": source.name, "place": source.place}
    return {"dataset": source.dataset, "record": source.record, "variable": source.variable}


def _deliveries(trace: Trace) -> list[Mapping[str, Any]]:
    files = {(cell.row.file, cell.row.source, value.file) for cell, value in trace.raw.items()}
    return [
        {"file": name, "source": source, "sha256": sha256}
        | (
            {"first_bundle": trace.received[sha256].bundle, "since": trace.received[sha256].created}
            if sha256 in trace.received
            else {}
        )
        for sha256, source, name in sorted(files)
    ]
