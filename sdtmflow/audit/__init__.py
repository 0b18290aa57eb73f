"""The audit log: who did what to which bundle, in a chain that shows every change."""

from sdtmflow.audit.event import PUBLISH, Act, Actor, Event, Head
from sdtmflow.audit.log import events, head, last_event, mirror, record, record_publication

__all__ = [
    "PUBLISH",
    "Act",
    "Actor",
    "Event",
    "Head",
    "events",
    "head",
    "last_event",
    "mirror",
    "record",
    "record_publication",
]
