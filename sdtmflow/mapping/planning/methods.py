"""The derivation of a variable in words: as its lines say, else in the words of their verbs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable

from sdtmflow.mapping.planning.origins import as_written, origin_of
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.planning.references import extreme_of, study_day_of
from sdtmflow.mapping.spec import Age, Assigned, Constant


def methods_of(lines: Iterable[PlannedLine]) -> str:
    """The methods of a variable's lines, each once, in the order in which they are asked."""
    return "; otherwise ".join(dict.fromkeys(m for line in lines if (m := method_of(line))))


def method_of(line: PlannedLine) -> str:
    """The derivation in words; empty where nothing is derived."""
    if line.line.method:
        return line.line.method
    if origin_of(line).type != "Derived":
        return ""
    words = _METHODS.get(line.line.verb)
    return words(line) if words else as_written(line.line)


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


def _case(line: PlannedLine) -> str:
    said = [
        f"{_result(branch.then)} where {branch.when}"
        if branch.when
        else f"otherwise {_result(branch.else_)}"
        for branch in line.line.case or ()
    ]
    return "; ".join(said)


def _result(value: str | float | Assigned | None) -> str:
    if value is None:
        return "missing"
    return f"the value of {value.assign}" if isinstance(value, Assigned) else str(value)


def _lookup(line: PlannedLine) -> str:
    spec = line.line.lookup
    if spec is None:
        return ""
    value = spec.value.constant if isinstance(spec.value, Constant) else " and ".join(spec.values())
    matched = [f"{there} is {here}" for there, here in spec.match.items()]
    where = " and ".join([*matched, *([spec.where] if spec.where else [])])
    take = "" if spec.take == "only" else f", {spec.take} of several"
    found = f"{value} of {spec.dataset or spec.table}" + (f" where {where}" if where else "")
    return found + take


def _concat(line: PlannedLine) -> str:
    spec = line.line.concat
    if spec is None:
        return ""
    between = f" with '{spec.separator}' between them" if spec.separator else " without a separator"
    return f"{_listed(spec.parts)} joined{between}"


def _coalesce(line: PlannedLine) -> str:
    return f"The first of {_listed(line.line.coalesce or ())} that is not missing"


def _listed(parts: Iterable[str | Constant]) -> str:
    return ", ".join(f"'{part.constant}'" if isinstance(part, Constant) else part for part in parts)


def _derive(line: PlannedLine) -> str:
    """The first line of the function's docstring, else its name."""
    said = inspect.getdoc(line.function.call) if line.function else ""
    return said.splitlines()[0] if said else f"By the function {line.line.derive}"


_METHODS: dict[str, Callable[[PlannedLine], str]] = {
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
    "case": _case,
    "lookup": _lookup,
    "concat": _concat,
    "coalesce": _coalesce,
    "derive": _derive,
}
