"""A verdict as JSON, for programs and for the bundle."""

from __future__ import annotations

import json
from typing import Any

from sdtmflow.gate.criterion import Breach
from sdtmflow.gate.judging import Verdict


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """The verdict without where the package lies on this machine."""
    return {
        "agency": verdict.agency,
        "sequence": verdict.is_sequence,
        "passed": verdict.passed,
        "files": verdict.files,
        "datasets": verdict.datasets,
        "applied": verdict.applied,
        "criteria": [
            {"id": one.criterion.id, "decision": one.decision.value, "why": one.why}
            for one in verdict.judgements
        ],
        "breaches": [_breach(one) for one in verdict.breaches],
    }


def _breach(breach: Breach) -> dict[str, str]:
    criterion = breach.criterion
    return {
        "criterion": criterion.id,
        "weight": criterion.weight.value,
        "place": breach.place,
        "what": breach.what,
        "words": criterion.words,
        "source": criterion.source,
        "remedy": criterion.remedy,
    }


def verdict_json(verdict: Verdict) -> str:
    """``as_dict`` as text; the same verdict is the same text."""
    return json.dumps(as_dict(verdict), indent=1, ensure_ascii=False) + "\n"
