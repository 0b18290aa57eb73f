"""What a line reads: the names in it, and what each stands for (see ``spec/__init__.py``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sdtmflow.mapping.spec import (
    Branch,
    Constant,
    DateParts,
    Epoch,
    Extreme,
    Line,
    StudyDay,
)
from sdtmflow.mapping.values.conditions import names, parse

RAW = "raw"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a name stands for: a raw column, a variable of the domain, or of another dataset."""

    kind: str
    """``raw``, ``own`` or ``other``."""
    name: str
    dataset: str = ""

    @property
    def column(self) -> str:
        """Its column in the frame of the domain's records."""
        prefix = {"raw": f"{RAW}.", "own": "", "other": f"{self.dataset}."}[self.kind]
        return prefix + self.name


@dataclass(frozen=True, slots=True)
class Read:
    """A name in a line, and whether a plain name there prefers the raw column."""

    name: str
    raw_first: bool


def reads(line: Line) -> tuple[Read, ...]:
    """The names that the line reads in its own domain's records, each once."""
    found = [*_READERS.get(line.verb, _plain)(line)]
    if line.when:
        found += [Read(name, raw_first=True) for name in names(parse(line.when))]
    return tuple(dict.fromkeys(found))


def study_day_of(line: Line) -> StudyDay:
    """The long form of a ``study_day``."""
    return (
        line.study_day
        if isinstance(line.study_day, StudyDay)
        else StudyDay(date=line.study_day or "")
    )


def epoch_of(line: Line) -> Epoch:
    """The long form of an ``epoch``."""
    return line.epoch if isinstance(line.epoch, Epoch) else Epoch(date=line.epoch or "")


def extreme_of(line: Line) -> Extreme:
    """The long form of an ``earliest`` or ``latest``."""
    argument = line.earliest or line.latest or ""
    return argument if isinstance(argument, Extreme) else Extreme(of=[argument])


def datetime_of(line: Line) -> tuple[str, ...]:
    """The date column and, if any, the time column of a ``datetime``; or the columns of parts."""
    argument = line.datetime or ()
    if isinstance(argument, DateParts):
        return (*argument.columns().values(), *([argument.time] if argument.time else []))
    return (argument,) if isinstance(argument, str) else tuple(argument)


def _raw(*found: str) -> Iterator[Read]:
    return (Read(name, raw_first=True) for name in found)


def _sdtm(*found: str) -> Iterator[Read]:
    return (Read(name, raw_first=False) for name in found)


def _plain(line: Line) -> Iterator[Read]:
    argument = getattr(line, line.verb)
    return _raw(argument) if line.verb in {"assign", "assign_ct", "number"} else iter(())


def _concat(line: Line) -> Iterator[Read]:
    parts = line.concat.parts if line.concat else line.coalesce or []
    return _raw(*(part for part in parts if not isinstance(part, Constant)))


def _case(line: Line) -> Iterator[Read]:
    for branch in line.case or []:
        if branch.when:
            yield from _raw(*names(parse(branch.when)))
        yield from _raw(*_assigned(branch))


def _assigned(branch: Branch) -> Iterator[str]:
    for result in (branch.then, branch.else_):
        if result is not None and not isinstance(result, str | int | float):
            yield result.assign


def _multiple(line: Line) -> Iterator[Read]:
    return _raw(*(line.multiple.columns() if line.multiple else ()))


def _duration(line: Line) -> Iterator[Read]:
    if spec := line.duration:
        yield from _sdtm(*(name for name in (spec.start, spec.end) if name))
        yield from _raw(*(name for name in (spec.value, spec.unit) if isinstance(name, str)))


def _range_indicator(line: Line) -> Iterator[Read]:
    if spec := line.range_indicator:
        yield from _sdtm(spec.result, spec.low, spec.high, *([spec.text] if spec.text else []))


def _convert(line: Line) -> Iterator[Read]:
    convert = line.convert
    return _raw(convert.value, convert.unit, convert.test) if convert else iter(())


def _lookup(line: Line) -> Iterator[Read]:
    return _raw(*line.lookup.match.values()) if line.lookup else iter(())


def _visit(line: Line) -> Iterator[Read]:
    if line.visit:
        visit = line.visit
        yield from _raw(*([visit.collected] if visit.collected else []))
        yield from _sdtm(*([visit.date] if visit.date else []))
        yield from _sdtm(*([visit.reference] if visit.window != "never" else []))


def _baseline(line: Line) -> Iterator[Read]:
    if line.baseline:
        baseline = line.baseline
        yield from _sdtm(baseline.result, baseline.date, *baseline.by, baseline.reference)


def _study_day(line: Line) -> Iterator[Read]:
    day = study_day_of(line)
    return _sdtm(day.date, day.reference)


def _age(line: Line) -> Iterator[Read]:
    return _sdtm(line.age.birth, line.age.at) if line.age else iter(())


_READERS: Mapping[str, Callable[[Line], Iterator[Read]]] = {
    "concat": _concat,
    "coalesce": _concat,
    "case": _case,
    "datetime": lambda line: _raw(*datetime_of(line)),
    "multiple": _multiple,
    "convert": _convert,
    "range_indicator": _range_indicator,
    "duration": _duration,
    "lookup": _lookup,
    "study_day": _study_day,
    "age": _age,
    "epoch": lambda line: _sdtm(epoch_of(line).date),
    "visit": _visit,
    "baseline": _baseline,
    "derive": lambda line: _sdtm(*line.needs),
}
