"""When the planned visits are: a USDM's main timeline as study days and windows.

The anchor (the timing of type Fixed Reference) is study day 1. Every other timing says how far its
instance is before or after another one, so that the way to the anchor adds up to the day. A day or
a window that is no number of whole days is not said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sdtmflow.usdm.model import Encounter, ScheduleTimeline, StudyDesign, Timing

_BEFORE, _FIXED = "C201357", "C201358"
"""DDF controlled terminology: Before and Fixed Reference timing type."""
_DURATION = re.compile(
    r"[+-]?P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:0+M)?(?:0+S)?)?"
)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The planned day of a visit and its window, as far as they are said."""

    day: int | None = None
    window: tuple[int, int] | None = None


def scheduled(design: StudyDesign, encounter: Encounter) -> Scheduled:
    """When the encounter is, by the main timeline."""
    timeline = next((each for each in design.schedule_timelines if each.main_timeline), None)
    timing = _timing(timeline, encounter) if timeline else None
    if timeline is None or timing is None:
        return Scheduled()
    distance = _distance(timeline, timing)
    if distance is None:
        return Scheduled()
    lower, upper = whole_days(timing.window_lower), whole_days(timing.window_upper)
    window = None
    if lower is not None and upper is not None:
        window = (_study_day(distance - lower), _study_day(distance + upper))
    return Scheduled(_study_day(distance), window)


def whole_days(duration: str) -> int | None:
    """``P2W`` → 14; None for a duration of months, of years, or with a part of a day."""
    found = _DURATION.fullmatch(duration)
    if not found or not re.search(r"\d", duration):
        return None
    weeks, days, hours = (int(found[name] or 0) for name in ("weeks", "days", "hours"))
    return None if hours % 24 else weeks * 7 + days + hours // 24


def _timing(timeline: ScheduleTimeline, encounter: Encounter) -> Timing | None:
    """The timing that the encounter names, else that of its first instance."""
    named = [timing for timing in timeline.timings if timing.id == encounter.scheduled_at_id]
    instances = [each.id for each in timeline.instances if each.encounter_id == encounter.id]
    told = [_from(timeline, instance) for instance in instances]
    return next(iter([*named, *(timing for timing in told if timing)]), None)


def _from(timeline: ScheduleTimeline, instance: str) -> Timing | None:
    own = (t for t in timeline.timings if t.relative_from_scheduled_instance_id == instance)
    return next(own, None)


def _distance(timeline: ScheduleTimeline, timing: Timing) -> int | None:
    """Whole days from the anchor; None where the way to it is not said or leads in a circle."""
    total = 0
    for _ in timeline.timings:
        if timing.type.code == _FIXED:
            return total
        days = whole_days(timing.value)
        onward = _from(timeline, timing.relative_to_scheduled_instance_id)
        if days is None or onward is None:
            return None
        total += -days if timing.type.code == _BEFORE else days
        timing = onward
    return None


def _study_day(distance: int) -> int:
    """There is no study day 0."""
    return distance + 1 if distance >= 0 else distance
