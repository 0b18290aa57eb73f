"""The run that a register takes in."""

from __future__ import annotations

from dataclasses import dataclass

from sdtmflow.audit import Actor
from sdtmflow.register.looked import Looked


@dataclass(frozen=True, slots=True)
class SeenBy:
    """A run: its id (the same inputs have the same), data cut-off, and what it looked at."""

    run: str
    cutoff: str
    """ISO 8601 date."""
    looked: Looked
    actor: Actor
    limits: str = ""
    """``sites 01, 03``: what the run was limited to; empty: to nothing."""
