"""A chosen column as a line of the spec: the standard's own line with the raw names put in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sdtmflow.drafting.choosing import Choice
from sdtmflow.drafting.evidence import Candidate
from sdtmflow.drafting.knowledge import DomainKnowledge, Target
from sdtmflow.drafting.shapes import date_formats


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A proposal: what the spec would say of the variable, and why."""

    variable: str
    columns: tuple[str, ...]
    data: dict[str, Any]
    confidence: float
    reasons: tuple[str, ...]
    supplemental: bool = False
    served: bool = False
    """The standard spec already says it."""
    doubt: str = ""
    """Why the line may not stand, though its column seems right."""

    @property
    def label(self) -> str:
        """The evidence in one line."""
        return f"{self.confidence:.2f}: {', '.join(self.columns)}: {'; '.join(self.reasons)}"


def lines_of(choice: Choice, declared: list[str]) -> list[DraftLine]:
    """The lines in the guide's order; ``declared`` are the source's date formats."""
    times = {each.target.name: each for each in choice.taken if each.part == "time"}
    values = [each for each in choice.taken if each.part == "value"]
    values.sort(key=lambda each: (each.target.supplemental, each.target.facts.order))
    return [_line(choice.domain, each, times.get(each.target.name), declared) for each in values]


def _line(
    domain: DomainKnowledge, value: Candidate, time: Candidate | None, declared: list[str]
) -> DraftLine:
    target = value.target
    columns = (value.column.name, *([time.column.name] if time else []))
    data = _said(target, columns)
    doubt = _of_several_sets(domain, target)
    if target.name.endswith("DTC"):
        found = date_formats(value.column.values, declared)
        if found.formats and found.formats != ("ISO",):
            data["formats"] = [*found.formats, *(["HH:MM"] if time else [])]
        if found.ambiguous:
            doubt = f"its texts fit {found.ambiguous[0]} and the same with day and month changed"
    confidence = min([value.confidence, *([time.confidence] if time else [])])
    served = target.line is not None and columns == target.raw[: len(columns)]
    return DraftLine(
        variable=target.name,
        columns=columns,
        data=data,
        confidence=confidence,
        reasons=(*value.reasons, *(time.reasons if time else ())),
        supplemental=target.supplemental,
        served=served and "formats" not in data,
        doubt="" if served and "formats" not in data else doubt,
    )


def _said(target: Target, columns: tuple[str, ...]) -> dict[str, Any]:
    argument: Any = columns[0] if len(columns) == 1 else list(columns)
    line = target.line
    if line is None:
        return {_verb(target): argument}
    data = line.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if line.visit:
        data["visit"]["collected"] = columns[0]
    elif line.verb == "coalesce":
        data = {"assign": columns[0]} | {k: v for k, v in data.items() if k != "coalesce"}
    else:
        data[line.verb] = argument
    return data


def _verb(target: Target) -> str:
    if target.name.endswith("DTC"):
        return "datetime"
    if target.facts.type == "Num":
        return "number"
    return "assign_ct" if target.codelists else "assign"


def _of_several_sets(domain: DomainKnowledge, target: Target) -> str:
    """A line over a variable that several raw tables' record sets make would stand for them all."""
    if domain.standard is None:
        return ""
    made = {at for at, each in enumerate(domain.standard.record_sets) if "builtin." in each.from_}
    sets = {entry.record_set for name, entry in domain.standard.lines if name == target.name}
    sets -= made
    if len(sets) > 1:
        return "the standard spec makes it in several record sets; rename the column instead"
    return ""
