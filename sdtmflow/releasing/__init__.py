"""Releases: who approved a bundle, what forbids its release, and what keeps it afterwards."""

from sdtmflow.releasing.approving import approve, revoke
from sdtmflow.releasing.gates import ClosedGatesError, Gate
from sdtmflow.releasing.holding import extend, hold, unhold
from sdtmflow.releasing.release import Released, release
from sdtmflow.releasing.signatory import Signatory
from sdtmflow.releasing.state import State, state_of

__all__ = [
    "ClosedGatesError",
    "Gate",
    "Released",
    "Signatory",
    "State",
    "approve",
    "extend",
    "hold",
    "release",
    "revoke",
    "state_of",
    "unhold",
]
