"""What a screen may want to know while a flow runs, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from sdtmflow.bundle.meter import unseen

Status = Literal["started", "done", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Event:
    """A job began or ended; ``reason`` says why it failed."""

    step: str
    """The step as a person calls it."""
    part: str
    """The site or source; empty for the whole study."""
    status: Status
    reason: str = ""
    done: int = 0
    total: int = 0
    """Bytes, where a step that has ``started`` moves many; else 0."""


Listener = Callable[[Event], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell ``listener`` every event of the flows that run inside."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def transfer_of(step: str) -> Callable[[int, int], None]:
    """What tells whoever listens now how many bytes of all a step has moved, from any thread."""
    listener = _listener.get()
    if not listener:
        return unseen
    return lambda done, total: listener(Event(step, "", "started", done=done, total=total))


def tell(step: str, part: str, status: Status, reason: str = "") -> None:
    """Tell whoever listens."""
    listener = _listener.get()
    if listener:
        listener(Event(step, part, status, reason))
