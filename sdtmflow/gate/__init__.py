"""The rejection gate: an independent reader of a finished package says what an agency would."""

from sdtmflow.gate.criterion import Breach, Criterion, Weight
from sdtmflow.gate.judging import Decision, Judgement, Verdict, judge
from sdtmflow.gate.rules import CRITERIA

__all__ = ["CRITERIA", "Breach", "Criterion", "Decision", "Judgement", "Verdict", "Weight", "judge"]
