"""TA, TE, TI, TS, TV: the trial's design, from study.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

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
    "TI": ("STUDYID", "DOMAIN", "IETESTCD", "IETEST", "IECAT"),
    "TS": (
        "STUDYID",
        "DOMAIN",
        "TSSEQ",
        "TSPARMCD",
        "TSPARM",
        "TSVAL",
        "TSVALNF",
        "TSVALCD",
        "TSVCDREF",
        "TSVCDVER",
    ),
    "TV": ("STUDYID", "DOMAIN", "VISITNUM", "VISIT", "VISITDY", "ARMCD", "TVSTRL", "TVENRL"),
}
KEYS = {
    "TA": ("STUDYID", "ARMCD", "TAETORD"),
    "TE": ("STUDYID", "ETCD"),
    "TI": ("STUDYID", "IETESTCD"),
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
    for code, criterion in study.design.criteria.items() if study.design else ():
        yield {"IETESTCD": code, "IETEST": criterion.text, "IECAT": criterion.category}


def _summary(study: Study, terminology: Terminology) -> Iterator[Row]:
    """One row a value; the parameter's name comes from the codelist pair TSPARMCD, TSPARM."""
    names = _parameter_names(terminology)
    for code, parameter in study.design.summary.items() if study.design else ():
        for number, (value, value_code) in enumerate(parameter.rows(), start=1):
            yield {
                "TSSEQ": float(number),
                "TSPARMCD": code,
                "TSPARM": names.get(code, code),
                "TSVAL": value,
                "TSVALNF": parameter.null_flavor,
                "TSVALCD": value_code,
                "TSVCDREF": parameter.dictionary,
                "TSVCDVER": parameter.dictionary_version,
            }


def _parameter_names(terminology: Terminology) -> dict[str, str]:
    if "TSPARMCD" not in terminology or "TSPARM" not in terminology:
        return {}
    names = {term.code: term.submission_value for term in terminology.codelist("TSPARM").terms}
    codes = terminology.codelist("TSPARMCD").terms
    return {term.submission_value: names.get(term.code, "") for term in codes}


def _visits(study: Study) -> Iterator[Row]:
    for visit in study.visits:
        yield {
            "VISITNUM": visit.visitnum,
            "VISIT": visit.visit,
            "VISITDY": None if visit.day is None else float(visit.day),
            "TVSTRL": visit.start_rule,
            "TVENRL": visit.end_rule,
        }
