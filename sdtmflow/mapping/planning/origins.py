"""Origin and method of a variable: as the line says, else as its verb implies."""

from __future__ import annotations

from sdtmflow.dataset import Origin, OriginSource, OriginType
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.planning.references import extreme_of, study_day_of
from sdtmflow.mapping.spec import Age, OriginSpec

_COLLECTED = {"assign", "assign_ct", "datetime", "number", "coalesce", "multiple"}
_ASSIGNED = {"constant", "visit", "lookup"}
_SOURCES: dict[OriginType, OriginSource] = {
    "Collected": "Investigator",
    "Derived": "Sponsor",
    "Assigned": "Sponsor",
    "Protocol": "Sponsor",
}


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


def method_of(line: PlannedLine) -> str:
    """The derivation in words; empty where nothing is derived."""
    if line.line.method:
        return line.line.method
    if origin_of(line).type != "Derived":
        return ""
    return _METHODS.get(line.line.verb, _by_expression)(line)


def _study_day(line: PlannedLine) -> str:
    day = study_day_of(line.line)
    return (
        f"{day.date} minus {day.reference} in days, plus 1 on or after {day.reference}; "
        "there is no day 0; missing where either date is not complete"
    )


def _age(line: PlannedLine) -> str:
    spec = line.line.age or Age()
    return f"Completed {spec.unit.lower()} from {spec.birth} to {spec.at}"


def _baseline(line: PlannedLine) -> str:
    spec = line.line.baseline
    reference = spec.reference if spec else ""
    by = ", ".join(spec.by) if spec else ""
    return f"Y on the last non-missing result on or before {reference} per subject and {by}"


def _sequence(line: PlannedLine) -> str:
    spec = line.line.sequence
    by = "the natural key" if spec is None or spec.by == "keys" else ", ".join(spec.by)
    if line.variable == f"{line.domain}SEQ":
        return f"The subject's next number, in the order of {by}; kept in every later delivery"
    return f"Consecutive number of the subject's records in the order of {by}"


def _extreme(line: PlannedLine) -> str:
    spec = extreme_of(line.line)
    where = f" where {spec.where}" if spec.where else ""
    return f"{line.line.verb.capitalize()} of {', '.join(spec.of)}{where}"


def _epoch(_: PlannedLine) -> str:
    return "EPOCH of the subject's element (SE) in which the date falls"


def _convert(line: PlannedLine) -> str:
    return (
        f"Collected result in standard units, by the conversion table '{line.line.convert.table}'"
        if line.line.convert
        else ""
    )


def _range_indicator(line: PlannedLine) -> str:
    spec = line.line.range_indicator
    return f"{spec.result} compared with {spec.low} and {spec.high}" if spec else ""


def _duration(line: PlannedLine) -> str:
    spec = line.line.duration
    if spec is None or spec.value:
        return ""
    days = ", first and last day counted" if spec.both_days else ""
    return f"Time from {spec.start} to {spec.end}{days}"


def _by_expression(line: PlannedLine) -> str:
    return expression_of(line)


_METHODS = {
    "study_day": _study_day,
    "age": _age,
    "baseline": _baseline,
    "sequence": _sequence,
    "earliest": _extreme,
    "latest": _extreme,
    "epoch": _epoch,
    "convert": _convert,
    "range_indicator": _range_indicator,
    "duration": _duration,
}


def expression_of(line: PlannedLine) -> str:
    """The line as the spec says it: ``study_day: AESTDTC``."""
    argument = getattr(line.line, line.line.verb)
    if hasattr(argument, "model_dump"):
        argument = argument.model_dump(by_alias=True, exclude_defaults=True)
    elif isinstance(argument, list):
        argument = [
            part.model_dump(by_alias=True, exclude_none=True)
            if hasattr(part, "model_dump")
            else part
            for part in argument
        ]
    return f"{line.line.verb}: {argument}"
