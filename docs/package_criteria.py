"""The page of the gate: what each agency asks for, and every criterion, from the code's tables."""

from __future__ import annotations

import html
import inspect
import types
from typing import Any, get_args

from sdtmflow.agency import AGENCIES, GIGABYTE, Agency, Profile
from sdtmflow.gate import Criterion
from sdtmflow.gate.rules import contents, datasets, definition, files, index, rejection, tags

_FAMILIES: tuple[tuple[types.ModuleType, tuple[Criterion[Any], ...]], ...] = (
    (files, files.FILE_CRITERIA),
    (index, index.INDEX_CRITERIA),
    (tags, tags.TAG_CRITERIA),
    (datasets, datasets.DATASET_CRITERIA),
    (contents, contents.CONTENT_CRITERIA),
    (definition, definition.DEFINE_CRITERIA),
)
_INTRODUCTION = """`sdtmflow gate` and every run judge a package by these criteria
([how to](../how-to/submit-a-package.md)). The four Technical Rejection Criteria have the FDA's own
numbers and are applied in its order, the first that fails ending them; all other ids are sdtmflow's
own and are always applied.

| weight | what becomes of a package that breaks the criterion |
|---|---|
| rejects | it fails: a rejection criterion, an eCTD error, or what the guide does not allow |
| asked | a reviewer will ask |
| noted | good to know |
"""
_SOURCES = """What is marked *unconfirmed* was not read in the agency's own text but in what others
report of it, and the strictest known limit is used: the size that PMDA takes, the length of paths
outside China, `study-data-reviewers-guide` as the tag of csdrg.pdf, HTML and CSS among the types
that the FDA takes. All of it is one table, `sdtmflow/agency.py`.
"""


def criteria_page() -> str:
    """Agencies, the rejection criteria in their order, and the other criteria by family."""
    four = _table(rejection.REJECTION_CRITERIA)
    sections = [
        f"## What each agency asks for\n\n{_agencies()}\n{_SOURCES}",
        f"## Technical Rejection Criteria, in their order\n\n{four}",
        *(_section(module, criteria) for module, criteria in _FAMILIES),
    ]
    return f"# Criteria for packages\n\n{_INTRODUCTION}\n" + "\n".join(sections)


def _agencies() -> str:
    rows = {
        "a dataset at most": lambda one: f"{one.dataset_bytes // GIGABYTE} GB",
        "study tagging file": lambda one: "yes" if one.tagged else "not allowed",
        "start date in ts.xpt (1734)": lambda one: "decides" if one.study_start else "not asked",
        "datasets that must be there": lambda one: ", ".join(one.datasets),
        "labels and values": lambda one: "printable ASCII" if one.ascii_text else "any script",
        "file types in a study": lambda one: ", ".join(sorted(one.file_types)),
        "Define-XML": lambda one: ", ".join(one.define),
        "tag of csdrg.pdf": lambda one: one.guide_tag.name if one.tagged else "",
        "a name, a path at most": lambda one: f"{one.name_length}, {one.path_length} characters",
        "guide": lambda one: one.guide,
    }
    profiles: list[Profile] = [AGENCIES[name] for name in get_args(Agency)]
    head = "| | " + " | ".join(one.agency for one in profiles) + " |\n|---|---|---|---|"
    lines = (
        f"| {what} | " + " | ".join(said(one) for one in profiles) + " |"
        for what, said in rows.items()
    )
    return head + "\n" + "\n".join(lines) + "\n"


def _section(module: types.ModuleType, criteria: tuple[Criterion[Any], ...]) -> str:
    family, _, words = (inspect.getdoc(module) or "").partition(": ")
    return f"## {family}: {words.splitlines()[0].rstrip('.')}\n\n{_table(criteria)}"


def _table(criteria: tuple[Criterion[Any], ...]) -> str:
    head = "| criterion | | what must hold | what to do | source |\n|---|---|---|---|---|"
    return head + "\n" + "\n".join(map(_row, criteria)) + "\n"


def _row(criterion: Criterion[Any]) -> str:
    asking = [name for name in get_args(Agency) if criterion.holds_for(AGENCIES[name])]
    only = "" if len(asking) == len(AGENCIES) else f" ({', '.join(asking)})"
    cells = (
        criterion.id,
        criterion.weight,
        f"{criterion.words}{only}",
        html.escape(criterion.remedy, quote=False),
        criterion.source,
    )
    return "| " + " | ".join(cells) + " |"
