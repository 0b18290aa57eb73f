"""The rejection gate: an independent reader of a finished package says what an agency would."""

from sdtmflow.gate.criterion import Breach, Criterion, Weight
from sdtmflow.gate.judging import Decision, Judgement, Verdict, asked, judge
from sdtmflow.gate.rules import CRITERIA
from sdtmflow.gate.telling import as_dict, verdict_json

__all__ = [
    "CRITERIA",
    "Breach",
    "Criterion",
    "Decision",
    "Judgement",
    "Verdict",
    "Weight",
    "as_dict",
    "asked",
    "judge",
    "verdict_json",
]
