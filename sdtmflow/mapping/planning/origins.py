"""Origin of a variable, and its lines as they are written: as said, else as the verb implies."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from sdtmflow.dataset import Origin, OriginSource, OriginType
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.spec import VERBS, OriginSpec
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
    """The origin in Define-XML 2.1's words."""
    said = line.line.origin
    if isinstance(said, OriginSpec):
        source = said.source or _SOURCES.get(said.type)
        return Origin(said.type, source, said.description)
    type_: OriginType = said or _implied(line)
    return Origin(type_, _SOURCES.get(type_))


def _implied(line: PlannedLine) -> OriginType:
    verb, duration = line.line.verb, line.line.duration
    if verb in _COLLECTED or (duration and duration.value):
        return "Collected"
    return "Assigned" if verb in _ASSIGNED else "Derived"


def origins_of(lines: Iterable[PlannedLine]) -> tuple[Origin, ...]:
    """The origins of a variable's lines, each once, in the order in which they are asked."""
    return tuple(dict.fromkeys(map(origin_of, lines)))


def as_written(line: PlannedLine) -> str:
    """The line as one line of YAML, without what only describes the variable."""
    verb = line.line.verb
    said = line.line.model_dump(mode="json", by_alias=True, exclude_unset=True, include=_DECIDING)
    return flow({verb: said.pop(verb), **said})[1:-1]


def expression_of(lines: Iterable[PlannedLine]) -> str:
    """The lines as they are written, each once, one under the other."""
    return "\n".join(dict.fromkeys(map(as_written, lines)))


def code_of(lines: Iterable[PlannedLine]) -> str:
    """The source of the study's functions that the lines call; empty where none does."""
    functions = {line.function.name: line.function for line in lines if line.function}
    return "\n\n".join(inspect.getsource(each.call).rstrip() for each in functions.values())
