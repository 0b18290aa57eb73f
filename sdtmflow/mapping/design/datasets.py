"""TA, TE, TI, TS, TV: the trial's design, from study.yaml and a USDM study definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from sdtmflow.design import Criterion
from sdtmflow.mapping.design.trial_summary import summary_rows
from sdtmflow.standards.terminology import Terminology
from sdtmflow.study import Study

Row = Mapping[str, str | float | None]
TEXT_LIMIT = 200
"""Bytes of a text in SAS XPT version 5."""
NUMERIC = {"TAETORD", "TSSEQ", "VISITNUM", "VISITDY"}
COLUMNS = {
    "TA": (
        "STUDYID",
        "DOMAIN",
        "ARMCD",
        "ARM",
        "TAETORD",
        "ETCD",
        "ELEMENT",
        "TABRANCH",
        "TATRANS",
        "EPOCH",
    ),
    "TE": ("STUDYID", "DOMAIN", "ETCD", "ELEMENT", "TESTRL", "TEENRL", "TEDUR"),
    "TI": (
        "STUDYID",
        "DOMAIN",
        "IETESTCD",
        "IETEST",
        "IECAT",
        "IESCAT",
        "TIRL",
        "TIVERS",
    ),
    "TS": (
        "STUDYID",
        "DOMAIN",
        "TSSEQ",
        "TSGRPID",
        "TSPARMCD",
        "TSPARM",
        "TSVAL",
        "TSVALNF",
        "TSVALCD",
        "TSVCDREF",
        "TSVCDVER",
    ),
    "TV": (
        "STUDYID",
        "DOMAIN",
        "VISITNUM",
        "VISIT",
        "VISITDY",
        "ARMCD",
        "ARM",
        "TVSTRL",
        "TVENRL",
    ),
}
KEYS = {
    "TA": ("STUDYID", "ARMCD", "TAETORD"),
    "TE": ("STUDYID", "ETCD"),
    "TI": ("STUDYID", "IETESTCD", "TIVERS"),
    "TS": ("STUDYID", "TSPARMCD", "TSSEQ"),
    "TV": ("STUDYID", "VISITNUM", "ARMCD"),
}


def design_datasets(study: Study, terminology: Terminology) -> dict[str, pl.DataFrame]:
    """The five datasets, sorted by key; without a design in study.yaml they have no rows."""
    rows = {
        "TA": list(_arms(study)),
        "TE": list(_elements(study)),
        "TI": list(_criteria(study)),
        "TS": list(_summary(study, terminology)),
        "TV": list(_visits(study)),
    }
    return {name: _frame(study, name, found) for name, found in rows.items()}


def _frame(study: Study, name: str, rows: list[Row]) -> pl.DataFrame:
    """The rows as a frame; a text over 200 bytes goes on in <variable>1, <variable>2."""
    full = [_split({"STUDYID": study.study, "DOMAIN": name, **row}) for row in rows]
    extra = sorted({column for row in full for column in row} - set(COLUMNS[name]))
    columns = [
        column
        for standard in COLUMNS[name]
        for column in (standard, *(e for e in extra if e.rstrip("0123456789") == standard))
    ]
    schema = {column: pl.Float64 if column in NUMERIC else pl.String for column in columns}
    return pl.DataFrame(full, schema=schema).sort(KEYS[name])


def _split(row: Row) -> dict[str, str | float | None]:
    result: dict[str, str | float | None] = {}
    for column, value in row.items():
        parts = split_text(value.strip()) if isinstance(value, str) else [value]
        for position, part in enumerate(parts):
            result[f"{column}{position or ''}"] = None if part == "" else part
    return result


def split_text(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """The text in pieces of at most ``limit`` bytes, cut at blanks where there are any."""
    pieces = []
    while len(text.encode()) > limit:
        head = text.encode()[:limit].decode(errors="ignore")
        cut = head.rfind(" ") if " " in head else len(head)
        pieces.append(text[:cut])
        text = text[cut:].lstrip(" ")
    return [*pieces, text]


def _arms(study: Study) -> Iterator[Row]:
    design = study.design
    for code, arm in design.arms.items() if design else ():
        for order, step in enumerate(arm.elements, start=1):
            yield {
                "ARMCD": code,
                "ARM": arm.arm,
                "TAETORD": float(order),
                "ETCD": step.etcd,
                "ELEMENT": design.elements[step.etcd].element if design else "",
                "TABRANCH": step.branch,
                "TATRANS": step.transition,
                "EPOCH": step.epoch,
            }


def _elements(study: Study) -> Iterator[Row]:
    for code, element in study.design.elements.items() if study.design else ():
        yield {
            "ETCD": code,
            "ELEMENT": element.element,
            "TESTRL": element.start_rule,
            "TEENRL": element.end_rule,
            "TEDUR": element.duration,
        }


def _criteria(study: Study) -> Iterator[Row]:
    """One row a criterion and protocol version."""
    for code, criterion in study.design.criteria.items() if study.design else ():
        for version in criterion.versions or [""]:
            yield {
                "IETESTCD": code,
                "IETEST": criterion_text(criterion),
                "IECAT": criterion.category,
                "IESCAT": criterion.subcategory,
                "TIRL": criterion.rule,
                "TIVERS": version,
            }


def criterion_text(criterion: Criterion) -> str:
    """IETEST: the text, or its short form where 200 bytes do not hold it (SDTMIG, TI)."""
    whole = " ".join(criterion.text.split())
    if len(whole.encode()) <= TEXT_LIMIT:
        return whole
    return criterion.short or split_text(whole)[0]


def _summary(study: Study, terminology: Terminology) -> Iterator[Row]:
    return summary_rows(study.design.summary if study.design else {}, terminology)


def _visits(study: Study) -> Iterator[Row]:
    """One row a visit, or one for each of the arms that have it.

    None where there is no design and no visit says how it starts: such a study only numbers its
    visits, and TV without TVSTRL would be no TV.
    """
    arms = study.design.arms if study.design else {}
    if not arms and not any(visit.start_rule for visit in study.visits):
        return
    for visit in study.visits:
        for code in visit.arms or [""]:
            yield {
                "VISITNUM": visit.visitnum,
                "VISIT": visit.visit,
                "VISITDY": None if visit.day is None else float(visit.day),
                "ARMCD": code,
                "ARM": arms[code].arm if code in arms else "",
                "TVSTRL": visit.start_rule,
                "TVENRL": visit.end_rule,
            }
