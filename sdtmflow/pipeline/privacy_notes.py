"""What study.yaml settles about identifiers of people, as the report tells it."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.finding import Stage
from sdtmflow.privacy import MASK, Precision, Privacy
from sdtmflow.report import NotChecked

_DONE = {"allow": "is allowed", "drop": "is never staged", "mask": f"is staged as {MASK}"}
_ALLOWED: dict[Precision, str] = {
    "full": "birth dates are allowed to the day",
    "year-month": "birth dates are allowed to the month",
    "year": "years of birth are allowed",
}


def allowed(privacy: Privacy) -> Iterator[NotChecked]:
    """What was not looked at, with the study's reason; nothing for a study that says nothing."""
    if "birth_date" in privacy.model_fields_set:
        yield _note("", f"{_ALLOWED[privacy.birth_date]} (privacy.birth_date)")
    for name, rule in privacy.columns.items():
        table, _, column = name.partition(".")
        yield _note(table, f"column {column} {_DONE[rule.do]} (privacy.columns): {rule.reason}")


def _note(table: str, reason: str) -> NotChecked:
    return NotChecked(table=table, reason=reason, stage=Stage.RAW, rule="PRIVACY")
