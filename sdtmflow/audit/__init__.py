"""The audit log: who did what to which bundle, in a chain that shows every change."""

from sdtmflow.audit.check import LogFault, LogReading, Seen, read_log
from sdtmflow.audit.event import PUBLISH, Act, Actor, Event, Head
from sdtmflow.audit.known import KnownHeads
from sdtmflow.audit.log import (
    Admit,
    Clock,
    events,
    head,
    last_event,
    log_series,
    mirror,
    now,
    record,
    record_publication,
)

__all__ = [
    "PUBLISH",
    "Act",
    "Actor",
    "Admit",
    "Clock",
    "Event",
    "Head",
    "KnownHeads",
    "LogFault",
    "LogReading",
    "Seen",
    "events",
    "head",
    "last_event",
    "log_series",
    "mirror",
    "now",
    "read_log",
    "record",
    "record_publication",
]
