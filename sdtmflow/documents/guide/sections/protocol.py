"""2 Protocol description: number, title, design, trial design datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from sdtmflow.documents.guide.content import Block, Paragraph, Section, paragraphs, table
from sdtmflow.documents.guide.facts import GuideFacts
from sdtmflow.documents.guide.texts import GuideTexts

_DESIGN = (
    *("STYPE", "TPHASE", "TTYPE", "INTMODEL", "INTTYPE", "RANDOM", "TBLIND", "TCNTRL", "ADAPT"),
    *("INDIC", "TDIGRP", "THERAREA", "TRT", "COMPTRT", "DOSE", "DOSU", "DOSFRQ", "ROUTE"),
    *("NARMS", "NCOHORT", "PLANSUB", "ACTSUB", "SEXPOP", "AGEMIN", "AGEMAX", "FCNTRY"),
    *("SSTDTC", "SENDTC", "DCUTDTC", "LENGTH", "OBJPRIM", "OBJSEC", "OUTMSPRI", "STOPRULE"),
)
"""Parameters of TS that describe the design, in the order in which a reader asks for them."""
_ABOUT = {
    "TA": "The planned order of elements in each arm.",
    "TE": "The elements: how each begins and ends, and how long it is planned to last.",
    "TV": "The planned visits, with their planned study days and the rules by which they begin.",
    "TI": "The inclusion and exclusion criteria; their full text is in the appendix.",
    "TS": "The parameters of the trial, among them those that validation rules ask for.",
}
Row = dict[str, object]


def protocol(facts: GuideFacts, texts: GuideTexts) -> Section:
    """The section."""
    number = facts.study.protocol or facts.study.study
    return Section(
        "Protocol Description",
        sections=(
            Section(
                "Protocol Number and Title",
                (Paragraph(f"Protocol {number}: {facts.study.title}"),),
            ),
            Section("Protocol Design", (*paragraphs(texts.design), *_design(facts))),
            Section("Trial Design Datasets", sections=tuple(_datasets(facts))),
        ),
    )


def _design(facts: GuideFacts) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if "TS" in facts.design:
        rows = _parameters(facts.design["TS"])
        blocks += table(("Parameter", "Value"), rows, (0.38, 0.62))
    if "TA" in facts.design:
        blocks.append(Paragraph("Arms and their epochs:"))
        blocks += table(("Arm", "Epochs"), _arms(facts.design["TA"]), (0.38, 0.62))
    return tuple(blocks) or (
        Paragraph("The design is not described in the trial design datasets."),
    )


def _parameters(ts: pl.DataFrame) -> Iterator[tuple[str, str]]:
    rows = _rows(ts)
    for code in _DESIGN:
        found = [row for row in rows if row["TSPARMCD"] == code]
        if found:
            values = [_text(row, "TSVAL") or f"({_text(row, 'TSVALNF')})" for row in found]
            yield _text(found[0], "TSPARM"), "; ".join(values)


def _arms(ta: pl.DataFrame) -> Iterator[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for row in _rows(ta):
        epochs = found.setdefault(f"{_text(row, 'ARM')} ({_text(row, 'ARMCD')})", [])
        if _text(row, "EPOCH") not in epochs:
            epochs.append(_text(row, "EPOCH"))
    yield from ((arm, ", ".join(epochs)) for arm, epochs in found.items())


def _datasets(facts: GuideFacts) -> Iterator[Section]:
    labels = {dataset.name: dataset.label for dataset in facts.datasets}
    for name, about in _ABOUT.items():
        if name in facts.design:
            count = facts.design[name].height
            said = Paragraph(f"{about} {count} record{'s' if count != 1 else ''}.")
            more = _SHOWN.get(name)
            blocks = more(facts.design[name]) if more else ()
            yield Section(f"{name} - {labels.get(name, name)}", (said, *blocks))


def _elements(te: pl.DataFrame) -> tuple[Block, ...]:
    rows = [
        tuple(_text(row, name) for name in ("ETCD", "ELEMENT", "TESTRL", "TEENRL", "TEDUR"))
        for row in _rows(te)
    ]
    head = ("Code", "Element", "Begins", "Ends", "Duration")
    return table(head, rows, (0.12, 0.18, 0.3, 0.28, 0.12))


def _visits(tv: pl.DataFrame) -> tuple[Block, ...]:
    rows = [
        (
            _number(row, "VISITNUM"),
            _text(row, "VISIT"),
            _number(row, "VISITDY"),
            _text(row, "ARMCD"),
        )
        for row in _rows(tv)
    ]
    return table(("Number", "Visit", "Planned day", "Arm"), rows, (0.15, 0.45, 0.2, 0.2))


_SHOWN: Mapping[str, Callable[[pl.DataFrame], tuple[Block, ...]]] = {
    "TE": _elements,
    "TV": _visits,
}


def _rows(frame: pl.DataFrame) -> list[Row]:
    return list(frame.iter_rows(named=True))


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value)


def _number(row: Row, name: str) -> str:
    value = row.get(name)
    return f"{value:g}" if isinstance(value, float) else _text(row, name)
