"""Rules in words that hold no value of any record."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_TEXTS = Path(__file__).with_name("rule_texts.csv")
_VALUE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([a-z_]+)")


def rule_text(rule: str, of_study: Mapping[str, tuple[str, ...]]) -> str:
    """What a rule says.

    ``of_study`` are the messages of the study's own suites, in which ``{COLUMN}`` stands for the
    record's value and stays as a name; a finding's own message would tell the value. Of several
    messages that differ, what they have in common is kept, and ``…`` stands for the rest.
    """
    if rule in of_study:
        return _VALUE.sub(lambda found: f"[{found[1] or found[2]}]", _shared(of_study[rule]))
    return _texts().get(rule) or rule.replace("_", " ").capitalize()


def _shared(messages: tuple[str, ...]) -> str:
    first, *others = (message.split() for message in messages)
    if any(len(other) != len(first) for other in others):
        return messages[0]
    kept = [
        word if all(other[at] == word for other in others) else "…" for at, word in enumerate(first)
    ]
    return " ".join(
        word for at, word in enumerate(kept) if word != "…" or kept[at - 1 : at] != ["…"]
    )


@cache
def _texts() -> dict[str, str]:
    with _TEXTS.open(encoding="utf-8", newline="") as file:
        return {row["rule"]: row["text"] for row in csv.DictReader(file)}
