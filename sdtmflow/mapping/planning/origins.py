"""Origin of a variable, and its lines as they are written: as said, else as the verb implies."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import replace

from sdtmflow.dataset import ANNOTATED_CRF, DocumentRef, Origin, OriginSource, OriginType
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.spec import VERBS, Line, OriginSpec
from sdtmflow.mapping.values.flow_text import flow

_COLLECTED = {"assign", "assign_ct", "datetime", "number", "coalesce", "multiple"}
_ASSIGNED = {"constant", "visit", "lookup"}
_SOURCES: dict[OriginType, OriginSource] = {
    "Collected": "Investigator",
    "Derived": "Sponsor",
    "Assigned": "Sponsor",
    "Protocol": "Sponsor",
}
_DECIDING = {
    *VERBS,
    "formats",
    "unknown",
    "year_cutoff",
    "codelist",
    "terms",
    "pattern",
    "upper",
    "when",
    "needs",
}
"""The keys of a line that decide values; the others describe the variable."""


def origin_of(line: PlannedLine) -> Origin:
    """The origin in Define-XML 2.1's words; the first of several."""
    return _origins(line)[0]


def _origins(line: PlannedLine) -> tuple[Origin, ...]:
    """As the line says, else as its verb implies; a predecessor is named."""
    found = said_origins(line.line.origin) or (_implied(line),)
    return tuple(
        replace(origin, description=_read_by(line))
        if origin.type == "Predecessor" and not origin.description
        else origin
        for origin in found
    )


def _read_by(line: PlannedLine) -> str:
    """``EC.ECTRT``: the variables of other domains that the line takes over."""
    names = (reference.name for reference in line.references.values())
    return ", ".join(name if "." in name else f"{name[:2]}.{name}" for name in names)


def said_origins(said: OriginType | OriginSpec | list[OriginSpec] | None) -> tuple[Origin, ...]:
    """What a spec says of the origin; a source that it leaves out is the usual one of the type."""
    if said is None:
        return ()
    specs = said if isinstance(said, list) else [said]
    return tuple(map(_origin, specs))


def _origin(said: OriginType | OriginSpec) -> Origin:
    if isinstance(said, str):
        return Origin(said, _SOURCES.get(said))
    pages = (DocumentRef(ANNOTATED_CRF, tuple(said.pages)),) if said.pages else ()
    return Origin(said.type, said.source or _SOURCES.get(said.type), said.description, pages)


def _implied(line: PlannedLine) -> Origin:
    verb, duration = line.line.verb, line.line.duration
    if verb in _COLLECTED or (duration and duration.value):
        return _origin("Collected")
    return _origin("Assigned" if verb in _ASSIGNED else "Derived")


def origins_of(lines: Iterable[PlannedLine]) -> tuple[Origin, ...]:
    """The origins of a variable's lines, each once, in the order in which they are asked."""
    return tuple(dict.fromkeys(origin for line in lines for origin in _origins(line)))


def as_written(line: Line) -> str:
    """The line as one line of YAML, without what only describes the variable."""
    said = line.model_dump(mode="json", by_alias=True, exclude_unset=True, include=_DECIDING)
    return flow({line.verb: said.pop(line.verb), **said})[1:-1]


def expression_of(lines: Iterable[PlannedLine]) -> str:
    """The lines as they are written, each once, one under the other."""
    return "\n".join(dict.fromkeys(as_written(line.line) for line in lines))


def code_of(lines: Iterable[PlannedLine]) -> str:
    """The source of the study's functions that the lines call; empty where none does."""
    functions = {line.function.name: line.function for line in lines if line.function}
    return "\n\n".join(inspect.getsource(each.call).rstrip() for each in functions.values())
